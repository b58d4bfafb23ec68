#include "json/schema/uri.hpp"

#include <algorithm>
#include <charconv>

namespace opigno::json::schema {

namespace {

/* The parts of a URI with the characters that mark them: "http:", "//host", "/path", "?query". */
struct Parts {
    std::string_view scheme;
    std::string_view authority;
    std::string_view path;
    std::string_view query;
};

bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_in_scheme(char c)
{
    return is_letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
}

std::string_view take(std::string_view &rest, std::size_t size)
{
    const std::string_view taken = rest.substr(0, size);
    rest.remove_prefix(taken.size());
    return taken;
}

Parts parts_of(std::string_view uri)
{
    Parts parts;
    const auto *colon = std::find_if_not(uri.begin(), uri.end(), is_in_scheme);
    if (colon != uri.end() && *colon == ':' && is_letter(uri[0]))
        parts.scheme = take(uri, static_cast<std::size_t>(colon - uri.begin()) + 1);
    if (uri.substr(0, 2) == "//")
        parts.authority = take(uri, std::min(uri.find_first_of("/?", 2), uri.size()));
    parts.path = take(uri, std::min(uri.find('?'), uri.size()));
    parts.query = uri;
    return parts;
}

/* Removes the last segment and the slash before it. */
std::size_t without_segment(const char *path, std::size_t size)
{
    while (size > 0 && path[size - 1] != '/')
        --size;
    return size == 0 ? 0 : size - 1;
}

/* Section 5.2.4 */
std::string_view without_dots(std::string_view path, Arena &arena)
{
    char *made = arena.bytes(path.size());
    std::size_t size = 0;
    while (!path.empty()) {
        if (path.starts_with("../")) {
            path.remove_prefix(3);
        } else if (path.starts_with("./")) {
            path.remove_prefix(2);
        } else if (path.starts_with("/./") || path == "/.") {
            path = path == "/." ? "/" : path.substr(2);
        } else if (path.starts_with("/../") || path == "/..") {
            path = path == "/.." ? "/" : path.substr(3);
            size = without_segment(made, size);
        } else if (path == "." || path == "..") {
            path = {};
        } else {
            const std::string_view segment = take(path, std::min(path.find('/', 1), path.size()));
            std::copy(segment.begin(), segment.end(), made + size);
            size += segment.size();
        }
    }
    return {made, size};
}

/* Section 5.2.3 */
std::string_view merged(const Parts &base, std::string_view path, Arena &arena)
{
    if (!base.authority.empty() && base.path.empty())
        return arena.join({"/", path});
    const std::size_t slash = base.path.rfind('/');
    return arena.join({base.path.substr(0, slash == std::string_view::npos ? 0 : slash + 1), path});
}

int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = static_cast<char>(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

} // namespace

/* Section 5.2.2 */
Target resolve(std::string_view base_uri, std::string_view reference, Arena &arena)
{
    const std::size_t hash = std::min(reference.find('#'), reference.size());
    const std::string_view fragment = reference.substr(std::min(hash + 1, reference.size()));
    reference = reference.substr(0, hash);
    if (reference.empty())
        return {base_uri, fragment};
    Parts parts = parts_of(reference);
    const Parts base = parts_of(base_uri);
    if (parts.scheme.empty()) {
        parts.scheme = base.scheme;
        if (parts.authority.empty()) {
            parts.authority = base.authority;
            if (parts.path.empty()) {
                parts.path = base.path;
                if (parts.query.empty())
                    parts.query = base.query;
            } else if (parts.path[0] != '/') {
                parts.path = merged(base, parts.path, arena);
            }
        }
    }
    parts.path = without_dots(parts.path, arena);
    return {arena.join({parts.scheme, parts.authority, parts.path, parts.query}), fragment};
}

std::string_view percent_decoded(std::string_view text, Arena &arena)
{
    if (text.find('%') == std::string_view::npos)
        return text;
    char *made = arena.bytes(text.size());
    std::size_t size = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const int high = text[at] == '%' && at + 2 < text.size() ? digit_of(text[at + 1]) : -1;
        const int low = high >= 0 ? digit_of(text[at + 2]) : -1;
        made[size++] = low < 0 ? text[at] : static_cast<char>(high * 16 + low);
        at += low < 0 ? 0 : 2;
    }
    return {made, size};
}

std::string_view take_token(std::string_view &pointer, Arena &arena)
{
    pointer.remove_prefix(1);
    const std::string_view token = take(pointer, std::min(pointer.find('/'), pointer.size()));
    if (token.find('~') == std::string_view::npos)
        return token;
    char *made = arena.bytes(token.size());
    std::size_t size = 0;
    for (std::size_t at = 0; at < token.size(); ++at) {
        const bool is_escape =
            token[at] == '~' && at + 1 < token.size() && (token[at + 1] == '0' || token[at + 1] == '1');
        made[size++] = !is_escape ? token[at] : token[++at] == '0' ? '~' : '/';
    }
    return {made, size};
}

std::optional<std::uint32_t> index_named(std::string_view token)
{
    std::uint32_t index = 0;
    const auto read = std::from_chars(token.data(), token.data() + token.size(), index);
    const bool is_whole = read.ec == std::errc() && read.ptr == token.data() + token.size();
    if (!is_whole || (token.size() > 1 && token[0] == '0'))
        return std::nullopt;
    return index;
}

std::string_view decimal(std::uint32_t number, Arena &arena)
{
    constexpr std::size_t most_digits = 10;
    char *text = arena.bytes(most_digits);
    const auto written = std::to_chars(text, text + most_digits, number);
    return {text, static_cast<std::size_t>(written.ptr - text)};
}

std::size_t size_of_token(std::string_view name)
{
    const auto is_escaped = [](char c) { return c == '~' || c == '/'; };
    return name.size() + static_cast<std::size_t>(std::count_if(name.begin(), name.end(), is_escaped));
}

char *write_token(char *to, std::string_view name)
{
    for (const char c : name) {
        if (c == '~' || c == '/') {
            *to++ = '~';
            *to++ = c == '~' ? '0' : '1';
        } else {
            *to++ = c;
        }
    }
    return to;
}

} // namespace opigno::json::schema
