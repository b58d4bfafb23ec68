#include "gateway/graphql/string_value.hpp"

#include "gateway/graphql/piece.hpp"

#include "json/text/string_text.hpp"

namespace opigno::graphql {

namespace {

constexpr std::uint32_t last_character = 0x10FFFF;

bool is_leading_surrogate(std::uint32_t point)
{
    return point >= 0xD800 && point <= 0xDBFF;
}

bool is_trailing_surrogate(std::uint32_t point)
{
    return point >= 0xDC00 && point <= 0xDFFF;
}

bool is_character(std::uint32_t point)
{
    return point <= last_character && (point < 0xD800 || point > 0xDFFF);
}

/* Returns -1 for what is no hexadecimal digit. */
int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Reads the text as one number. Wrong digits, or none, make a number beyond all characters. */
std::uint32_t hex_number(std::string_view digits)
{
    constexpr std::uint32_t wrong = last_character + 1;
    std::uint32_t number = digits.empty() ? wrong : 0;
    for (const char c : digits) {
        const int digit = hex_digit(c);
        if (digit < 0 || number > last_character)
            return wrong;
        number = number << 4U | static_cast<std::uint32_t>(digit);
    }
    return number;
}

/* \u{...}: at most twelve bytes, as in graphql-js. */
Escape read_braced(std::string_view text)
{
    constexpr std::size_t start = 3;
    constexpr std::size_t max_size = 12;
    const std::size_t end = piece(text, 0, max_size).find('}');
    if (end == std::string_view::npos)
        return {};
    const std::uint32_t point = hex_number(piece(text, start, end - start));
    return is_character(point) ? Escape{end + 1, point} : Escape{};
}

std::uint32_t four_digits(std::string_view text, std::size_t at)
{
    constexpr std::size_t digits = 4;
    return text.size() < at + digits ? last_character + 1 : hex_number(piece(text, at, digits));
}

Escape read_four_digits(std::string_view text)
{
    const std::uint32_t point = four_digits(text, 2);
    if (is_character(point))
        return {6, point};
    if (!is_leading_surrogate(point) || piece(text, 6, 2) != "\\u")
        return {};
    const std::uint32_t trailing = four_digits(text, 8);
    if (!is_trailing_surrogate(trailing))
        return {};
    return {12, 0x10000 + ((point & 0x3FFU) << 10U) + (trailing & 0x3FFU)};
}

char *write_point(char *to, std::uint32_t point)
{
    if (point >= 0x80)
        return json::write_utf8(to, point);
    *to = static_cast<char>(point);
    return to + 1;
}

/* The lines of a block string, one after the other. */
class Lines {
  public:
    explicit Lines(std::string_view raw) : rest_(raw) {}

    bool next(std::string_view &line)
    {
        if (ended_)
            return false;
        const std::size_t end = rest_.find_first_of("\r\n");
        ended_ = end == std::string_view::npos;
        line = piece(rest_, 0, end);
        if (!ended_)
            rest_.remove_prefix(end + (piece(rest_, end, 2) == "\r\n" ? 2 : 1));
        return true;
    }

  private:
    std::string_view rest_;
    bool ended_ = false;
};

struct Margins {
    std::size_t indent = std::string_view::npos; /* of all lines but the first */
    std::size_t first = 0;                       /* line that is not blank */
    std::size_t end = 0;                         /* behind the last such line */
};

std::size_t indent_of(std::string_view line)
{
    return std::min(line.find_first_not_of(" \t"), line.size());
}

Margins find_margins(std::string_view raw)
{
    Margins margins;
    Lines lines(raw);
    std::string_view line;
    for (std::size_t number = 0; lines.next(line); ++number) {
        const std::size_t indent = indent_of(line);
        if (indent == line.size())
            continue;
        if (margins.end == 0)
            margins.first = number;
        margins.end = number + 1;
        if (number > 0)
            margins.indent = std::min(margins.indent, indent);
    }
    return margins;
}

constexpr std::string_view escaped_quotes = "\\\"\"\"";

char *write_line(char *to, std::string_view line)
{
    for (;;) {
        const std::size_t slash = line.find(escaped_quotes);
        to = std::copy_n(line.data(), std::min(slash, line.size()), to);
        if (slash == std::string_view::npos)
            return to;
        to = std::copy_n(line.data() + slash + 1, 3, to);
        line.remove_prefix(slash + escaped_quotes.size());
    }
}

} // namespace

std::size_t character_size(std::string_view text)
{
    if (text.empty())
        return 0;
    const auto byte = [text](std::size_t at) {
        return std::uint32_t{at < text.size() ? static_cast<unsigned char>(text[at]) : 0U};
    };
    const auto continues = [byte](std::size_t at) { return (byte(at) & 0xC0U) == 0x80; };
    const std::uint32_t first = byte(0);
    if (first < 0x80)
        return 1;
    if (first >= 0xC2 && first < 0xE0)
        return continues(1) ? 2 : 0;
    if (first >= 0xE0 && first < 0xF0 && continues(1) && continues(2)) {
        const std::uint32_t point = (first & 0xFU) << 12U | (byte(1) & 0x3FU) << 6U | (byte(2) & 0x3FU);
        return point >= 0x800 && is_character(point) ? 3 : 0;
    }
    if (first >= 0xF0 && first < 0xF5 && continues(1) && continues(2) && continues(3)) {
        const std::uint32_t top = (first & 0x7U) << 6U | (byte(1) & 0x3FU); /* without twelve bits */
        return top >= 0x10 && top <= 0x10F ? 4 : 0;
    }
    return 0;
}

Escape read_escape(std::string_view text)
{
    if (text.size() < 2)
        return {};
    switch (text[1]) {
    case 'u':
        return piece(text, 2, 1) == "{" ? read_braced(text) : read_four_digits(text);
    case 'b':
        return {2, '\b'};
    case 'f':
        return {2, '\f'};
    case 'n':
        return {2, '\n'};
    case 'r':
        return {2, '\r'};
    case 't':
        return {2, '\t'};
    case '"':
    case '\\':
    case '/':
        return {2, static_cast<std::uint32_t>(text[1])};
    default:
        return {};
    }
}

std::string_view string_value(std::string_view spelled, Arena &arena)
{
    if (spelled.find('\\') == std::string_view::npos)
        return spelled;
    char *value = arena.bytes(spelled.size()); /* an escape is longer than its character */
    char *to = value;
    while (!spelled.empty()) {
        const std::size_t slash = std::min(spelled.find('\\'), spelled.size());
        to = std::copy_n(spelled.data(), slash, to);
        spelled.remove_prefix(slash);
        if (spelled.empty())
            break;
        const Escape escape = read_escape(spelled);
        to = write_point(to, escape.point);
        spelled.remove_prefix(escape.size);
    }
    return {value, static_cast<std::size_t>(to - value)};
}

std::string_view block_string_value(std::string_view raw, Arena &arena)
{
    const Margins margins = find_margins(raw);
    const bool is_one_line = raw.find_first_of("\r\n") == std::string_view::npos;
    if (margins.end > 0 && is_one_line && raw.find(escaped_quotes) == std::string_view::npos)
        return raw;
    char *value = arena.bytes(raw.size());
    char *to = value;
    Lines lines(raw);
    std::string_view line;
    for (std::size_t number = 0; number < margins.end && lines.next(line); ++number) {
        if (number < margins.first)
            continue;
        if (number > margins.first)
            *to++ = '\n';
        if (number > 0)
            line.remove_prefix(std::min(margins.indent, line.size()));
        to = write_line(to, line);
    }
    return {value, static_cast<std::size_t>(to - value)};
}

} // namespace opigno::graphql
