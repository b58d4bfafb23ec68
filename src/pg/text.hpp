/* Between PostgreSQL's text and std::string_view. Nothing here copies but make_text and quoted. */
#pragma once

#include "pg/encoding.hpp"
#include "pg/postgres.hpp"

#include <string_view>

namespace opigno::pg {

inline std::string_view view(const text *value)
{
    return {VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value)};
}

inline text *make_text(std::string_view value)
{
    return cstring_to_text_with_len(value.data(), static_cast<int>(value.size()));
}

/* As many whole characters of `value` as fit into `max_bytes`: what a message may quote. */
inline int clipped_length(std::string_view value, int max_bytes = 63)
{
    int length = pg_mbcliplen(value.data(), static_cast<int>(value.size()), max_bytes);
    /* SQL_ASCII knows no characters; its bytes are taken for UTF-8, of which none is to be cut in two. */
    if (GetDatabaseEncoding() == PG_SQL_ASCII && length < static_cast<int>(value.size()))
        while (length > 0 &&
               (static_cast<unsigned char>(value[static_cast<std::size_t>(length)]) & 0xC0U) == 0x80)
            --length;
    return length;
}

/* The same as a string. */
inline const char *quoted(std::string_view value, int max_bytes = 63)
{
    return pnstrdup(value.data(), static_cast<Size>(clipped_length(value, max_bytes)));
}

/* The result of a function that found nothing where the value is 0. */
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
