/*
 * Limits of a document's size. They apply to its text: 10 bytes of jsonb can be 131,072 bytes of
 * text, which a dump, COPY or an answer may not be able to hold.
 * docs/decisions/0014-document-size.md has the reasons.
 */
#pragma once

#include "pg/error.hpp"
#include "pg/jsonb.hpp"

#include <cstdint>
#include <string_view>

namespace opigno::json {

inline constexpr std::uint32_t max_number = 1000;               /* characters */
inline constexpr std::int64_t max_document = JENTRY_OFFLENMASK; /* bytes */
inline constexpr std::int64_t default_of_requests = 1048576;    /* bytes */

enum class Excess { None, Number, Size };

/* What is too large in a given document. max_size: the bytes that its text may have. */
Excess excess_of(const Jsonb *given, std::int64_t max_size);
Excess excess_of(const JsonbValue &given, std::int64_t max_size);

/*
 * The same for a document that will replace a stored one (nullptr: there is none). `wanted` is the
 * result of merging the given document into the stored one. A long number is an excess only if it
 * is in the given document, and a large document only if it has grown: otherwise a stored document
 * with an excess could not be corrected.
 */
Excess excess_of(const Jsonb *given, const Jsonb *wanted, const Jsonb *stored, std::int64_t max_size);

/* Returns the error message for an excess that is not None. The SQLSTATE is
 * ERRCODE_PROGRAM_LIMIT_EXCEEDED. */
const char *message_of(Excess excess, std::int64_t max_size);

/* Adds an error (54000) unless the excess is None. hint: for a document that is too large for a request. */
void add_excess(Excess excess, std::int64_t max_size, const char *hint, pg::Errors &errors);

/* Raises that error. */
void check_excess(Excess excess, std::int64_t max_size, const char *hint);

/* Whether a number has more characters than max_number. */
bool is_too_long(const JsonbValue &number);

} // namespace opigno::json
