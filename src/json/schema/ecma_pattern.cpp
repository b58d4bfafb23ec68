#include "json/schema/ecma_pattern.hpp"

#include "json/schema/format_scan.hpp"
#include "json/schema/unicode_property.hpp"

#include <cstdint>

namespace opigno::json::schema {

namespace {

constexpr std::uint32_t last_character = 0x10FFFF;
constexpr std::uint32_t max_repetition = 1000; /* RE2's */
constexpr std::size_t max_nesting = 200;

bool is_high_surrogate(std::uint32_t point)
{
    return point >= 0xD800 && point <= 0xDBFF;
}

bool is_low_surrogate(std::uint32_t point)
{
    return point >= 0xDC00 && point <= 0xDFFF;
}

std::uint32_t hex_value(char c)
{
    return is_digit(c) ? static_cast<std::uint32_t>(c - '0')
                       : static_cast<std::uint32_t>((c | 0x20) - 'a') + 10;
}

/* Reads the pattern once. What RE2 lacks is noted, and the rest is read nevertheless, to find out
 * whether it is valid. */
class Translator {
  public:
    Translator(std::string_view source, PatternText *translated) : rest_(source), out_(translated) {}

    void translate()
    {
        while (!rest_.empty() && is_valid())
            take_term();
        if (!groups_.empty())
            refuse("a group has no end");
        else if (most_referenced_ > captures_)
            refuse("a back reference has no group");
    }
    [[nodiscard]] bool is_valid() const { return error_ == nullptr; }
    [[nodiscard]] const char *why() const { return error_ != nullptr ? error_ : unsupported_; }

  private:
    enum class Term : std::uint8_t { Nothing, Atom, Assertion };
    enum class Escape : std::uint8_t { Character, Set, Assertion, Reference };

    void refuse(const char *why)
    {
        if (error_ == nullptr)
            error_ = why;
    }
    void leave_out(const char *why)
    {
        if (unsupported_ == nullptr)
            unsupported_ = why;
    }

    void put(std::string_view text)
    {
        for (const char c : text)
            put_one(c);
    }
    void put_one(char c)
    {
        if (out_ != nullptr)
            out_->add() = c;
    }
    void put_character(std::uint32_t point)
    {
        constexpr std::string_view digits = "0123456789abcdef";
        put("\\x{");
        std::uint32_t shift = 20;
        while (shift > 0 && (point >> shift) == 0)
            shift -= 4;
        for (; shift > 0; shift -= 4)
            put_one(digits[point >> shift & 0xFU]);
        put_one(digits[point & 0xFU]);
        put("}");
    }
    void put_number(std::uint32_t number)
    {
        if (number >= 10)
            put_number(number / 10);
        put_one(static_cast<char>('0' + number % 10));
    }
    void put_set(const CharacterSet &set, bool is_negated)
    {
        const std::string_view wanted = is_negated ? set.others : set.members;
        if (in_class_) {
            if (wanted.empty())
                leave_out("this Unicode property is not supported in a class");
            put(wanted);
        } else {
            put(wanted.empty() ? "[^" : "[");
            put(!wanted.empty() ? wanted : is_negated ? set.members : set.others);
            put("]");
        }
    }

    bool take_token(std::string_view token)
    {
        if (!rest_.starts_with(token))
            return false;
        rest_.remove_prefix(token.size());
        return true;
    }

    void take_term()
    {
        const char c = rest_[0];
        switch (c) {
        case '\\':
            take_escaped_term();
            return;
        case '[':
            take_class();
            last_ = Term::Atom;
            return;
        case '(':
            take_group();
            return;
        case '*':
        case '+':
        case '?':
        case '{':
            take_quantifier();
            return;
        case '}':
        case ']':
            refuse(c == '}' ? "} must be escaped" : "] must be escaped");
            return;
        default:
            break;
        }
        rest_.remove_prefix(1);
        if (c == ')')
            close_group();
        else
            put_plain(c);
    }

    void put_plain(char c)
    {
        last_ = Term::Atom;
        if (c == '|' || c == '^' || c == '$') {
            put(c == '|' ? "|" : c == '^' ? "\\A" : "\\z");
            last_ = c == '|' ? Term::Nothing : Term::Assertion;
        } else if (c == '.') {
            put("[^\\n\\r\\x{2028}\\x{2029}]");
        } else if (is_ascii_letter(c) || is_digit(c) || static_cast<unsigned char>(c) >= 0x80) {
            put_one(c);
        } else {
            put_character(static_cast<unsigned char>(c));
        }
    }

    /* Groups capture nothing, because only the answer yes or no is wanted. */
    void take_group()
    {
        put("(?:");
        bool is_assertion = false;
        if (take_token("(?=") || take_token("(?!")) {
            leave_out("look-ahead is not supported");
            is_assertion = true;
        } else if (take_token("(?<=") || take_token("(?<!")) {
            leave_out("look-behind is not supported");
            is_assertion = true;
        } else if (take_token("(?<")) {
            take_name();
            ++captures_;
        } else if (!take_token("(?:")) {
            if (rest_.starts_with("(?"))
                refuse("(? starts no known group");
            rest_.remove_prefix(1);
            ++captures_;
        }
        if (groups_.size() == max_nesting)
            leave_out("so many nested groups are not supported");
        groups_.add() = is_assertion;
        last_ = Term::Nothing;
    }

    void close_group()
    {
        if (groups_.empty()) {
            refuse("a parenthesis closes no group");
            return;
        }
        put(")");
        last_ = groups_.back() ? Term::Assertion : Term::Atom;
        groups_.pop_back();
    }

    void take_name()
    {
        const auto is_part = [](char c) {
            return is_ascii_letter(c) || is_digit(c) || c == '_' || c == '$' ||
                   static_cast<unsigned char>(c) >= 0x80;
        };
        const std::size_t size = count_front(rest_, is_part);
        if (size == 0 || is_digit(rest_[0]) || !after(rest_, size).starts_with('>'))
            refuse("the name of a group is not valid");
        else
            rest_.remove_prefix(size + 1);
    }

    void take_quantifier()
    {
        if (last_ != Term::Atom) {
            refuse("a quantifier follows nothing that it can repeat");
            return;
        }
        last_ = Term::Nothing;
        if (rest_[0] == '{') {
            take_counts();
        } else {
            put_one(rest_[0]);
            rest_.remove_prefix(1);
        }
        take(rest_, '?'); /* as few as possible: the answer is the same */
    }

    void take_counts()
    {
        std::uint32_t least = 0;
        std::uint32_t most = 0;
        rest_.remove_prefix(1);
        const bool has_least = take_count(least);
        const bool has_comma = take(rest_, ',');
        const bool has_most = has_comma && take_count(most);
        if (!has_least || !take(rest_, '}')) {
            refuse("{ must be escaped where it begins no quantifier");
            return;
        }
        if (has_most && most < least)
            refuse("the numbers of a quantifier are out of order");
        if (least > max_repetition || most > max_repetition)
            leave_out("a quantifier above 1000 is not supported");
        put("{");
        put_number(least);
        if (has_comma)
            put(",");
        if (has_most)
            put_number(most);
        put("}");
    }

    bool take_count(std::uint32_t &count)
    {
        constexpr std::uint32_t many = 1000000; /* no larger one fits into a supported pattern */
        const std::size_t size = count_front(rest_, is_digit);
        count = 0;
        for (const char c : front_of(rest_, size))
            count = count >= many ? many : count * 10 + hex_value(c);
        rest_.remove_prefix(size);
        return size > 0;
    }

    void take_class()
    {
        rest_.remove_prefix(1);
        const bool is_negated = take(rest_, '^');
        if (take(rest_, ']')) {
            put_set(every_character, !is_negated);
            return;
        }
        put(is_negated ? "[^" : "[");
        in_class_ = true;
        while (!rest_.starts_with(']') && is_valid())
            take_range();
        in_class_ = false;
        put("]");
        if (is_valid())
            rest_.remove_prefix(1);
    }

    /* Takes a character, a set, or a range of characters. */
    void take_range()
    {
        std::uint32_t first = 0;
        std::uint32_t last = 0;
        const bool is_character = take_class_atom(first);
        const bool is_range = rest_.size() > 1 && rest_[0] == '-' && rest_[1] != ']';
        if (is_range) {
            rest_.remove_prefix(1);
            if (!take_class_atom(last) || !is_character)
                refuse("a range of a class begins or ends with a set");
            else if (last < first)
                refuse("a range of a class is out of order");
        }
        if (!is_character || !is_valid())
            return;
        put_character(first);
        if (is_range) {
            put("-");
            put_character(last);
        }
    }

    /* Returns false after a set, which is written at once. */
    bool take_class_atom(std::uint32_t &point)
    {
        if (rest_.empty()) {
            refuse("a class has no end");
            return false;
        }
        if (rest_[0] == '\\')
            return take_escape(point) == Escape::Character;
        return take_code_point(point);
    }

    bool take_code_point(std::uint32_t &point)
    {
        const auto lead = static_cast<unsigned char>(rest_[0]);
        const std::size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        if (rest_.size() < size) {
            refuse("a character is not valid");
            return false;
        }
        point = size == 1 ? lead : lead & (0x7FU >> size);
        for (const char c : front_of(after(rest_, 1), size - 1))
            point = point << 6U | (static_cast<unsigned char>(c) & 0x3FU);
        rest_.remove_prefix(size);
        return true;
    }

    void take_escaped_term()
    {
        std::uint32_t point = 0;
        const Escape escape = take_escape(point);
        if (escape == Escape::Character)
            put_character(point);
        last_ = escape == Escape::Assertion ? Term::Assertion : Term::Atom;
    }

    /* Does not write characters. */
    Escape take_escape(std::uint32_t &point)
    {
        rest_.remove_prefix(1);
        if (rest_.empty()) {
            refuse("the pattern ends with a backslash");
            return Escape::Set;
        }
        const char c = rest_[0];
        rest_.remove_prefix(1);
        switch (c) {
        case 'd':
        case 'D':
        case 'w':
        case 'W':
            put_one('\\');
            put_one(c);
            return Escape::Set;
        case 's':
        case 'S':
            put_set(white_space, c == 'S');
            return Escape::Set;
        case 'p':
        case 'P':
            take_property(c == 'P');
            return Escape::Set;
        case 'b':
            if (in_class_)
                break;
            [[fallthrough]];
        case 'B':
            if (in_class_)
                refuse("\\B is in a class");
            put(c == 'b' ? "\\b" : "\\B");
            return Escape::Assertion;
        default:
            if (!in_class_ && (c == 'k' || (c >= '1' && c <= '9'))) {
                take_reference(c);
                return Escape::Reference;
            }
        }
        point = take_character(c);
        return Escape::Character;
    }

    void take_reference(char c)
    {
        leave_out("a back reference is not supported");
        if (c == 'k') {
            if (take(rest_, '<'))
                take_name();
            else
                refuse("\\k needs the name of a group");
            most_referenced_ = most_referenced_ == 0 ? 1 : most_referenced_;
            return;
        }
        std::uint32_t number = 0;
        rest_ = {rest_.data() - 1, rest_.size() + 1};
        take_count(number);
        most_referenced_ = number > most_referenced_ ? number : most_referenced_;
    }

    /* What follows the backslash of an escape of one character. */
    std::uint32_t take_character(char c)
    {
        constexpr std::string_view names = "tnvfrb";
        constexpr std::string_view values = "\t\n\v\f\r\b";
        const std::size_t named = names.find(c);
        if (named != std::string_view::npos)
            return static_cast<unsigned char>(values[named]);
        if (c == 'x')
            return take_hex(2);
        if (c == 'u')
            return take_unicode();
        if (c == 'c' && !rest_.empty() && is_ascii_letter(rest_[0])) {
            const char letter = rest_[0];
            rest_.remove_prefix(1);
            return static_cast<unsigned char>(letter) & 0x1FU;
        }
        if (c == '0' && (rest_.empty() || !is_digit(rest_[0])))
            return 0;
        if (is_digit(c))
            refuse("an octal escape is not allowed");
        else if (is_ascii_letter(c) || static_cast<unsigned char>(c) >= 0x80)
            refuse("ECMA-262 does not have an escape of the pattern");
        return static_cast<unsigned char>(c);
    }

    /* Reads so many hexadecimal digits. */
    std::uint32_t take_hex(std::size_t digits)
    {
        std::uint32_t value = 0;
        if (rest_.size() < digits || count_front(front_of(rest_, digits), is_hex_digit) < digits) {
            refuse("an escape of a character has too few digits");
            return 0;
        }
        for (const char c : front_of(rest_, digits))
            value = value * 16 + hex_value(c);
        rest_.remove_prefix(digits);
        return value;
    }

    std::uint32_t take_unicode()
    {
        const std::uint32_t point = take(rest_, '{') ? take_braced_hex() : take_hex(4);
        if (is_high_surrogate(point) && rest_.starts_with("\\u")) {
            const std::string_view here = rest_;
            rest_.remove_prefix(2);
            const std::uint32_t low = rest_.starts_with('{') ? 0 : take_hex(4);
            if (is_low_surrogate(low))
                return 0x10000 + ((point - 0xD800) << 10U) + (low - 0xDC00);
            rest_ = here;
        }
        if (is_high_surrogate(point) || is_low_surrogate(point))
            leave_out("a surrogate without its pair is not supported");
        return point;
    }

    std::uint32_t take_braced_hex()
    {
        const std::size_t size = count_front(rest_, is_hex_digit);
        std::uint32_t value = 0;
        for (const char c : front_of(rest_, size))
            value = value > last_character ? value : value * 16 + hex_value(c);
        rest_.remove_prefix(size);
        if (size == 0 || value > last_character || !take(rest_, '}')) {
            refuse("\\u{ names no character");
            return 0;
        }
        return value;
    }

    void take_property(bool is_negated)
    {
        const std::size_t end = rest_.find('}');
        if (!rest_.starts_with('{') || end == std::string_view::npos) {
            refuse("\\p needs a name in braces");
            return;
        }
        const UnicodeProperty property = property_named(front_of(after(rest_, 1), end - 1));
        rest_.remove_prefix(end + 1);
        switch (property.kind) {
        case UnicodeProperty::Kind::Unknown:
            refuse("ECMA-262 does not have a Unicode property of the pattern");
            break;
        case UnicodeProperty::Kind::Unsupported:
            leave_out("this Unicode property is not supported");
            break;
        case UnicodeProperty::Kind::Set:
            put_set(property.set, is_negated);
            break;
        case UnicodeProperty::Kind::Named:
            put(is_negated ? "\\P{" : "\\p{");
            put(property.name);
            put("}");
            break;
        }
    }

    std::string_view rest_;
    PatternText *out_;                      /* nullptr: the source is only checked */
    SmallVector<bool, max_nesting> groups_; /* whether each open one is an assertion */
    Term last_ = Term::Nothing;             /* what a quantifier would repeat */
    bool in_class_ = false;
    std::uint32_t captures_ = 0;
    std::uint32_t most_referenced_ = 0;
    const char *error_ = nullptr;
    const char *unsupported_ = nullptr;
};

static_assert(std::is_trivially_destructible_v<Translator>);

} // namespace

const char *translate_pattern(std::string_view source, PatternText &translated, bool &is_valid)
{
    Translator translator(source, &translated);
    translator.translate();
    is_valid = translator.is_valid();
    return translator.why();
}

bool is_valid_pattern(std::string_view source)
{
    Translator translator(source, nullptr);
    translator.translate();
    return translator.is_valid();
}

} // namespace opigno::json::schema
