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
    EXPECT_FALSE(contains("", is_control));
    EXPECT_FALSE(contains("plain " + utf8(0xE9), is_control));
    EXPECT_TRUE(contains("a\x7F", is_control));
    EXPECT_TRUE(contains(utf8(0xE9) + utf8(0x85), is_control));
    EXPECT_TRUE(contains(std::string_view("a\0b", 3), is_control));
}

/* The number of code points, and those at the edges of a range, as Unicode's own file has them. */
TEST(Unicode, IgnorableIsUnicodes)
{
    int ignorable = 0;
    for (char32_t point = 0; point <= 0x10FFFF; ++point)
        ignorable += is_default_ignorable(point) ? 1 : 0;
    EXPECT_EQ(ignorable, 4174);
    for (const char32_t point : {0xAD, 0x180E, 0x200B, 0x200C, 0x200D, 0x2060, 0x3164, 0xFEFF, 0xE0001})
        EXPECT_TRUE(is_default_ignorable(point)) << static_cast<std::uint32_t>(point);
    for (const char32_t point :
         {0x20, 0x61, 0xA0, 0xAC, 0xAE, 0x200A, 0x2010, 0x2029, 0x202F, 0x2800, 0xFFFD})
        EXPECT_FALSE(is_default_ignorable(point)) << static_cast<std::uint32_t>(point);
}

TEST(Unicode, BidirectionalControlsAreUnicodesAndIgnorable)
{
    const std::set<char32_t> expected = {0x61C,  0x200E, 0x200F, 0x202A, 0x202B, 0x202C,
                                         0x202D, 0x202E, 0x2066, 0x2067, 0x2068, 0x2069};
    for (char32_t point = 0; point <= 0x10FFFF; ++point) {
        EXPECT_EQ(is_bidirectional_control(point), expected.contains(point))
            << static_cast<std::uint32_t>(point);
        EXPECT_TRUE(!is_bidirectional_control(point) || is_default_ignorable(point));
    }
}

TEST(Unicode, VisibleIsWhatLeavesAMark)
{
    for (const char32_t point : {0x61, 0xE9, 0x301, 0x627, 0x1F600, 0x2801, 0xFFFD})
        EXPECT_TRUE(is_visible(point)) << static_cast<std::uint32_t>(point);
    for (const char32_t point : {0x0, 0x20, 0x7F, 0x85, 0xA0, 0xAD, 0x200D, 0x202E, 0x2800, 0x3164, 0xFEFF})
        EXPECT_FALSE(is_visible(point)) << static_cast<std::uint32_t>(point);
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
