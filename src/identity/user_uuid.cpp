#include "identity/user_uuid.hpp"

#include "identity/retired.hpp"
#include "identity/uuid_form.hpp"
#include "pg/encoding.hpp"
#include "pg/text.hpp"
#include "text/encoding.hpp"
#include "text/lower_case.hpp"
#include "text/unicode.hpp"

#include <algorithm>

namespace opigno::identity {

namespace {

constexpr std::size_t max_bytes = 255;

enum class Flaw { None, Empty, TooLong, Control, NotUnicode };

Flaw flaw_of(std::string_view value)
{
    if (value.empty())
        return Flaw::Empty;
    /* Skips the conversion of a value that is too long in any case: a character has at most four
     * bytes in any encoding, and at least one in UTF-8. */
    if (value.size() > 4 * max_bytes)
        return Flaw::TooLong;
    const std::optional<std::string_view> utf8 = texts::as_utf8(value);
    if (!utf8.has_value())
        return Flaw::NotUnicode;
    if (utf8->size() > max_bytes)
        return Flaw::TooLong;
    return texts::contains(*utf8, texts::is_control) ? Flaw::Control : Flaw::None;
}

} // namespace

std::string_view lower_case_utf8(const text *value)
{
    const std::string_view given = pg::view(value);
    StringInfoData lower;
    initStringInfo(&lower);
    texts::lower_case(texts::as_utf8(given).value_or(given), [&](char32_t point, std::string_view kept) {
        unsigned char bytes[5] = {};
        if (kept.empty()) {
            unicode_to_utf8(static_cast<pg_wchar>(point), bytes);
            kept = {reinterpret_cast<char *>(bytes), static_cast<std::size_t>(pg_utf_mblen(bytes))};
        }
        appendBinaryStringInfo(&lower, kept.data(), static_cast<int>(kept.size()));
    });
    return {lower.data, static_cast<std::size_t>(lower.len)};
}

text *canonical_user_uuid(text *value)
{
    const std::string_view given = pg::view(value);
    if (is_canonical(given))
        return value;
    text *result = pg::make_text(given);
    std::transform(given.begin(), given.end(), VARDATA(result), canonical_digit);
    return result;
}

text *checked_user_uuid(text *value, const char *member, pg::Errors &errors)
{
    const auto refuse = [&](const char *format) {
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, member, format, member);
    };
    if (value == nullptr) {
        refuse("\"%s\" is required");
        return nullptr;
    }
    switch (flaw_of(pg::view(value))) {
    case Flaw::Empty:
        refuse("\"%s\" must not be empty");
        return nullptr;
    case Flaw::TooLong:
        refuse("\"%s\" is longer than 255 bytes");
        return nullptr;
    case Flaw::Control:
        refuse("\"%s\" contains a control character");
        return nullptr;
    case Flaw::NotUnicode:
        refuse("\"%s\" contains a character that Unicode lacks");
        return nullptr;
    case Flaw::None:
        break;
    }
    return canonical_user_uuid(value);
}

const char *flaw_of_new_key(const text *canonical)
{
    const std::string_view value = pg::view(canonical);
    const std::string_view utf8 = texts::as_utf8(value).value_or(value);
    if (texts::trimmed_utf8(utf8).size() != utf8.size())
        return "must not begin or end with white space";
    if (texts::contains(utf8, texts::is_default_ignorable))
        return "contains an invisible character";
    return nullptr;
}

const char *flaw_of_new_user_uuid(const text *canonical)
{
    const std::string_view value = pg::view(canonical);
    if (value.size() >= retired_prefix.size() &&
        pg_strncasecmp(value.data(), retired_prefix.data(), retired_prefix.size()) == 0)
        return "starts with \"retired__user_\", as the names of retired users do";
    return flaw_of_new_key(canonical);
}

} // namespace opigno::identity

using namespace opigno;

OPIGNO_STRICT_FUNCTION(opigno_canonical_user_uuid)
{
    PG_RETURN_TEXT_P(identity::canonical_user_uuid(PG_GETARG_TEXT_PP(0)));
}

OPIGNO_STRICT_FUNCTION(opigno_is_user_uuid)
{
    const std::string_view value = pg::view(PG_GETARG_TEXT_PP(0));
    PG_RETURN_BOOL(identity::flaw_of(value) == identity::Flaw::None && identity::is_canonical(value));
}
