#include "text/case_folding.hpp"

#include <gtest/gtest.h>

namespace {

using opigno::texts::folded;

TEST(CaseFolding, FoldsLetters)
{
    EXPECT_EQ(folded(U'A'), U'a');
    EXPECT_EQ(folded(U'Z'), U'z');
    EXPECT_EQ(folded(U'\u00C4'), U'\u00E4');
    EXPECT_EQ(folded(U'\u0178'), U'\u00FF');
    EXPECT_EQ(folded(U'\u03A3'), U'\u03C3');
    EXPECT_EQ(folded(U'\u03C2'), U'\u03C3'); /* final sigma */
    EXPECT_EQ(folded(U'\u0416'), U'\u0436');
    EXPECT_EQ(folded(U'\u212A'), U'k'); /* the sign of kelvin */
    EXPECT_EQ(folded(U'\u1E9E'), U'\u00DF');
    EXPECT_EQ(folded(U'\u13F8'), U'\u13F0');
    EXPECT_EQ(folded(U'\U00010400'), U'\U00010428');
}

TEST(CaseFolding, LeavesOthers)
{
    for (const char32_t point : {U' ', U'a', U'z', U'@', U'[', U'1', U'\u00DF', U'\u00D7', U'\u0130',
                                 U'\u0131', U'\uFB01', U'\u4E00', U'\U0010FFFF'})
        EXPECT_EQ(folded(point), point);
}

TEST(CaseFolding, IsIdempotent)
{
    for (char32_t point = 0; point <= 0x10FFFF; ++point)
        ASSERT_EQ(folded(folded(point)), folded(point)) << static_cast<std::uint32_t>(point);
}

} // namespace
