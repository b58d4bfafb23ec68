#include "json/schema/assembly.hpp"

#include <algorithm>

namespace opigno::json::schema {

namespace {

/* The names in "properties" and "required", each once, in the order of compare_keys(). */
std::span<Property> properties_of(Assembly &assembly, PlaceId place, const Value *properties,
                                  const Value *required)
{
    const std::uint32_t most =
        (properties == nullptr ? 0 : count_of(*properties)) + (required == nullptr ? 0 : count_of(*required));
    if (most == 0)
        return {};
    auto *made = assembly.arena().array<Property>(most);
    std::size_t count = 0;
    if (properties != nullptr)
        for (Members members(properties->bytes.data()); members.are_left(); members.next())
            made[count++] = {members.key(),
                             assembly.node_of(place, {"properties", members.key()}, members.value()), false};
    if (required != nullptr)
        for (Elements names(required->bytes.data()); names.are_left(); names.next())
            made[count++] = {names.value().bytes, no_node, true};
    poll();
    std::sort(made, made + count, [](const Property &left, const Property &right) {
        return compare_keys(left.name, right.name) < 0;
    });
    std::size_t kept = 0;
    for (std::size_t at = 0; at < count; ++at) {
        if (kept == 0 || made[kept - 1].name != made[at].name) {
            made[kept++] = made[at];
            continue;
        }
        made[kept - 1].schema = std::min(made[kept - 1].schema, made[at].schema); /* one is no_node */
        made[kept - 1].is_required = true;
    }
    return {made, kept};
}

const std::uint16_t *by_length(std::span<const Property> properties, Arena &arena)
{
    static_assert(max_keywords < 0xFFFF);
    auto *starts = arena.array<std::uint16_t>(ObjectRules::max_indexed + 2);
    std::uint16_t at = 0;
    for (std::size_t length = 0; length <= ObjectRules::max_indexed; ++length) {
        while (at < properties.size() && properties[at].name.size() < length)
            ++at;
        starts[length] = at;
    }
    starts[ObjectRules::max_indexed + 1] = static_cast<std::uint16_t>(properties.size());
    return starts;
}

std::span<const PatternProperty> patterns_of(Assembly &assembly, PlaceId place, const Value *value)
{
    if (value == nullptr || count_of(*value) == 0)
        return {};
    auto *made = assembly.arena().array<PatternProperty>(count_of(*value));
    for (Members members(value->bytes.data()); members.are_left(); members.next())
        made[members.at()] = {assembly.index().pattern(members.key()),
                              assembly.node_of(place, {"patternProperties", members.key()}, members.value()),
                              members.key()};
    return {made, count_of(*value)};
}

std::span<const Dependency> dependencies_of(Assembly &assembly, PlaceId place, const Keywords &keywords)
{
    struct Source {
        Keyword keyword;
        std::string_view name;
    };
    static constexpr Source sources[] = {{Keyword::DependentRequired, "dependentRequired"},
                                         {Keyword::DependentSchemas, "dependentSchemas"},
                                         {Keyword::Dependencies, "dependencies"}};
    std::size_t count = 0;
    for (const Source &source : sources)
        if (const Value *value = keywords.find(source.keyword))
            count += count_of(*value);
    if (count == 0)
        return {};
    Dependency *const made = assembly.arena().array<Dependency>(count);
    Dependency *next = made;
    for (const Source &source : sources) {
        const Value *value = keywords.find(source.keyword);
        if (value == nullptr)
            continue;
        Members members(value->bytes.data());
        for (; members.are_left(); members.next(), ++next) {
            next->member = members.key();
            next->is_of_dependencies = source.keyword == Keyword::Dependencies;
            if (is_array(members.value()))
                next->required = assembly.strings_of(members.value());
            else
                next->schema = assembly.node_of(place, {source.name, members.key()}, members.value());
        }
    }
    return {made, count};
}

} // namespace

const ObjectRules *object_rules(Assembly &assembly, PlaceId place, const Keywords &keywords)
{
    ObjectRules rules;
    const auto properties =
        properties_of(assembly, place, keywords.find(Keyword::Properties), keywords.find(Keyword::Required));
    rules.properties = properties;
    for (const Property &property : properties)
        rules.required += property.is_required ? 1 : 0;
    bool has_rules = set_count(keywords, Keyword::MinProperties, rules.min_properties);
    has_rules |= set_count(keywords, Keyword::MaxProperties, rules.max_properties);
    rules.patterns = patterns_of(assembly, place, keywords.find(Keyword::PatternProperties));
    rules.dependencies = dependencies_of(assembly, place, keywords);
    rules.additional =
        assembly.node_of(place, keywords, Keyword::AdditionalProperties, "additionalProperties");
    rules.names = assembly.node_of(place, keywords, Keyword::PropertyNames, "propertyNames");
    if (!has_rules && properties.empty() && rules.patterns.empty() && rules.dependencies.empty() &&
        rules.additional == no_node && rules.names == no_node)
        return nullptr;
    rules.by_length = by_length(properties, assembly.arena());
    auto *made = assembly.arena().make<ObjectRules>();
    *made = rules;
    return made;
}

} // namespace opigno::json::schema
