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

} // namespace

std::optional<std::string_view> as_utf8(std::string_view value)
{
    if (is_utf8(value))
        return value;
    if (value.size() > max_converted)
        ereport(ERROR, errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                errmsg("text of more than %zu bytes cannot be converted", max_converted));
    const int encoding = GetDatabaseEncoding();
    const Oid conversion = FindDefaultConversionProc(encoding, PG_UTF8);
    if (!OidIsValid(conversion))
        return std::nullopt;
    /* Conversion functions require a writable, null-terminated source. */
    const auto length = static_cast<int>(value.size());
    auto *source = reinterpret_cast<unsigned char *>(pnstrdup(value.data(), value.size()));
    constexpr std::size_t max_room = max_converted * MAX_CONVERSION_GROWTH + 1;
    static_assert(max_room <= MaxAllocSize && max_room <= std::numeric_limits<int>::max());
    const int room = length * MAX_CONVERSION_GROWTH + 1;
    auto *target = static_cast<unsigned char *>(palloc(static_cast<Size>(room)));
    const int converted =
        pg_do_encoding_conversion_buf(conversion, encoding, PG_UTF8, source, length, target, room, true);
    if (converted < length)
        return std::nullopt;
    return std::string_view(reinterpret_cast<char *>(target));
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
