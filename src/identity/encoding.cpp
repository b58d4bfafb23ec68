#include "identity/encoding.hpp"

#include "identity/unicode.hpp"
#include "pg/postgres.hpp"

namespace opigno::identity {

std::optional<std::string_view> as_utf8(std::string_view value)
{
    const int encoding = GetDatabaseEncoding();
    if (encoding == PG_UTF8 || encoding == PG_SQL_ASCII || unicode::is_ascii(value))
        return value;
    const Oid conversion = FindDefaultConversionProc(encoding, PG_UTF8);
    if (!OidIsValid(conversion))
        return std::nullopt;
    /* Conversion routines want a writable, terminated source. */
    const auto length = static_cast<int>(value.size());
    auto *source = reinterpret_cast<unsigned char *>(pnstrdup(value.data(), value.size()));
    const int room = length * MAX_CONVERSION_GROWTH + 1;
    auto *target = static_cast<unsigned char *>(palloc(static_cast<Size>(room)));
    const int converted =
        pg_do_encoding_conversion_buf(conversion, encoding, PG_UTF8, source, length, target, room, true);
    if (converted < length)
        return std::nullopt;
    return std::string_view(reinterpret_cast<char *>(target));
}

} // namespace opigno::identity
