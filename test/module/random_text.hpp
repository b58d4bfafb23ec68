/* JSON text that is damaged at random, and stays text of the database's encoding. */
#pragma once

#include "random_json.hpp"

namespace opigno::test {

class Damage {
  public:
    Damage(std::uint64_t seed, StringInfo out) : random_(seed), out_(out) {}

    /* Every fourth text stays as it is. */
    void of(std::string_view whole)
    {
        appendBinaryStringInfo(out_, whole.data(), static_cast<int>(whole.size()));
        for (std::uint32_t edits = random_.below(4); edits > 0; --edits)
            edit();
        mend();
    }

  private:
    std::uint32_t place() { return random_.below(static_cast<std::uint32_t>(out_->len) + 1); }
    std::uint32_t length() { return random_.one_in(8) ? random_.below(40) : 1 + random_.below(3); }

    void edit()
    {
        const std::uint32_t from = place();
        const std::uint32_t to = std::min(from + length(), static_cast<std::uint32_t>(out_->len));
        const std::string_view part = copy({out_->data + from, to - from});
        switch (random_.below(8)) {
        case 0:
            put(from, to, {});
            break;
        case 1: {
            const std::uint32_t at = place();
            put(at, at, part);
            break;
        }
        case 2: {
            const char byte = static_cast<char>(1 + random_.below(255));
            put(from, std::min(from + 1, static_cast<std::uint32_t>(out_->len)), {&byte, 1});
            break;
        }
        case 3:
            if (random_.one_in(4)) /* cut off */
                put(from, static_cast<std::uint32_t>(out_->len), {});
            break;
        default:
            put(from, random_.one_in(2) ? from : to, piece());
        }
    }

    std::string_view piece()
    {
        // clang-format off
        static constexpr std::string_view pieces[] = {
            "{", "}", "[", "]", ",", ":", "\"", "\\", " ", "\n", "\t", "\r", "\f", "\v", "\x01", "\x1A",
            "\x1F", "\x7F", "/",
            "\\u", "\\u0000", "\\u0041", "\\uD83D", "\\uDE00", "\\uD83D\\uDE00", "\\ud800\\u0041",
            "\\uDC00\\uD800", "\\u00e9", "\\u20AC", "\\uFFFF",
            "\\u12", "\\uGGGG", "\\x", "\\\"", "\\\\", "\\/", "\\b", "\\'", "\\n", "\\0",
            "0", "-", "-0", "01", "1.", ".5", "+1", "1e5", "1E+2", "1e-3", "1e", "1e+", "0.0", "-0.00", "00",
            "1.10", "1e400", "1e-400", "1e9999", "1e-9999", "1e10000", "1e131071",
            "1e131072", "1e-16383", "1e-16384", "1e400000", "1e99999999999", "12345678901234567890",
            "0.1234567890123456789", "1_0", "0x1F", "NaN", "Infinity", "-Infinity",
            "true", "false", "null", "True", "nul", "nulll", "truefalse", "\"a\":1", "\"a\":1,\"a\":2",
            "\"\":[]", "{}", "[]", "[[]]", "{\"k\":{}}", "//c", "/**/", "'a'",
            "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\xEF\xBB\xBF", "\xE2\x80\xA8", "\xC2\xA0",
            "\xC2\x85", "\xE9", "\x80"};
        // clang-format on
        return random_.pick(pieces);
    }

    void put(std::uint32_t from, std::uint32_t to, std::string_view piece)
    {
        const std::string_view rest = copy({out_->data + to, static_cast<std::size_t>(out_->len) - to});
        out_->len = static_cast<int>(from);
        appendBinaryStringInfo(out_, piece.data(), static_cast<int>(piece.size()));
        appendBinaryStringInfo(out_, rest.data(), static_cast<int>(rest.size()));
    }

    /* Bytes that are no character of the encoding become question marks. */
    void mend()
    {
        for (int at = 0; at < out_->len; ++at) {
            at += pg_encoding_verifymbstr(GetDatabaseEncoding(), out_->data + at, out_->len - at);
            if (at < out_->len)
                out_->data[at] = '?';
        }
    }

    Random random_;
    StringInfo out_;
};

} // namespace opigno::test
