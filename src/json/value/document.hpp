/* Converts a jsonb value of the server to the container that code without PostgreSQL reads, and
 * back. */
#pragma once

#include "pg/jsonb.hpp"
#include "json/value/jsonb_format.hpp"

namespace opigno::json {

inline std::string_view container_of(const Jsonb *document)
{
    return {VARDATA(document), VARSIZE(document) - VARHDRSZ};
}

/* The root of a document. A scalar is stored as an array of one element. */
inline Value value_of(const Jsonb *document)
{
    const std::string_view container = container_of(document);
    const bool is_scalar = (word(container.data()) & scalar_flag) != 0;
    return is_scalar ? Entries(container.data(), 1).value(0) : Value{container_type, container};
}

inline bool is_object(const Jsonb *document)
{
    return (word(VARDATA(document)) & object_flag) != 0;
}

/* Raises 54000 for an object with more members than jsonb's input takes: no dump of it could be
 * restored. */
void check_pairs(std::size_t pairs);

/* Completes a document whose container ends there. Raises 54000 for nullptr, which says that an
 * object's data are longer than its entries can express. */
void finish(Jsonb *result, const char *end);

} // namespace opigno::json
