/* search_key and search_key_end; src/training/visibility.sql has the contracts. */
#include "pg/encoding.hpp"
#include "pg/text.hpp"
#include "text/case_folding.hpp"
#include "text/encoding.hpp"
#include "text/unicode.hpp"

namespace opigno::texts {

namespace {

/* Returns a code point in UTF-8. */
std::string_view utf8_of(char32_t point, unsigned char (&bytes)[5])
{
    unicode_to_utf8(static_cast<pg_wchar>(point), bytes);
    return {reinterpret_cast<char *>(bytes), static_cast<std::size_t>(pg_utf_mblen(bytes))};
}

/* Appends a character that is folded. A character that the encoding does not have stays unfolded. */
void append_folded(StringInfo key, char32_t point, std::string_view given)
{
    unsigned char bytes[5] = {};
    const char32_t to = folded(point);
    const std::string_view utf8 = to == point ? given : utf8_of(to, bytes);
    const std::string_view stored = from_utf8(utf8).value_or(from_utf8(given).value_or(given));
    appendBinaryStringInfo(key, stored.data(), static_cast<int>(stored.size()));
}

text *search_key(std::string_view value)
{
    StringInfoData key;
    initStringInfo(&key);
    const std::string_view part =
        value.substr(0, static_cast<std::size_t>(pg::clipped_length(value, max_converted)));
    std::string_view rest = as_utf8(part).value_or(part);
    bool after_space = true;
    while (!rest.empty()) {
        const char *at = rest.data();
        const char32_t point = take_code_point(rest);
        const bool is_space = is_white_space(point);
        if (!is_space)
            append_folded(&key, point, {at, static_cast<std::size_t>(rest.data() - at)});
        else if (!after_space)
            appendStringInfoChar(&key, ' ');
        after_space = is_space;
    }
    return pg::make_text({key.data, static_cast<std::size_t>(key.len)});
}

/* A text after all keys, which have up to 255 characters. */
text *last_key()
{
    constexpr int characters = 256;
    const int encoding = GetDatabaseEncoding();
    const char *last = encoding == PG_UTF8                      ? "\xF4\x8F\xBF\xBF"
                       : pg_database_encoding_max_length() == 1 ? "\xFF"
                                                                : "\xFE\xFE";
    StringInfoData key;
    initStringInfo(&key);
    for (int at = 0; at < characters; ++at)
        appendStringInfoString(&key, last);
    return pg::make_text({key.data, static_cast<std::size_t>(key.len)});
}

/* Titles have up to 255 characters: what follows the prefix in a key is less than last_key(). */
text *prefix_and_last_key(std::string_view prefix)
{
    const std::string_view last = pg::view(last_key());
    StringInfoData end;
    initStringInfo(&end);
    appendBinaryStringInfo(&end, prefix.data(), static_cast<int>(prefix.size()));
    appendBinaryStringInfo(&end, last.data(), static_cast<int>(last.size()));
    return pg::make_text({end.data, static_cast<std::size_t>(end.len)});
}

/* The prefix with the next character in the place of the last one. The bytes of UTF-8 are in the order
 * of the code points. A last character that has no successor is dropped. */
text *successor_in_utf8(std::string_view prefix)
{
    constexpr char32_t last_point = 0x10FFFF;
    constexpr char32_t first_surrogate = 0xD800;
    constexpr char32_t after_surrogates = 0xE000;
    while (!prefix.empty()) {
        const auto length = static_cast<int>(prefix.size());
        const auto head = static_cast<std::size_t>(pg_mbcliplen(prefix.data(), length, length - 1));
        std::string_view last = prefix;
        last.remove_prefix(head);
        const char32_t point = take_code_point(last);
        prefix.remove_suffix(prefix.size() - head);
        if (point == last_point)
            continue;
        unsigned char bytes[5] = {};
        const std::string_view next =
            utf8_of(point + 1 == first_surrogate ? after_surrogates : point + 1, bytes);
        return pg::make_text({psprintf("%.*s%.*s", static_cast<int>(head), prefix.data(),
                                       static_cast<int>(next.size()), next.data()),
                              head + next.size()});
    }
    return last_key();
}

/* The same where a character is a byte. */
text *successor_in_bytes(std::string_view prefix)
{
    constexpr char last_byte = '\xFF';
    while (prefix.ends_with(last_byte))
        prefix.remove_suffix(1);
    if (prefix.empty())
        return last_key();
    text *end = pg::make_text(prefix);
    ++VARDATA(end)[prefix.size() - 1];
    return end;
}

text *end_of(const text *key)
{
    const std::string_view prefix = pg::view(key);
    if (GetDatabaseEncoding() == PG_UTF8)
        return successor_in_utf8(prefix);
    return pg_database_encoding_max_length() == 1 ? successor_in_bytes(prefix) : prefix_and_last_key(prefix);
}

} // namespace

} // namespace opigno::texts

using namespace opigno;

OPIGNO_STRICT_FUNCTION(opigno_search_key)
{
    PG_RETURN_TEXT_P(texts::search_key(pg::view(PG_GETARG_TEXT_PP(0))));
}

OPIGNO_STRICT_FUNCTION(opigno_search_key_end)
{
    PG_RETURN_TEXT_P(texts::end_of(texts::search_key(pg::view(PG_GETARG_TEXT_PP(0)))));
}
