#include "text/unicode.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace {

using namespace opigno::texts;

std::string utf8(char32_t point)
{
    std::string out;
    if (point < 0x80) {
        out += static_cast<char>(point);
    } else if (point < 0x800) {
        out += static_cast<char>(0xC0 | (point >> 6));
        out += static_cast<char>(0x80 | (point & 0x3F));
    } else if (point < 0x10000) {
        out += static_cast<char>(0xE0 | (point >> 12));
        out += static_cast<char>(0x80 | ((point >> 6) & 0x3F));
        out += static_cast<char>(0x80 | (point & 0x3F));
    } else {
        out += static_cast<char>(0xF0 | (point >> 18));
        out += static_cast<char>(0x80 | ((point >> 12) & 0x3F));
        out += static_cast<char>(0x80 | ((point >> 6) & 0x3F));
        out += static_cast<char>(0x80 | (point & 0x3F));
    }
    return out;
}

TEST(Unicode, EveryCodePointComesOutAsItWentIn)
{
    for (char32_t point = 1; point <= 0x10FFFF; ++point) {
        if (point >= 0xD800 && point <= 0xDFFF)
            continue;
        const std::string text = utf8(point) + "x";
        std::string_view rest = text;
        ASSERT_EQ(take_code_point(rest), point);
        ASSERT_EQ(rest, "x");
    }
}

TEST(Unicode, IllFormedBytesComeOutOneByOneAndNothingIsReadBeyondTheEnd)
{
    for (const std::string text : {"\xC3", "\xE2\x82", "\xF0\x9F\x98", "\xC3x", "\x80", "\xFF", "\xC0\x80"}) {
        std::string_view rest = text;
        std::size_t steps = 0;
        while (!rest.empty()) {
            const char32_t point = take_code_point(rest);
            EXPECT_TRUE(point == replacement_character || point == 'x');
            ++steps;
        }
        EXPECT_GE(steps, 1U);
        EXPECT_LE(steps, text.size());
    }
}

/* Unicode's property White_Space, from PropList.txt. */
TEST(Unicode, WhiteSpaceIsUnicodes)
{
    const std::set<char32_t> expected = {0x09,   0x0A,   0x0B,   0x0C,   0x0D,   0x20,   0x85,
                                         0xA0,   0x1680, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004,
                                         0x2005, 0x2006, 0x2007, 0x2008, 0x2009, 0x200A, 0x2028,
                                         0x2029, 0x202F, 0x205F, 0x3000};
    for (char32_t point = 0; point <= 0x10FFFF; ++point)
        EXPECT_EQ(is_white_space(point), expected.contains(point)) << static_cast<std::uint32_t>(point);
}

TEST(Unicode, ControlsAreC0DelAndC1)
{
    for (char32_t point = 0; point <= 0x200; ++point)
        EXPECT_EQ(is_control(point), point <= 0x1F || point == 0x7F || (point >= 0x80 && point <= 0x9F));
}

TEST(Unicode, BlankIsEmptyOrWhiteSpaceOnly)
{
    EXPECT_TRUE(is_blank(""));
    EXPECT_TRUE(is_blank(" \t\n"));
    EXPECT_TRUE(is_blank(utf8(0xA0) + utf8(0x2003) + utf8(0x3000)));
    EXPECT_FALSE(is_blank(utf8(0x200B))); /* ZERO WIDTH SPACE is no White_Space */
    EXPECT_FALSE(is_blank(" a "));
}

TEST(Unicode, ControlsAreFoundAnywhere)
{
    EXPECT_FALSE(contains_control(""));
    EXPECT_FALSE(contains_control("plain " + utf8(0xE9)));
    EXPECT_TRUE(contains_control("a\x7F"));
    EXPECT_TRUE(contains_control(utf8(0xE9) + utf8(0x85)));
    EXPECT_TRUE(contains_control(std::string_view("a\0b", 3)));
}

TEST(Unicode, WhiteSpaceAroundIsTrimmed)
{
    const std::string space = utf8(0x3000) + utf8(0xA0) + " \t\r\n";
    EXPECT_EQ(trimmed_utf8(""), "");
    EXPECT_EQ(trimmed_utf8(space), "");
    EXPECT_EQ(trimmed_utf8("a"), "a");
    EXPECT_EQ(trimmed_utf8(space + "a b" + space), "a b");
    const std::string inner = utf8(0x10FFFF) + space + utf8(0xE9);
    EXPECT_EQ(trimmed_utf8(space + inner + space), inner);
    EXPECT_EQ(trimmed_utf8(inner), inner);
    EXPECT_EQ(trimmed_utf8("\xFF "), "\xFF");
}

} // namespace
