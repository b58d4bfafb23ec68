#include "json/schema/format.hpp"

#include "json/schema/format_rules.hpp"
#include "json/schema/format_scan.hpp"
#include "json/schema/pattern.hpp"

namespace opigno::json::schema {

namespace {

/* RFC 9562, section 4: 8-4-4-4-12 hexadecimal digits. */
bool is_uuid(std::string_view text)
{
    constexpr std::size_t groups[] = {8, 4, 4, 4, 12};
    bool is_first = true;
    for (const std::size_t size : groups) {
        if ((!is_first && !take(text, '-')) || text.size() < size ||
            count_front(front_of(text, size), is_hex_digit) < size)
            return false;
        text.remove_prefix(size);
        is_first = false;
    }
    return text.empty();
}

/* RFC 6901, section 3 */
bool is_json_pointer(std::string_view text)
{
    if (!text.empty() && text[0] != '/')
        return false;
    for (std::size_t at = text.find('~'); at != std::string_view::npos; at = text.find('~', at + 1))
        if (at + 1 == text.size() || (text[at + 1] != '0' && text[at + 1] != '1'))
            return false;
    return true;
}

/* draft-handrews-relative-json-pointer-01, section 3 */
bool is_relative_json_pointer(std::string_view text)
{
    return take_integer(text) && (text == "#" || is_json_pointer(text));
}

struct Rule {
    std::string_view name;
    Format format;
    bool (*accepts)(std::string_view text);
};

constexpr Rule rules[] = {
    {"date", Format::Date, is_date},
    {"time", Format::Time, is_time},
    {"date-time", Format::DateTime, is_date_time},
    {"duration", Format::Duration, is_duration},
    {"uuid", Format::Uuid, is_uuid},
    {"ipv4", Format::Ipv4, is_ipv4},
    {"ipv6", Format::Ipv6, is_ipv6},
    {"email", Format::Email, is_email},
    {"uri", Format::Uri, is_uri},
    {"uri-reference", Format::UriReference, is_uri_reference},
    {"json-pointer", Format::JsonPointer, is_json_pointer},
    {"relative-json-pointer", Format::RelativeJsonPointer, is_relative_json_pointer},
    {"regex", Format::Regex, is_pattern},
};

constexpr bool is_in_order()
{
    std::size_t next = 1;
    for (const Rule &rule : rules)
        if (static_cast<std::size_t>(rule.format) != next++)
            return false;
    return true;
}
static_assert(is_in_order());

} // namespace

Format format_named(std::string_view name)
{
    for (const Rule &rule : rules)
        if (rule.name == name)
            return rule.format;
    return Format::None;
}

bool has_format(std::string_view text, Format format)
{
    return format == Format::None || rules[static_cast<std::size_t>(format) - 1].accepts(text);
}

} // namespace opigno::json::schema
