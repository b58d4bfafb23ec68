#include "text/display_text.hpp"

#include "pg/encoding.hpp"
#include "pg/text.hpp"
#include "text/encoding.hpp"
#include "text/unicode.hpp"

namespace opigno::texts {

namespace {

struct Looked {
    DisplayTextFlaw flaw;
    std::string_view utf8; /* if the flaw is None */
};

Looked look_at(std::string_view value)
{
    constexpr int max_characters = 255;
    if (pg_mbstrlen_with_len(value.data(), static_cast<int>(value.size())) > max_characters)
        return {DisplayTextFlaw::TooLong, {}};
    const std::optional<std::string_view> utf8 = as_utf8(value);
    if (!utf8.has_value())
        return {DisplayTextFlaw::NotUnicode, {}};
    return {is_blank(*utf8) ? DisplayTextFlaw::Blank : DisplayTextFlaw::None, *utf8};
}

text *checked(text *value, DisplayTextFlaw flaw, const char *member, pg::Errors &errors)
{
    if (flaw != DisplayTextFlaw::None)
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, member, "\"%s\" %s", member, words_of(flaw));
    return value;
}

} // namespace

DisplayTextFlaw flaw_of_stored_name(std::string_view value)
{
    return look_at(value).flaw;
}

DisplayTextFlaw flaw_of_display_text(std::string_view value)
{
    const auto [flaw, utf8] = look_at(value);
    if (flaw != DisplayTextFlaw::None)
        return flaw;
    if (!contains(utf8, is_visible))
        return DisplayTextFlaw::Blank;
    return contains(utf8, is_bidirectional_control) ? DisplayTextFlaw::Bidirectional : DisplayTextFlaw::None;
}

const char *words_of(DisplayTextFlaw flaw)
{
    switch (flaw) {
    case DisplayTextFlaw::TooLong:
        return "is longer than 255 characters";
    case DisplayTextFlaw::NotUnicode:
        return "contains a character that Unicode lacks";
    case DisplayTextFlaw::Blank:
        return "must not be blank";
    case DisplayTextFlaw::Bidirectional:
        return "contains a bidirectional control character";
    case DisplayTextFlaw::None:
        break;
    }
    return nullptr;
}

text *checked_display_text(text *value, const char *member, pg::Errors &errors)
{
    return value == nullptr ? nullptr : checked(value, flaw_of_display_text(pg::view(value)), member, errors);
}

text *checked_stored_name(text *value, const char *member, pg::Errors &errors)
{
    return value == nullptr ? nullptr : checked(value, flaw_of_stored_name(pg::view(value)), member, errors);
}

text *checked_description(text *value, pg::Errors &errors)
{
    constexpr std::size_t max_bytes = 10000;
    if (value != nullptr && pg::view(value).size() > max_bytes)
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "description", "\"description\" is longer than %zu bytes",
                   max_bytes);
    return value;
}

} // namespace opigno::texts
