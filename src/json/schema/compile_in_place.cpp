#include "json/schema/assembly.hpp"
#include "json/schema/equality.hpp"

#include <algorithm>

namespace opigno::json::schema {

namespace {

struct Hashed {
    std::uint64_t hash;
    Value value;
};

std::uint64_t checked_hash(Assembly &assembly, PlaceId place, const Value &value)
{
    std::uint64_t steps = 0;
    bool is_too_deep = false;
    const std::uint64_t hash = hash_of(value, steps, is_too_deep);
    if (is_too_deep)
        assembly.places().add_fault(place, {"enum", {}}, "\"enum\" has a value that is nested too deeply");
    return hash;
}

void set_enumeration(Assembly &assembly, PlaceId place, const Value &values, InPlaceRules &rules)
{
    const std::uint32_t count = count_of(values);
    auto *sorted = assembly.arena().array<Hashed>(count);
    for (Elements elements(values.bytes.data()); elements.are_left(); elements.next()) {
        poll();
        const Value value = elements.value();
        sorted[elements.at()] = {checked_hash(assembly, place, value), value};
    }
    std::sort(sorted, sorted + count,
              [](const Hashed &left, const Hashed &right) { return left.hash < right.hash; });
    auto *kept = assembly.arena().array<Value>(count);
    auto *hashes = assembly.arena().array<std::uint64_t>(count);
    for (std::uint32_t at = 0; at < count; ++at) {
        kept[at] = sorted[at].value;
        hashes[at] = sorted[at].hash;
    }
    rules.enumeration = {kept, count};
    rules.hashes = {hashes, count};
    rules.has_enumeration = true;
}

void set_references(Assembly &assembly, PlaceId at, InPlaceRules &rules)
{
    const Place &place = assembly.place(at);
    if (place.reference != no_place)
        rules.reference = assembly.node_of(place.reference);
    if (place.dynamic == no_place)
        return;
    auto *dynamic = assembly.arena().array<DynamicReference>(1);
    *dynamic = {assembly.node_of(place.dynamic), place.dynamic_name, place.is_dynamic,
                place.draft == Draft::Draft2019};
    rules.dynamic = dynamic;
}

void set_combinations(Assembly &assembly, PlaceId place, const Keywords &keywords, InPlaceRules &rules)
{
    if (const Value *schemas = keywords.find(Keyword::AllOf))
        rules.all_of = assembly.nodes_of(place, "allOf", *schemas);
    if (const Value *schemas = keywords.find(Keyword::AnyOf))
        rules.any_of = assembly.nodes_of(place, "anyOf", *schemas);
    if (const Value *schemas = keywords.find(Keyword::OneOf))
        rules.one_of = assembly.nodes_of(place, "oneOf", *schemas);
    rules.negated = assembly.node_of(place, keywords, Keyword::Not, "not");
    rules.condition = assembly.node_of(place, keywords, Keyword::If, "if");
    if (rules.condition == no_node)
        return;
    rules.then_branch = assembly.node_of(place, keywords, Keyword::Then, "then");
    rules.else_branch = assembly.node_of(place, keywords, Keyword::Else, "else");
}

bool is_used(const InPlaceRules &rules)
{
    return rules.has_enumeration || rules.constant != nullptr || rules.reference != no_node ||
           rules.dynamic != nullptr || !rules.all_of.empty() || !rules.any_of.empty() ||
           !rules.one_of.empty() || rules.negated != no_node || rules.condition != no_node ||
           rules.unevaluated_properties != no_node || rules.unevaluated_items != no_node;
}

} // namespace

const InPlaceRules *in_place_rules(Assembly &assembly, PlaceId place, const Keywords &keywords)
{
    InPlaceRules rules;
    if (const Value *values = keywords.find(Keyword::Enum))
        set_enumeration(assembly, place, *values, rules);
    if (const Value *value = keywords.find(Keyword::Const))
        rules.constant = assembly.kept(*value);
    set_references(assembly, place, rules);
    set_combinations(assembly, place, keywords, rules);
    rules.unevaluated_properties =
        assembly.node_of(place, keywords, Keyword::UnevaluatedProperties, "unevaluatedProperties");
    rules.unevaluated_items =
        assembly.node_of(place, keywords, Keyword::UnevaluatedItems, "unevaluatedItems");
    if (!is_used(rules))
        return nullptr;
    auto *made = assembly.arena().make<InPlaceRules>();
    *made = rules;
    return made;
}

} // namespace opigno::json::schema
