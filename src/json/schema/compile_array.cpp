#include "json/schema/assembly.hpp"

namespace opigno::json::schema {

namespace {

/* Up to draft 2019-09, "items" can be an array, and "additionalItems" is for the elements after it. */
void set_items(Assembly &assembly, PlaceId place, const Keywords &keywords, ArrayRules &rules)
{
    if (const Value *prefix = keywords.find(Keyword::PrefixItems))
        rules.prefix = assembly.nodes_of(place, "prefixItems", *prefix);
    const Value *items = keywords.find(Keyword::Items);
    if (items == nullptr)
        return;
    rules.prefix_is_items = is_array(*items);
    if (!rules.prefix_is_items) {
        rules.items = assembly.node_of(place, {"items", {}}, *items);
        return;
    }
    rules.prefix = assembly.nodes_of(place, "items", *items);
    rules.items = assembly.node_of(place, keywords, Keyword::AdditionalItems, "additionalItems");
    rules.items_is_additional = rules.items != no_node;
}

} // namespace

const ArrayRules *array_rules(Assembly &assembly, PlaceId place, const Keywords &keywords)
{
    ArrayRules rules;
    set_items(assembly, place, keywords, rules);
    bool has_rules = set_count(keywords, Keyword::MinItems, rules.min_items);
    has_rules |= set_count(keywords, Keyword::MaxItems, rules.max_items);
    rules.contains = assembly.node_of(place, keywords, Keyword::Contains, "contains");
    if (rules.contains != no_node) {
        set_count(keywords, Keyword::MinContains, rules.min_contains);
        set_count(keywords, Keyword::MaxContains, rules.max_contains);
        rules.contains_evaluates = assembly.place(place).draft == Draft::Draft2020;
    }
    const Value *unique = keywords.find(Keyword::UniqueItems);
    rules.is_unique = unique != nullptr && unique->type == true_type;
    if (!has_rules && !rules.is_unique && rules.prefix.empty() && rules.items == no_node &&
        rules.contains == no_node)
        return nullptr;
    auto *made = assembly.arena().make<ArrayRules>();
    *made = rules;
    return made;
}

} // namespace opigno::json::schema
