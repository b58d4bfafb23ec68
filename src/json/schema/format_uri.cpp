/* URIs by the grammar of RFC 3986, appendix A. */
#include "json/schema/format_rules.hpp"
#include "json/schema/format_scan.hpp"

namespace opigno::json::schema {

namespace {

bool is_unreserved(char c)
{
    return is_ascii_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

bool is_sub_delimiter(char c)
{
    return std::string_view("!$&'()*+,;=").find(c) != std::string_view::npos;
}

/* unreserved, pct-encoded, sub-delims and the characters in more */
bool has_only(std::string_view text, std::string_view more)
{
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '%') {
            if (count_front(front_of(after(text, at + 1), 2), is_hex_digit) < 2)
                return false;
            at += 2;
        } else if (!is_unreserved(c) && !is_sub_delimiter(c) && more.find(c) == std::string_view::npos) {
            return false;
        }
    }
    return true;
}

/* Cuts the text at the first of these characters and returns what was before it. */
std::string_view take_until(std::string_view &rest, std::string_view ends)
{
    const std::string_view part = front_of(rest, rest.find_first_of(ends));
    rest.remove_prefix(part.size());
    return part;
}

/* IPvFuture */
bool is_future_address(std::string_view text)
{
    if (!take(text, 'v') && !take(text, 'V'))
        return false;
    const std::size_t version = count_front(text, is_hex_digit);
    text.remove_prefix(version);
    return version > 0 && take(text, '.') && !text.empty() && text.find('%') == std::string_view::npos &&
           has_only(text, ":");
}

/* IP-literal, and the rest after it */
bool take_ip_literal(std::string_view &rest)
{
    const std::size_t end = rest.find(']');
    if (end == std::string_view::npos)
        return false;
    const std::string_view address = front_of(after(rest, 1), end - 1);
    rest.remove_prefix(end + 1);
    return is_ipv6(address) || is_future_address(address);
}

bool is_authority(std::string_view text)
{
    const std::size_t at = text.find('@');
    if (at != std::string_view::npos) {
        if (!has_only(front_of(text, at), ":"))
            return false;
        text.remove_prefix(at + 1);
    }
    if (text.starts_with('[')) {
        if (!take_ip_literal(text))
            return false;
    } else if (!has_only(take_until(text, ":"), "")) {
        return false;
    }
    if (take(text, ':'))
        text.remove_prefix(count_front(text, is_digit));
    return text.empty();
}

/* What follows the scheme, or a whole reference without a scheme. */
bool is_hierarchy(std::string_view rest, bool has_scheme)
{
    if (rest.starts_with("//")) {
        rest.remove_prefix(2);
        if (!is_authority(take_until(rest, "/?#")))
            return false;
    } else if (!has_scheme) {
        std::string_view path = rest;
        if (take_until(path, "/?#").find(':') != std::string_view::npos)
            return false;
    }
    if (!has_only(take_until(rest, "?#"), ":@/"))
        return false;
    if (take(rest, '?') && !has_only(take_until(rest, "#"), ":@/?"))
        return false;
    return !take(rest, '#') || has_only(rest, ":@/?");
}

bool take_scheme(std::string_view &rest)
{
    const auto is_scheme = [](char c) {
        return is_ascii_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
    };
    const std::size_t size = count_front(rest, is_scheme);
    if (size == 0 || !is_ascii_letter(rest[0]) || !after(rest, size).starts_with(':'))
        return false;
    rest.remove_prefix(size + 1);
    return true;
}

} // namespace

bool is_uri(std::string_view text)
{
    return take_scheme(text) && is_hierarchy(text, true);
}

bool is_uri_reference(std::string_view text)
{
    const bool has_scheme = take_scheme(text);
    return is_hierarchy(text, has_scheme);
}

} // namespace opigno::json::schema
