#include "json/schema/report.hpp"

#include "json/schema/host.hpp"
#include "json/schema/number.hpp"
#include "json/schema/pointer.hpp"
#include "json/schema/property_search.hpp"
#include "json/value/hash.hpp"
#include "json/value/host.hpp"

#include <algorithm>

namespace opigno::json::schema {

namespace {

void append_place(PointerText &pointer, const Place *place, bool generalizes)
{
    constexpr std::size_t longest_name = 255; /* a name can have any size */
    constexpr std::size_t longest = 1000;
    SmallVector<const Place *, 32> way;
    for (; place != nullptr; place = place->outer)
        way.add() = place;
    while (!way.empty() && pointer.size() < longest) {
        const Place &step = *way.back();
        way.pop_back();
        const bool is_hidden = generalizes ? step.is_element || !step.is_listed
                                           : !step.is_element && step.name.size() > longest_name;
        if (is_hidden)
            pointer.append("/*");
        else if (step.is_element)
            pointer.append_index(step.index);
        else
            pointer.append_name(step.name);
    }
}

const char *pointer_to(const Place *place, bool generalizes)
{
    PointerText pointer;
    append_place(pointer, place, generalizes);
    return pointer.copy();
}

const char *pointer_to_keyword(const Node &node, std::string_view keyword)
{
    PointerText pointer;
    pointer.append(node.pointer);
    pointer.append_name(keyword);
    return pointer.copy();
}

} // namespace

bool Reporter::is_done()
{
    return faults_.size() >= max_faults_ || !evaluator_.may_go_on();
}

/* Identifies a fault by the rule, and by where the names of its place are: schemas that apply twice have
 * the same fault twice. */
bool Reporter::is_new(const Node &node, const Place *place, std::string_view keyword)
{
    std::uint64_t key =
        mix(reinterpret_cast<std::uintptr_t>(&node), reinterpret_cast<std::uintptr_t>(keyword.data()));
    for (; place != nullptr; place = place->outer)
        key =
            mix(key, place->is_element ? place->index : reinterpret_cast<std::uintptr_t>(place->name.data()));
    for (std::size_t at = 0; at < keys_.size(); ++at)
        if (keys_[at] == key)
            return false;
    keys_.add() = key;
    return true;
}

/* A rule that was given up has no fault. */
void Reporter::add(const Node &node, const Place *place, std::string_view keyword)
{
    if (!is_done() && is_new(node, place, keyword))
        faults_.add() = {pointer_to(place, false), pointer_to(place, true), keyword,
                         pointer_to_keyword(node, keyword)};
}

/* The node accepts nothing, or not this name. keyword: what it belongs to */
void Reporter::add_whole(const Node &node, const Place *place, std::string_view keyword)
{
    if (!is_done() && is_new(node, place, {}))
        faults_.add() = {pointer_to(place, false), pointer_to(place, true), keyword, node.pointer};
}

/* The place of the fault is that of the member that is missing. */
void Reporter::add_missing(const Node &node, const Place *place, std::string_view keyword,
                           std::string_view member)
{
    const Place missing{place, member, 0, false, true};
    add(node, &missing, keyword);
}

void Reporter::find(NodeId id, const Value &value, const Place *place, const Scope *scope,
                    std::string_view keyword)
{
    poll();
    if (stack_is_low() || !evaluator_.may_go_on(1) || is_done())
        return;
    const Node &node = program_.nodes[id];
    const Types bit = type_bit(value);
    if (node.accepts_nothing) {
        add_whole(node, place, keyword);
        return;
    }
    if (!Evaluator::has_type(node, bit, value))
        add(node, place, "type");
    const Scope entered{node.resource, scope};
    const Scope *inner = scope != nullptr && scope->resource == node.resource ? scope : &entered;
    const std::size_t before = faults_.size();
    if ((node.kinds & bit) != 0) {
        if (bit == string_bit)
            find_in_string(node, value.bytes, place);
        else if (bit == number_bit)
            find_in_number(node, value.bytes, place);
        else if (bit == object_bit)
            find_in_object(node, value, place, inner);
        else if (bit == array_bit)
            find_in_array(node, value, place, inner);
    }
    if ((node.kinds & in_place_bit) == 0)
        return;
    find_in_place(node, value, place, inner);
    /* What a rule that failed would have evaluated is not known. */
    if (faults_.size() == before && !is_done())
        find_unevaluated(node, value, place, inner);
}

void Reporter::find_in_string(const Node &node, std::string_view text, const Place *place)
{
    const StringRules &rules = *node.string;
    if (rules.min_length > 0 || rules.max_length != unlimited) {
        const std::size_t length = characters_of(text);
        if (length < rules.min_length)
            add(node, place, "minLength");
        if (length > rules.max_length) {
            add(node, place, "maxLength");
            return; /* the length bounds the cost of a pattern */
        }
    }
    if (rules.pattern != nullptr && !evaluator_.matches_pattern(*rules.pattern, text))
        add(node, place, "pattern");
    if (rules.format != Format::None && !has_format(text, rules.format))
        add(node, place, "format");
}

void Reporter::find_in_number(const Node &node, std::string_view bytes, const Place *place)
{
    const NumberRules &rules = *node.number;
    const Number number(bytes);
    const auto compare = [&](std::string_view limit) { return number.compare(Number(limit)); };
    const bool has_flags = program_.draft == Draft::Draft4; /* exclusiveMinimum is true or false */
    if (!rules.minimum.empty() && compare(rules.minimum) < 0)
        add(node, place, "minimum");
    if (!rules.maximum.empty() && compare(rules.maximum) > 0)
        add(node, place, "maximum");
    if (!rules.exclusive_minimum.empty() && compare(rules.exclusive_minimum) <= 0)
        add(node, place, has_flags ? "minimum" : "exclusiveMinimum");
    if (!rules.exclusive_maximum.empty() && compare(rules.exclusive_maximum) >= 0)
        add(node, place, has_flags ? "maximum" : "exclusiveMaximum");
    if (!rules.multiple_of.empty() && !evaluator_.is_counted_multiple(bytes, rules.multiple_of))
        add(node, place, "multipleOf");
}

void Reporter::find_in_member(const ObjectRules &rules, std::string_view name, const Value &value,
                              const Place *object, const Scope *scope)
{
    const Property *property = find_property(rules, name);
    const Place place{object, name, 0, false, property != nullptr};
    bool is_evaluated = false;
    if (property != nullptr && property->schema != no_node) {
        is_evaluated = true;
        find(property->schema, value, &place, scope, "properties");
    }
    if (rules.names != no_node && !evaluator_.accepts(rules.names, {string_type, name}, nullptr, scope))
        add_whole(program_.nodes[rules.names], &place, "propertyNames");
    for (const PatternProperty &each : rules.patterns)
        if (evaluator_.matches_pattern(*each.pattern, name)) {
            is_evaluated = true;
            find(each.schema, value, &place, scope, "patternProperties");
        }
    if (!is_evaluated && rules.additional != no_node)
        find(rules.additional, value, &place, scope, "additionalProperties");
}

void Reporter::find_missing(const Node &node, const Value &value, const Place *place)
{
    for (const Property &property : node.object->properties)
        if (property.is_required && !is_done() && !has_member(value, property.name))
            add_missing(node, place, "required", property.name);
}

void Reporter::find_in_dependencies(const Node &node, const Value &value, const Place *place,
                                    const Scope *scope)
{
    for (const Dependency &dependency : node.object->dependencies) {
        if (is_done())
            return;
        if (!has_member(value, dependency.member))
            continue;
        const char *keyword = dependency.is_of_dependencies ? "dependencies" : "dependentRequired";
        for (const std::string_view name : dependency.required)
            if (!has_member(value, name))
                add_missing(node, place, keyword, name);
        if (dependency.schema != no_node)
            find(dependency.schema, value, place, scope,
                 dependency.is_of_dependencies ? "dependencies" : "dependentSchemas");
    }
}

void Reporter::find_in_object(const Node &node, const Value &value, const Place *place, const Scope *scope)
{
    const ObjectRules &rules = *node.object;
    if (count_of(value) < rules.min_properties)
        add(node, place, "minProperties");
    if (count_of(value) > rules.max_properties)
        add(node, place, "maxProperties");
    if (rules.required > 0)
        find_missing(node, value, place);
    for (Members members(value.bytes.data()); members.are_left() && !is_done(); members.next())
        find_in_member(rules, members.key(), members.value(), place, scope);
    find_in_dependencies(node, value, place, scope);
}

void Reporter::find_in_array(const Node &node, const Value &value, const Place *place, const Scope *scope)
{
    const ArrayRules &rules = *node.array;
    if (count_of(value) < rules.min_items)
        add(node, place, "minItems");
    if (count_of(value) > rules.max_items)
        add(node, place, "maxItems");
    std::uint32_t contained = 0;
    for (Elements elements(value.bytes.data()); elements.are_left() && !is_done(); elements.next()) {
        const std::uint32_t at = elements.at();
        const Place element{place, {}, at, true, false};
        if (at < rules.prefix.size())
            find(rules.prefix[at], elements.value(), &element, scope,
                 rules.prefix_is_items ? "items" : "prefixItems");
        else if (rules.items != no_node)
            find(rules.items, elements.value(), &element, scope,
                 rules.items_is_additional ? "additionalItems" : "items");
        if (rules.contains != no_node && evaluator_.accepts(rules.contains, elements.value(), nullptr, scope))
            ++contained;
    }
    if (is_done())
        return;
    if (rules.contains != no_node) {
        if (contained < rules.min_contains)
            add(node, place, rules.min_contains == 1 ? "contains" : "minContains");
        if (contained > rules.max_contains)
            add(node, place, "maxContains");
    }
    if (rules.is_unique && !evaluator_.is_unique(value))
        add(node, place, "uniqueItems");
}

std::size_t Reporter::count_accepting(std::span<const NodeId> nodes, const Value &value, const Scope *scope)
{
    return static_cast<std::size_t>(std::count_if(nodes.begin(), nodes.end(), [&](NodeId each) {
        return !is_done() && evaluator_.accepts(each, value, nullptr, scope);
    }));
}

void Reporter::find_in_combination(const Node &node, const Value &value, const Place *place,
                                   const Scope *scope)
{
    const InPlaceRules &rules = *node.in_place;
    for (const NodeId each : rules.all_of)
        find(each, value, place, scope, "allOf");
    if (!rules.any_of.empty() && count_accepting(rules.any_of, value, scope) == 0)
        add(node, place, "anyOf");
    if (!rules.one_of.empty() && count_accepting(rules.one_of, value, scope) != 1)
        add(node, place, "oneOf");
    if (rules.negated != no_node && evaluator_.accepts(rules.negated, value, nullptr, scope))
        add(node, place, "not");
    if (rules.condition == no_node)
        return;
    const bool holds = evaluator_.accepts(rules.condition, value, nullptr, scope);
    const NodeId branch = holds ? rules.then_branch : rules.else_branch;
    if (branch != no_node)
        find(branch, value, place, scope, holds ? "then" : "else");
}

void Reporter::find_in_place(const Node &node, const Value &value, const Place *place, const Scope *scope)
{
    const InPlaceRules &rules = *node.in_place;
    if (rules.has_enumeration && !evaluator_.is_enumerated(rules, value))
        add(node, place, "enum");
    if (rules.constant != nullptr && !evaluator_.is_constant(rules, value))
        add(node, place, "const");
    if (rules.reference != no_node)
        find(rules.reference, value, place, scope, "$ref");
    if (rules.dynamic != nullptr)
        find(evaluator_.target_of(*rules.dynamic, scope), value, place, scope,
             rules.dynamic->is_recursive ? "$recursiveRef" : "$dynamicRef");
    find_in_combination(node, value, place, scope);
}

void Reporter::find_unevaluated(const Node &node, const Value &value, const Place *place, const Scope *scope)
{
    const InPlaceRules &rules = *node.in_place;
    const Types bit = type_bit(value);
    const bool has_rule = (bit == object_bit && rules.unevaluated_properties != no_node) ||
                          (bit == array_bit && rules.unevaluated_items != no_node);
    if (!has_rule || !evaluator_.may_go_on(count_of(value) / 64))
        return;
    Tracker evaluated(value);
    if (!evaluator_.accepts_all_but_unevaluated(node, value, evaluated, scope))
        return;
    if (bit == object_bit) {
        for (Members members(value.bytes.data()); members.are_left() && !is_done(); members.next()) {
            const Place member{place, members.key(), 0, false, false};
            if (!evaluated.has(members.at()))
                find(rules.unevaluated_properties, members.value(), &member, scope, "unevaluatedProperties");
        }
    } else {
        for (Elements elements(value.bytes.data()); elements.are_left() && !is_done(); elements.next()) {
            const Place element{place, {}, elements.at(), true, false};
            if (!evaluated.has(elements.at()))
                find(rules.unevaluated_items, elements.value(), &element, scope, "unevaluatedItems");
        }
    }
}

void find_faults(const Program &program, const Value &value, std::size_t max_faults, Faults &faults)
{
    Reporter(program, value, max_faults, faults).find(program.root, value, nullptr, nullptr, "");
    if (faults.empty())
        faults.add() = {"", "", "", program.nodes[program.root].pointer};
}

} // namespace opigno::json::schema
