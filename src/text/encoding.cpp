#include "text/encoding.hpp"

#include "pg/encoding.hpp"
#include "text/unicode.hpp"

#include <limits>

namespace opigno::texts {

namespace {

/* Bytes of a SQL_ASCII database are treated as UTF-8. */
bool is_utf8(std::string_view value)
{
    const int encoding = GetDatabaseEncoding();
    return encoding == PG_UTF8 || encoding == PG_SQL_ASCII || is_ascii(value);
}

/* Returns nothing if a character has no equivalent. */
std::optional<std::string_view> converted(std::string_view value, int from, int to)
{
    if (value.size() > max_converted)
        ereport(ERROR, errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                errmsg("text of more than %zu bytes cannot be converted", max_converted));
    const Oid conversion = FindDefaultConversionProc(from, to);
    if (!OidIsValid(conversion))
        return std::nullopt;
    /* Conversion functions require a writable, null-terminated source. */
    const auto length = static_cast<int>(value.size());
    auto *source = reinterpret_cast<unsigned char *>(pnstrdup(value.data(), value.size()));
    constexpr std::size_t max_room = max_converted * MAX_CONVERSION_GROWTH + 1;
    static_assert(max_room <= MaxAllocSize && max_room <= std::numeric_limits<int>::max());
    const int room = length * MAX_CONVERSION_GROWTH + 1;
    auto *target = static_cast<unsigned char *>(palloc(static_cast<Size>(room)));
    if (pg_do_encoding_conversion_buf(conversion, from, to, source, length, target, room, true) < length)
        return std::nullopt;
    return std::string_view(reinterpret_cast<char *>(target));
}

} // namespace

std::optional<std::string_view> as_utf8(std::string_view value)
{
    if (is_utf8(value))
        return value;
    return converted(value, GetDatabaseEncoding(), PG_UTF8);
}

std::optional<std::string_view> from_utf8(std::string_view value)
{
    if (!pg_verify_mbstr(PG_UTF8, value.data(), static_cast<int>(value.size()), true))
        return std::nullopt;
    if (is_utf8(value))
        return value;
    return converted(value, PG_UTF8, GetDatabaseEncoding());
}

std::string_view trimmed(std::string_view value)
{
    if (is_utf8(value))
        return trimmed_utf8(value);
    while (!value.empty() && is_ascii_space(value.front()))
        value.remove_prefix(1);
    while (!value.empty() && is_ascii_space(value.back()))
        value.remove_suffix(1);
    return value;
}

} // namespace opigno::texts
