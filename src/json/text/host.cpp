#include "json/text/host.hpp"

#include "pg/encoding.hpp"
#include "pg/number.hpp"
#include "json/text/string_text.hpp"

#include <cstring>

namespace opigno::json {

namespace {

/* Not inlined: with these arrays, write_character() would need a stack protector for UTF-8 too. */
[[gnu::noinline]] char *write_converted(char *to, std::uint32_t point, int encoding)
{
    const Oid conversion = FindDefaultConversionProc(PG_UTF8, encoding);
    if (!OidIsValid(conversion))
        return nullptr;
    char source[5] = {};
    constexpr int room = 4 * MAX_CONVERSION_GROWTH + 1;
    unsigned char made[room] = {};
    const auto length = static_cast<int>(write_utf8(source, point) - source);
    if (pg_do_encoding_conversion_buf(conversion, PG_UTF8, encoding,
                                      reinterpret_cast<unsigned char *>(source), length, made, room,
                                      true) < length)
        return nullptr;
    constexpr std::size_t max_character = 4; /* no escape is shorter */
    const std::size_t size = std::strlen(reinterpret_cast<char *>(made));
    if (size == 0 || size > max_character)
        return nullptr;
    std::memcpy(to, made, size);
    return to + size;
}

} // namespace

char *write_number(char *to, std::string_view text)
{
    char *token = pnstrdup(text.data(), text.size());
    auto *made = DatumGetNumeric(DirectFunctionCall3(numeric_in, CStringGetDatum(token),
                                                     ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
    const std::size_t size = VARSIZE(made);
    std::memcpy(to, made, size);
    pfree(made);
    pfree(token);
    return to + size;
}

char *write_character(char *to, std::uint32_t point)
{
    const int encoding = GetDatabaseEncoding();
    return encoding == PG_UTF8 ? write_utf8(to, point) : write_converted(to, point, encoding);
}

} // namespace opigno::json
