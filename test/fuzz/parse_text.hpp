/*
 * JSON text parsed the plain way, for fuzzer and unit tests. It shares nothing with src/json, so that
 * the two cannot share a mistake.
 */
#pragma once

#include "fuzz/document.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>

namespace opigno::test {

inline bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* A number of the server's stands here for one: ten bytes that follow from its text. */
inline std::string server_number(std::string_view text)
{
    unsigned sum = 0;
    for (const char c : text)
        sum = sum * 31 + static_cast<unsigned char>(c);
    return length_bytes(10) + word_bytes(sum) + "nn";
}

/* The plain way: from the top down, by recursion. */
class TextParser {
  public:
    explicit TextParser(std::string_view text) : rest_(text) {}

    /* Nothing for what is malformed, or left to the server: deeper than 128 levels, huge numbers, U+0000. */
    std::optional<Document> parse()
    {
        Document made;
        if (!value(made, 0) || (skip(), !rest_.empty()))
            return std::nullopt;
        return made;
    }

    /* Whether an object of the text had a key twice. */
    [[nodiscard]] bool has_repeats() const { return has_repeats_; }

    /* The bytes of numeric, by whole digits to the base of 10,000. */
    static std::string numeric(std::string_view text)
    {
        const bool is_negative = text[0] == '-';
        const std::size_t point = text.find('.');
        std::string integer(text.substr(is_negative ? 1 : 0, point - (is_negative ? 1 : 0)));
        std::string fraction(point == std::string_view::npos ? "" : text.substr(point + 1));
        const std::size_t scale = fraction.size();
        integer.insert(0, (4 - integer.size() % 4) % 4, '0');
        fraction.append((4 - fraction.size() % 4) % 4, '0');
        std::string digits = integer + fraction;
        int weight = static_cast<int>(integer.size() / 4) - 1;
        for (; digits.starts_with("0000"); digits.erase(0, 4))
            --weight;
        while (digits.ends_with("0000"))
            digits.erase(digits.size() - 4);
        if (digits.empty())
            weight = 0;
        std::string bytes;
        const auto put = [&bytes](unsigned number) { bytes += half_bytes(number); };
        put(0x8000U + (is_negative && !digits.empty() ? 0x2000U : 0) + static_cast<unsigned>(scale) * 0x80U +
            (static_cast<unsigned>(weight) & 0x7FU));
        for (std::size_t at = 0; at < digits.size(); at += 4)
            put(static_cast<unsigned>(std::atoi(digits.substr(at, 4).c_str())));
        return length_bytes(bytes.size() + 4) + bytes;
    }

  private:
    void skip()
    {
        while (!rest_.empty() && is_space(rest_[0]))
            rest_.remove_prefix(1);
    }
    bool take(std::string_view token)
    {
        skip();
        if (!rest_.starts_with(token))
            return false;
        rest_.remove_prefix(token.size());
        return true;
    }

    bool value(Document &made, int depth)
    {
        skip();
        if (take("null"))
            return true;
        for (const auto &[word, kind] :
             {std::pair("true", Document::Kind::True), std::pair("false", Document::Kind::False)})
            if (take(word)) {
                made.kind = kind;
                return true;
            }
        if (rest_.starts_with('"')) {
            made.kind = Document::Kind::String;
            return string(made.text);
        }
        if (rest_.starts_with('[') || rest_.starts_with('{'))
            return depth < 128 && container(made, depth);
        made.kind = Document::Kind::Number;
        return number(made.text);
    }

    bool container(Document &made, int depth)
    {
        const bool is_object = take("{");
        const std::string_view end = is_object ? "}" : "]";
        made.kind = is_object ? Document::Kind::Object : Document::Kind::Array;
        if (!is_object)
            take("[");
        if (take(end))
            return true;
        do {
            std::string key;
            Document child;
            if (is_object && (skip(), !string(key) || !take(":")))
                return false;
            if (!value(child, depth + 1))
                return false;
            if (is_object)
                has_repeats_ |= !made.members.insert_or_assign(key, std::move(child)).second;
            else
                made.elements.push_back(std::move(child));
        } while (take(","));
        return take(end);
    }

    /* 0x10000 and more: no digits. */
    unsigned unit()
    {
        unsigned made = 0;
        for (int digit = 0; digit < 4; ++digit, rest_.remove_prefix(1)) {
            const std::size_t found =
                rest_.empty() ? 99 : std::string_view("0123456789abcdefABCDEF").find(rest_[0]);
            if (found > 21)
                return 0x10000;
            made = made * 16 + static_cast<unsigned>(found > 15 ? found - 6 : found);
        }
        return made;
    }

    bool escape(std::string &made)
    {
        if (rest_.empty())
            return false;
        const char letter = rest_[0];
        rest_.remove_prefix(1);
        const std::size_t known = std::string_view("\"\\/bfnrt").find(letter);
        if (known != std::string_view::npos) {
            made += "\"\\/\b\f\n\r\t"[known];
            return true;
        }
        if (letter != 'u')
            return false;
        unsigned point = unit();
        if (point >= 0xD800 && point < 0xDC00) {
            if (!rest_.starts_with("\\u"))
                return false;
            rest_.remove_prefix(2);
            const unsigned low = unit();
            if (low < 0xDC00 || low > 0xDFFF)
                return false;
            point = 0x10000 + (point - 0xD800) * 0x400 + (low - 0xDC00);
        } else if (point == 0 || point > 0xFFFF || (point >= 0xDC00 && point < 0xE000)) {
            return false;
        }
        append(made, point);
        return true;
    }

    static void append(std::string &made, unsigned point)
    {
        const auto tail = [&](unsigned shift) {
            made += static_cast<char>(0x80 + point / (1U << shift) % 64);
        };
        if (point < 0x80) {
            made += static_cast<char>(point);
        } else if (point < 0x800) {
            made += static_cast<char>(0xC0 + point / 64);
            tail(0);
        } else if (point < 0x10000) {
            made += static_cast<char>(0xE0 + point / 4096);
            tail(6);
            tail(0);
        } else {
            made += static_cast<char>(0xF0 + point / 262144);
            tail(12);
            tail(6);
            tail(0);
        }
    }

    bool string(std::string &made)
    {
        if (!rest_.starts_with('"'))
            return false;
        rest_.remove_prefix(1);
        while (!rest_.empty()) {
            const char c = rest_[0];
            rest_.remove_prefix(1);
            if (c == '"')
                return true;
            if (static_cast<unsigned char>(c) < 0x20 || (c == '\\' && !escape(made)))
                return false;
            if (c != '\\')
                made += c;
        }
        return false;
    }

    std::string digits()
    {
        const std::size_t count = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
        const std::string made(rest_.substr(0, count));
        rest_.remove_prefix(count);
        return made;
    }

    bool number(std::string &made)
    {
        const std::string_view start = rest_;
        if (rest_.starts_with('-'))
            rest_.remove_prefix(1);
        const std::string integer = digits();
        if (integer.empty() || (integer[0] == '0' && integer.size() > 1))
            return false;
        std::string fraction;
        if (rest_.starts_with('.')) {
            rest_.remove_prefix(1);
            fraction = digits();
            if (fraction.empty())
                return false;
        }
        bool is_plain = integer.size() <= 64 && fraction.size() <= 63;
        if (rest_.starts_with('e') || rest_.starts_with('E')) {
            rest_.remove_prefix(1);
            if (rest_.starts_with('+') || rest_.starts_with('-'))
                rest_.remove_prefix(1);
            const std::string exponent = digits();
            if (exponent.empty() || exponent.size() > 4)
                return false;
            is_plain = false;
        }
        const std::string_view all = start.substr(0, start.size() - rest_.size());
        made = is_plain ? numeric(all) : server_number(all);
        return all.size() <= 6000;
    }

    std::string_view rest_;
    bool has_repeats_ = false;
};

} // namespace opigno::test
