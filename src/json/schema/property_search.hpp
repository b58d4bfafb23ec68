/* Finds the property that a schema lists for a name. Does not depend on PostgreSQL. */
#pragma once

#include "json/schema/program.hpp"

#include <algorithm>

namespace opigno::json::schema {

/* properties: of the same size as the name, or all of them not shorter than max_indexed */
inline const Property *find_by_halving(const Property *from, const Property *to, std::string_view name)
{
    from = std::lower_bound(from, to, name, [](const Property &property, std::string_view wanted) {
        return compare_keys(property.name, wanted) < 0;
    });
    return from != to && from->name == name ? from : nullptr;
}

/* Returns nullptr if there is none. */
[[gnu::always_inline]] inline const Property *find_property(const ObjectRules &rules, std::string_view name)
{
    if (rules.properties.empty())
        return nullptr;
    constexpr std::ptrdiff_t few = 16;
    const std::size_t size = name.size();
    const std::size_t length = std::min<std::size_t>(size, ObjectRules::max_indexed);
    const Property *from = rules.properties.data() + rules.by_length[length];
    const Property *to = rules.properties.data() + rules.by_length[length + 1];
    if (to - from > few || size >= ObjectRules::max_indexed)
        return find_by_halving(from, to, name);
    for (; from != to; ++from)
        if (is_same(from->name.data(), name.data(), size))
            return from;
    return nullptr;
}

} // namespace opigno::json::schema
