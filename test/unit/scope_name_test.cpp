#include "identity/scope_name.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace opigno::identity;

TEST(ScopeName, IsAGraphqlEnumName)
{
    for (const char *name : {"A", "_", "_a", "a1", "AUTHENTICATED", "_0", "True", "NULL", "a__b"})
        EXPECT_TRUE(is_scope_name(name)) << name;
    for (const char *name : {"", "1a", "a-b", "a b", "__", "__x", "true", "false", "null", "\xC3\xA9", "a\n"})
        EXPECT_FALSE(is_scope_name(name)) << name;
}

TEST(ScopeName, HasAtMost63Characters)
{
    EXPECT_TRUE(is_scope_name(std::string(63, 'a')));
    EXPECT_FALSE(is_scope_name(std::string(64, 'a')));
}

TEST(ScopeName, BuiltInOnesAreWellFormedAndImplyBuiltInOnes)
{
    for (const BuiltInScope &scope : built_in_scopes) {
        EXPECT_TRUE(is_scope_name(scope.name));
        EXPECT_EQ(find_built_in(scope.name), &scope);
        if (!scope.implies.empty())
            EXPECT_NE(find_built_in(scope.implies), nullptr);
    }
    EXPECT_EQ(find_built_in(anonymous), nullptr);
    EXPECT_EQ(find_built_in("authenticated"), nullptr);
}

} // namespace
