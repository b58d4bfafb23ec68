/* Converts between PostgreSQL's text and std::string_view. Only make_text and quoted copy the
 * value. */
#pragma once

#include "pg/encoding.hpp"
#include "pg/postgres.hpp"

extern "C" {
#include <access/detoast.h>
}

#include <string_view>

namespace opigno::pg {

inline std::string_view view(const text *value)
{
    return {VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value)};
}

/* The number of bytes, without reading a value that is stored out of line. */
inline std::size_t text_size(Datum value)
{
    return toast_raw_datum_size(value) - VARHDRSZ;
}

inline text *make_text(std::string_view value)
{
    return cstring_to_text_with_len(value.data(), static_cast<int>(value.size()));
}

/* Returns the length of the longest prefix of whole characters that fits into max_bytes, for
 * messages. */
inline int clipped_length(std::string_view value, int max_bytes = 63)
{
    int length = pg_mbcliplen(value.data(), static_cast<int>(value.size()), max_bytes);
    /* In SQL_ASCII every byte is a character. The bytes may be UTF-8, so no UTF-8 character is
     * split. */
    if (GetDatabaseEncoding() == PG_SQL_ASCII && length < static_cast<int>(value.size()))
        while (length > 0 &&
               (static_cast<unsigned char>(value[static_cast<std::size_t>(length)]) & 0xC0U) == 0x80)
            --length;
    return length;
}

/* Returns that prefix as a string. */
inline const char *quoted(std::string_view value, int max_bytes = 63)
{
    return pnstrdup(value.data(), static_cast<Size>(clipped_length(value, max_bytes)));
}

/* Returns the value as the function's result, or NULL if the value is 0. */
inline Datum value_or_null(FunctionCallInfo fcinfo, Datum value)
{
    fcinfo->isnull = value == Datum{0};
    return value;
}

inline text *text_argument(FunctionCallInfo fcinfo, int argument_number)
{
    return PG_ARGISNULL(argument_number) ? nullptr : PG_GETARG_TEXT_PP(argument_number);
}

} // namespace opigno::pg
