#include "identity/uuid_form.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace opigno::identity;

constexpr std::string_view lower = "3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77";
constexpr std::string_view upper = "3BC5B83F-7D96-4B0C-B1E6-627A01D1AB77";

TEST(UuidForm, IsEightFourFourFourTwelve)
{
    EXPECT_TRUE(is_uuid(lower));
    EXPECT_TRUE(is_uuid(upper));
    EXPECT_FALSE(is_uuid(""));
    EXPECT_FALSE(is_uuid("{3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77}"));
    EXPECT_FALSE(is_uuid("3bc5b83f7d964b0cb1e6627a01d1ab77"));
    EXPECT_FALSE(is_uuid("3bc5b83f-7d96-4b0cb-1e6-627a01d1ab77"));
}

TEST(UuidForm, EachPositionMatters)
{
    for (std::size_t at = 0; at < lower.size(); ++at)
        for (const char wrong : {'g', 'G', '/', ':', '@', '`', ' ', '\0', '\x80'}) {
            std::string broken(lower);
            broken[at] = wrong;
            EXPECT_FALSE(is_uuid(broken)) << at << ' ' << static_cast<int>(wrong);
        }
}

TEST(UuidForm, OnlyUpperCaseDigitsOfAUuidAreNotCanonical)
{
    EXPECT_TRUE(is_canonical(lower));
    EXPECT_FALSE(is_canonical(upper));
    EXPECT_TRUE(is_canonical("ANON-7F3A"));
    EXPECT_TRUE(is_canonical("{3BC5B83F-7D96-4B0C-B1E6-627A01D1AB77}"));
    for (std::size_t at = 0; at < lower.size(); ++at) {
        std::string one(lower);
        one[at] = upper[at];
        EXPECT_EQ(is_canonical(one), lower[at] == upper[at]) << at;
    }
}

TEST(UuidForm, CanonicalDigitsAreLowerCase)
{
    std::string value(upper);
    for (char &c : value)
        c = canonical_digit(c);
    EXPECT_EQ(value, lower);
}

} // namespace
