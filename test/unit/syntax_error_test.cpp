#include "fuzz/parse_text.hpp"
#include "json/text/syntax_error.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using opigno::json::find_syntax_error;
using opigno::json::SyntaxError;

TEST(SyntaxErrors, ReasonAndPlace)
{
    const struct {
        std::string text;
        const char *reason;
        std::size_t at;
        bool is_end;
    } cases[] = {
        {"", "a value is missing", 0, true},
        {" \n", "a value is missing", 2, true},
        {"\xEF\xBB\xBF{}", "there is a byte order mark", 0, false},
        {R"({"a":1,})", "a comma precedes a closing bracket", 6, false},
        {R"([1, 2 , ])", "a comma precedes a closing bracket", 6, false},
        {R"([1,,2])", "a value is missing", 3, false},
        {R"([,])", "a value is missing", 1, false},
        {R"({"a":})", "a value is missing", 5, false},
        {R"([{"a":]})", "a value is missing", 6, false},
        {R"({"a":NaN})", "JSON has no NaN and no Infinity", 5, false},
        {R"([Infinity])", "JSON has no NaN and no Infinity", 1, false},
        {R"([-Infinity])", "JSON has no NaN and no Infinity", 1, false},
        {R"([True])", "a word is not true, false or null", 1, false},
        {R"([nulls])", "a word is not true, false or null", 1, false},
        {R"({a: 1})", "a name is not in double quotes", 1, false},
        {R"({1: 1})", "a name is not in double quotes", 1, false},
        {R"({'a': 1})", "a name is in single quotes instead of double quotes", 1, false},
        {R"({"a": 'b'})", "a string is in single quotes instead of double quotes", 6, false},
        {R"({,})", "a name is missing", 1, false},
        {R"({"a":1,,})", "a name is missing", 7, false},
        {R"({"a" 1})", "a colon is missing after a name", 5, false},
        {R"({"a":1 "b":2})", "a comma or a closing bracket is missing", 7, false},
        {R"([1:2])", "a comma or a closing bracket is missing", 2, false},
        {R"({"a":1])", "a closing bracket does not match its opening bracket", 6, false},
        {R"([1})", "a closing bracket does not match its opening bracket", 2, false},
        {R"([1] x)", "text follows the value", 4, false},
        {R"({},)", "text follows the value", 2, false},
        {"[1, // one\n2]", "JSON has no comments", 4, false},
        {R"([01])", "a number is malformed", 1, false},
        {R"([-])", "a number is malformed", 1, false},
        {R"([1.])", "a number is malformed", 1, false},
        {R"([.5])", "a number is malformed", 1, false},
        {R"([+1])", "a number is malformed", 1, false},
        {R"([1e])", "a number is malformed", 1, false},
        {R"([0x1f])", "a number is malformed", 1, false},
        {R"([1.2.3])", "a number is malformed", 1, false},
        {"[\"a\nb\"]", "a string has a control character that is not escaped", 3, false},
        {R"(["\x"])", "a string has an unknown escape sequence", 2, false},
        {R"(["\u12g4"])", "\\u is not followed by four hexadecimal digits", 2, false},
        {R"(["a\u0000"])", "\\u0000 cannot be stored", 3, false},
        {R"(["\ud800"])", "one half of a pair of surrogates is missing", 2, false},
        {R"(["\udc00"])", "one half of a pair of surrogates is missing", 2, false},
        {R"(["\ud800\ud800"])", "one half of a pair of surrogates is missing", 2, false},
        {R"(["a)", "a string is not closed", 3, true},
        {R"(["\)", "a string is not closed", 3, true},
        {R"(["\u1)", "a string is not closed", 5, true},
        {R"([)", "an array is not closed", 1, true},
        {R"([1,)", "an array is not closed", 3, true},
        {R"({)", "an object is not closed", 1, true},
        {R"([{"a")", "an object is not closed", 5, true},
        {R"([{"a":)", "an object is not closed", 6, true},
    };
    for (const auto &[text, reason, at, is_end] : cases) {
        const SyntaxError error = find_syntax_error(text);
        EXPECT_STREQ(error.reason, reason) << text;
        EXPECT_EQ(error.at, at) << text;
        EXPECT_EQ(error.is_end, is_end) << text;
    }
}

TEST(SyntaxErrors, NoneInValidText)
{
    for (const char *text : {" 1 ", "-0.50e+10", "null", "\"\"", "[]", "{}", "[ ]", "[1,[2,{}],\"a\"]",
                             R"({"a" : {"b":[true,false]}, "":"\"\\\/\b\f\n\r\t\u0041\uD83D\ude00"})"})
        EXPECT_EQ(find_syntax_error(text).reason, nullptr) << text;
}

TEST(SyntaxErrors, BeyondThousandsOfLevelsItGivesUp)
{
    const auto nested = [](std::size_t levels) { return std::string(levels, '['); };
    EXPECT_STREQ(find_syntax_error(nested(8192)).reason, "an array is not closed");
    EXPECT_EQ(find_syntax_error(nested(8193)).reason, nullptr);
}

} // namespace
