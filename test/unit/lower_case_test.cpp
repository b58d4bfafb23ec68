#include "text/lower_case.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

/* The code points of the lower case. */
std::u32string lowered(std::string_view utf8)
{
    std::u32string result;
    opigno::texts::lower_case(utf8, [&](char32_t point, std::string_view) { result += point; });
    return result;
}

TEST(LowerCase, LowersLetters)
{
    EXPECT_EQ(lowered("ALearnerUserName"), U"alearnerusername");
    EXPECT_EQ(lowered("\u00C4\u0178\u0416"), U"\u00E4\u00FF\u0436");
    EXPECT_EQ(lowered("\u1E9E\u13A0\u13F8"), U"\u00DF\uAB70\u13F8");
    EXPECT_EQ(lowered("\u212A"), U"k"); /* the sign of kelvin */
    EXPECT_EQ(lowered("I\u0130\u0131"), U"ii\u0307\u0131");
}

TEST(LowerCase, KnowsTheFinalSigma)
{
    EXPECT_EQ(lowered("\u039F\u03A3"), U"\u03BF\u03C2");
    EXPECT_EQ(lowered("\u039F\u03A3."), U"\u03BF\u03C2.");
    EXPECT_EQ(lowered("\u039F\u03A3.\u039F"), U"\u03BF\u03C3.\u03BF");
    EXPECT_EQ(lowered("\u039F.\u03A3"), U"\u03BF.\u03C2");
    EXPECT_EQ(lowered("\u03A3"), U"\u03C3");
    EXPECT_EQ(lowered("1\u03A3"), U"1\u03C3");
}

TEST(LowerCase, LeavesOthersAndWhatIsNoText)
{
    std::string bytes;
    for (const std::string_view part : {"a1 ", "\u00DF", "\xFF", "\xC3"})
        bytes += part;
    std::string kept;
    opigno::texts::lower_case(bytes, [&](char32_t, std::string_view given) { kept += given; });
    EXPECT_EQ(kept, bytes);
}

} // namespace
