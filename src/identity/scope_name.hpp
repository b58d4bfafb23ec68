/* Names of scopes: the built-in ones and the rule for a site's own. Does not depend on
 * PostgreSQL. */
#pragma once

#include <cstddef>
#include <string_view>

namespace opigno::identity {

struct BuiltInScope {
    std::string_view name;
    std::string_view implies; /* the name of one other, or empty */
    std::string_view description;
};

inline constexpr BuiltInScope built_in_scopes[] = {
    {"AUTHENTICATED", "", "registered user"},
    {"ADMINISTRATOR", "AUTHENTICATED", "registered user who administers the site"},
};

inline constexpr std::string_view administrator = built_in_scopes[1].name;

/* As input it means no scope. It is never stored. */
inline constexpr std::string_view anonymous = "ANONYMOUS";

inline constexpr std::size_t max_scope_name_length = 63;

constexpr const BuiltInScope *find_built_in(std::string_view name)
{
    for (const BuiltInScope &scope : built_in_scopes)
        if (scope.name == name)
            return &scope;
    return nullptr;
}

/* Whether this can be a GraphQL enum value: [_A-Za-z][_0-9A-Za-z]*, but not true, false, null or
 * __... */
constexpr bool is_scope_name(std::string_view name)
{
    const bool starts_with_digit = !name.empty() && name[0] >= '0' && name[0] <= '9';
    if (name.empty() || name.size() > max_scope_name_length || starts_with_digit || name.starts_with("__"))
        return false;
    for (const char c : name) {
        const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
        const bool digit = c >= '0' && c <= '9';
        if (!letter && !digit)
            return false;
    }
    return name != "true" && name != "false" && name != "null";
}

} // namespace opigno::identity
