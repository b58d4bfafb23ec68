/* Addresses of the Internet protocol and of mail. */
#include "json/schema/format_rules.hpp"
#include "json/schema/format_scan.hpp"

namespace opigno::json::schema {

namespace {

/* RFC 2673, section 3.2: dec-octet of RFC 3986, without zeros in front */
bool take_octet(std::string_view &rest)
{
    const std::size_t size = count_front(rest, is_digit);
    int number = 0;
    return size > 0 && size <= 3 && (size == 1 || rest[0] != '0') && take_number(rest, size, 0, 255, number);
}

/* RFC 5321, section 4.1.2: sub-domain. RFC 1035, section 2.3.4: at most 63 octets. */
bool take_label(std::string_view &rest)
{
    constexpr std::size_t max_label = 63;
    const auto is_label = [](char c) { return is_ascii_letter(c) || is_digit(c) || c == '-'; };
    const std::size_t size = count_front(rest, is_label);
    if (size == 0 || size > max_label || rest[0] == '-' || rest[size - 1] == '-')
        return false;
    rest.remove_prefix(size);
    return true;
}

bool is_domain(std::string_view text)
{
    constexpr std::size_t max_domain = 253;
    if (text.size() > max_domain || !take_label(text))
        return false;
    while (take(text, '.'))
        if (!take_label(text))
            return false;
    return text.empty();
}

/* RFC 5321, section 4.1.3; of its tags only IPv6 has been registered */
bool is_address_literal(std::string_view text)
{
    constexpr std::string_view tag = "IPv6:";
    if (!take(text, '[') || !text.ends_with(']'))
        return false;
    text.remove_suffix(1);
    return text.starts_with(tag) ? is_ipv6(after(text, tag.size())) : is_ipv4(text);
}

/* RFC 5322, section 3.2.3: atext */
bool is_atom_character(char c)
{
    return is_ascii_letter(c) || is_digit(c) ||
           std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

bool take_atom(std::string_view &rest)
{
    const std::size_t size = count_front(rest, is_atom_character);
    rest.remove_prefix(size);
    return size > 0;
}

/* RFC 5321, section 4.1.2: Quoted-string; printable ASCII */
bool take_quoted(std::string_view &rest)
{
    const auto is_printable = [](char c) { return c >= ' ' && c <= '~'; };
    while (!rest.empty() && is_printable(rest[0])) {
        if (take(rest, '"'))
            return true;
        if (take(rest, '\\') && (rest.empty() || !is_printable(rest[0])))
            return false;
        rest.remove_prefix(1);
    }
    return false;
}

/* RFC 5321, section 4.1.2: Local-part */
bool take_local_part(std::string_view &rest)
{
    if (take(rest, '"'))
        return take_quoted(rest);
    if (!take_atom(rest))
        return false;
    while (take(rest, '.'))
        if (!take_atom(rest))
            return false;
    return true;
}

} // namespace

bool is_ipv4(std::string_view text)
{
    bool is_valid = take_octet(text);
    for (int octets = 1; is_valid && octets < 4; ++octets)
        is_valid = take(text, '.') && take_octet(text);
    return is_valid && text.empty();
}

/* RFC 4291, section 2.2 */
bool is_ipv6(std::string_view text)
{
    constexpr int all_groups = 8;
    int groups = 0;
    bool has_gap = false;
    bool needs_colon = false;
    while (!text.empty() && groups < all_groups) {
        if (text.starts_with("::")) {
            if (has_gap)
                return false;
            has_gap = true;
            needs_colon = false;
            text.remove_prefix(2);
            continue;
        }
        if (needs_colon && !take(text, ':'))
            return false;
        const std::size_t size = count_front(text, is_hex_digit);
        if (after(text, size).starts_with('.'))
            return is_ipv4(text) && (has_gap ? groups < all_groups - 2 : groups == all_groups - 2);
        if (size == 0 || size > 4)
            return false;
        text.remove_prefix(size);
        needs_colon = true;
        ++groups;
    }
    return text.empty() && (has_gap ? groups < all_groups : groups == all_groups);
}

/* RFC 5321, section 4.1.2: Mailbox, with the limits of section 4.5.3.1 */
bool is_email(std::string_view text)
{
    constexpr std::size_t max_mailbox = 254;
    constexpr std::size_t max_local_part = 64;
    std::string_view rest = text;
    return text.size() <= max_mailbox && take_local_part(rest) &&
           text.size() - rest.size() <= max_local_part && take(rest, '@') &&
           (is_domain(rest) || is_address_literal(rest));
}

} // namespace opigno::json::schema
