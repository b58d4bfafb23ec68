#include "json/text/syntax_error.hpp"

#include "json/text/host.hpp"
#include "json/text/number_text.hpp"
#include "json/text/text_scanner.hpp"

#include <cstdint>

namespace opigno::json {

namespace {

bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Whether the character can be part of a word in languages in which people write what they take for
 * JSON. */
bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' || c == '$';
}

class SyntaxReader {
  public:
    explicit SyntaxReader(std::string_view json_text) : text_(json_text) {}

    SyntaxError find()
    {
        while (error_.reason == nullptr && step()) {
        }
        return error_;
    }

  private:
    enum class Next { Value, ElementOrEnd, NameOrEnd, Name, Colon, CommaOrEnd };

    static constexpr std::size_t max_depth = 8192;
    static constexpr std::size_t poll_after = 65536;

    // ---- the text --------------------------------------------------------------------------------

    [[nodiscard]] bool is_at_end() const { return at_ == text_.size(); }
    [[nodiscard]] std::string_view rest() const { return {text_.data() + at_, text_.size() - at_}; }
    [[nodiscard]] char peek(std::size_t ahead = 0) const
    {
        return text_.size() - at_ > ahead ? text_[at_ + ahead] : '\0';
    }
    void move()
    {
        if (++at_ % poll_after == 0)
            poll();
    }
    void skip_space()
    {
        while (!is_at_end() && is_space(text_[at_]))
            move();
    }

    // ---- errors ----------------------------------------------------------------------------------

    bool fail(const char *reason) { return fail(reason, at_); }
    bool fail(const char *reason, std::size_t at)
    {
        error_ = {reason, at, false};
        return false;
    }
    bool fail_at_end(const char *reason)
    {
        error_ = {reason, text_.size(), true};
        return false;
    }

    // ---- containers ------------------------------------------------------------------------------

    /* Returns false at an error and at the end of a valid text. */
    bool step()
    {
        skip_space();
        if (is_at_end())
            return fail_where_more_is_expected();
        switch (next_) {
        case Next::ElementOrEnd:
            return peek() == ']' ? close() : read_value();
        case Next::Value:
            return read_value();
        case Next::NameOrEnd:
            return peek() == '}' ? close() : read_name();
        case Next::Name:
            return read_name();
        case Next::Colon:
            return read_colon();
        case Next::CommaOrEnd:
            break;
        }
        return read_comma_or_end();
    }

    bool fail_where_more_is_expected()
    {
        if (depth_ == 0)
            return next_ != Next::CommaOrEnd && fail_at_end("a value is missing");
        return fail_at_end(is_in_object() ? "an object is not closed" : "an array is not closed");
    }

    [[nodiscard]] bool is_in_object() const { return is_object_[depth_ - 1]; }

    bool open(bool is_object)
    {
        move();
        if (depth_ == max_depth)
            return false;
        is_object_[depth_++] = is_object;
        next_ = is_object ? Next::NameOrEnd : Next::ElementOrEnd;
        return true;
    }
    bool close()
    {
        move();
        --depth_;
        next_ = Next::CommaOrEnd;
        return true;
    }

    bool read_comma_or_end()
    {
        const char c = peek();
        if (depth_ == 0)
            return fail("text follows the value");
        if (c == (is_in_object() ? '}' : ']'))
            return close();
        if (c == '}' || c == ']')
            return fail("a closing bracket does not match its opening bracket");
        if (c != ',')
            return fail("a comma or a closing bracket is missing");
        comma_ = at_;
        move();
        next_ = is_in_object() ? Next::Name : Next::Value;
        return true;
    }

    bool read_name()
    {
        const char c = peek();
        if (c == '}' && next_ == Next::Name)
            return fail(trailing_comma, comma_);
        if (c == '\'')
            return fail("a name is in single quotes instead of double quotes");
        if (is_word(c))
            return fail("a name is not in double quotes");
        if (c != '"')
            return fail("a name is missing");
        next_ = Next::Colon;
        return read_string();
    }

    bool read_colon()
    {
        if (peek() != ':')
            return fail("a colon is missing after a name");
        move();
        next_ = Next::Value;
        return true;
    }

    // ---- values ----------------------------------------------------------------------------------

    bool read_value()
    {
        const char c = peek();
        if (c == '{' || c == '[')
            return open(c == '{');
        const Next before = next_;
        next_ = Next::CommaOrEnd;
        if (c == '"')
            return read_string();
        if (c == '-' || is_digit(c))
            return read_number();
        if (is_word(c))
            return read_word();
        if (c == ']' && before == Next::Value && depth_ > 0 && !is_in_object())
            return fail(trailing_comma, comma_);
        return fail(flaw_of_value(c));
    }

    [[nodiscard]] const char *flaw_of_value(char c) const
    {
        switch (c) {
        case '\'':
            return "a string is in single quotes instead of double quotes";
        case '/':
        case '#':
            return "JSON has no comments";
        case '+':
        case '.':
            return "a number is malformed";
        default:
            return rest().starts_with(byte_order_mark) ? "there is a byte order mark" : "a value is missing";
        }
    }

    bool read_word()
    {
        const std::size_t start = at_;
        while (is_word(peek()))
            move();
        const std::string_view word(text_.data() + start, at_ - start);
        if (word == "true" || word == "false" || word == "null")
            return true;
        return fail(word == "NaN" || word == "Infinity" ? not_finite : "a word is not true, false or null",
                    start);
    }

    /* Returns false if there are no digits. */
    bool skip_digits()
    {
        const std::size_t start = at_;
        while (is_digit(peek()))
            move();
        return at_ > start;
    }

    bool read_number()
    {
        const std::size_t start = at_;
        if (peek() == '-')
            move();
        if (peek() == 'I')
            return fail(not_finite, start);
        const bool starts_with_zero = peek() == '0';
        const std::size_t digits = at_;
        bool is_good = skip_digits() && (!starts_with_zero || at_ == digits + 1);
        if (is_good && peek() == '.') {
            move();
            is_good = skip_digits();
        }
        if (is_good && (peek() == 'e' || peek() == 'E')) {
            move();
            if (peek() == '+' || peek() == '-')
                move();
            is_good = skip_digits();
        }
        return (is_good && !is_word(peek()) && peek() != '.') || fail("a number is malformed", start);
    }

    // ---- strings ---------------------------------------------------------------------------------

    bool read_string()
    {
        move();
        while (!is_at_end()) {
            const char c = text_[at_];
            if (static_cast<unsigned char>(c) < ' ')
                return fail("a string has a control character that is not escaped");
            if (c == '\\') {
                if (!read_escape())
                    return false;
                continue;
            }
            move();
            if (c == '"')
                return true;
        }
        return fail_at_end("a string is not closed");
    }

    bool read_escape()
    {
        constexpr std::string_view letters = "\"\\/bfnrt";
        if (text_.size() - at_ < 2)
            return fail_at_end("a string is not closed");
        if (peek(1) == 'u')
            return read_code_point();
        if (letters.find(peek(1)) == std::string_view::npos)
            return fail("a string has an unknown escape sequence");
        move();
        move();
        return true;
    }

    /* Reads "\u" and four digits. */
    bool read_unit(std::uint32_t &unit)
    {
        constexpr std::string_view hexadecimal = "0123456789abcdef";
        constexpr std::size_t size = 6;
        unit = 0;
        for (std::size_t digit = 2; digit < size; ++digit) {
            if (text_.size() - at_ <= digit)
                return fail_at_end("a string is not closed");
            const char c = peek(digit);
            const std::size_t value = hexadecimal.find(c >= 'A' && c <= 'F' ? static_cast<char>(c | ' ') : c);
            if (value == std::string_view::npos)
                return fail("\\u is not followed by four hexadecimal digits");
            unit = unit << 4U | static_cast<std::uint32_t>(value);
        }
        for (std::size_t digit = 0; digit < size; ++digit)
            move();
        return true;
    }

    bool read_code_point()
    {
        constexpr const char *half = "one half of a pair of surrogates is missing";
        const std::size_t start = at_;
        std::uint32_t point = 0;
        if (!read_unit(point))
            return false;
        if (point == 0)
            return fail("\\u0000 cannot be stored", start);
        if ((point & 0xFC00U) == 0xDC00)
            return fail(half, start);
        if ((point & 0xFC00U) == 0xD800) {
            std::uint32_t low = 0;
            if (peek() != '\\' || peek(1) != 'u')
                return fail(half, start);
            if (!read_unit(low))
                return false;
            if ((low & 0xFC00U) != 0xDC00)
                return fail(half, start);
            point = 0x10000 + ((point & 0x3FFU) << 10U) + (low & 0x3FFU);
        }
        char character[4];
        return point < 0x80 || write_character(character, point) != nullptr ||
               fail("the encoding of the database does not have a character", start);
    }

    static constexpr const char *not_finite = "JSON has no NaN and no Infinity";

    std::string_view text_;
    std::size_t at_ = 0;
    Next next_ = Next::Value;
    std::size_t comma_ = 0; /* the offset of the last comma between members or elements */
    SyntaxError error_;
    std::size_t depth_ = 0;
    bool is_object_[max_depth]; /* for each container that is open */
};

static_assert(std::is_trivially_destructible_v<SyntaxReader>);

} // namespace

SyntaxError find_syntax_error(std::string_view text)
{
    return SyntaxReader(text).find();
}

} // namespace opigno::json
