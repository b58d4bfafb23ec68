/* Judges values of all types by references, combinations of schemas and lists of values. */
#include "json/schema/evaluator.hpp"
#include "json/value/host.hpp"

#include <algorithm>

namespace opigno::json::schema {

bool Evaluator::is_constant(const InPlaceRules &rules, const Value &value)
{
    return is_equal(*rules.constant, value);
}

bool Evaluator::is_enumerated(const InPlaceRules &rules, const Value &value)
{
    constexpr std::size_t few = 8;
    if (rules.enumeration.size() <= few)
        return std::any_of(rules.enumeration.begin(), rules.enumeration.end(),
                           [&](const Value &each) { return is_equal(each, value); });
    const std::uint64_t hash = counted_hash(value);
    if (has_given_up())
        return false;
    const auto range = std::equal_range(rules.hashes.begin(), rules.hashes.end(), hash);
    return std::any_of(range.first, range.second, [&](const std::uint64_t &each) {
        return is_equal(rules.enumeration[static_cast<std::size_t>(&each - rules.hashes.data())], value);
    });
}

NodeId Evaluator::target_of(const DynamicReference &reference, const Scope *scope)
{
    NodeId target = reference.target;
    if (!reference.is_dynamic)
        return target;
    for (; scope != nullptr; scope = scope->outer) {
        const auto &anchors = program_.resources[scope->resource].anchors;
        steps_ += 1 + anchors.size();
        const auto anchor = std::find_if(anchors.begin(), anchors.end(), [&](const DynamicAnchor &each) {
            return each.name == reference.name;
        });
        if (anchor != anchors.end())
            target = anchor->node;
        else if (reference.is_recursive)
            break;
    }
    return target;
}

/* What a branch that fails has evaluated does not count. */
bool Evaluator::accepts_branch(NodeId node, const Value &value, Tracker *tracker, const Scope *scope)
{
    if (tracker == nullptr)
        return accepts(node, value, nullptr, scope);
    Tracker of_branch(value);
    if (!may_go_on(of_branch.words()) || !accepts(node, value, &of_branch, scope))
        return false;
    tracker->add(of_branch);
    return true;
}

bool Evaluator::accepts_combination(const InPlaceRules &rules, const Value &value, Tracker *tracker,
                                    const Scope *scope)
{
    for (const NodeId each : rules.all_of)
        if (!accepts(each, value, tracker, scope))
            return false;
    if (!rules.any_of.empty()) {
        bool is_accepted = false;
        for (const NodeId each : rules.any_of) {
            is_accepted = accepts_branch(each, value, tracker, scope) || is_accepted;
            if (has_given_up() || (is_accepted && tracker == nullptr))
                break;
        }
        if (!is_accepted)
            return false;
    }
    if (!rules.one_of.empty()) {
        int accepted = 0;
        for (const NodeId each : rules.one_of) {
            accepted += accepts_branch(each, value, tracker, scope) ? 1 : 0;
            if (has_given_up() || accepted > 1)
                return false;
        }
        if (accepted == 0)
            return false;
    }
    if (rules.negated != no_node && accepts(rules.negated, value, nullptr, scope))
        return false;
    if (has_given_up() || rules.condition == no_node)
        return !has_given_up();
    const NodeId branch =
        accepts_branch(rules.condition, value, tracker, scope) ? rules.then_branch : rules.else_branch;
    return !has_given_up() && (branch == no_node || accepts(branch, value, tracker, scope));
}

bool Evaluator::accepts_unevaluated(const InPlaceRules &rules, Types bit, const Value &value,
                                    Tracker &tracker, const Scope *scope)
{
    const auto accepts_one = [&](NodeId schema, std::uint32_t at, const Value &child) {
        if (tracker.has(at))
            return true;
        tracker.add(at);
        return accepts(schema, child, nullptr, scope);
    };
    if (bit == object_bit)
        for (Members members(value.bytes.data()); members.are_left(); members.next())
            if (!accepts_one(rules.unevaluated_properties, members.at(), members.value()))
                return false;
    if (bit == array_bit)
        for (Elements elements(value.bytes.data()); elements.are_left(); elements.next())
            if (!accepts_one(rules.unevaluated_items, elements.at(), elements.value()))
                return false;
    return true;
}

/* All rules that say what is evaluated. */
bool Evaluator::accepts_rest(const Node &node, Types bit, const Value &value, Tracker *tracker,
                             const Scope *scope)
{
    const InPlaceRules &rules = *node.in_place;
    return accepts_container(node, bit, value, tracker, scope) &&
           (rules.reference == no_node || accepts(rules.reference, value, tracker, scope)) &&
           (rules.dynamic == nullptr || accepts(target_of(*rules.dynamic, scope), value, tracker, scope)) &&
           accepts_combination(rules, value, tracker, scope);
}

bool Evaluator::accepts_all_but_unevaluated(const Node &node, const Value &value, Tracker &evaluated,
                                            const Scope *scope)
{
    return accepts_rest(node, type_bit(value), value, &evaluated, scope);
}

bool Evaluator::accepts_in_place(const Node &node, Types bit, const Value &value, Tracker *tracker,
                                 const Scope *scope)
{
    const InPlaceRules &rules = *node.in_place;
    if (rules.has_enumeration && !is_enumerated(rules, value))
        return false;
    if (rules.constant != nullptr && !is_constant(rules, value))
        return false;
    if (!enter())
        return false;
    const bool leaves_rest = (bit == object_bit && rules.unevaluated_properties != no_node) ||
                             (bit == array_bit && rules.unevaluated_items != no_node);
    if (!leaves_rest)
        return accepts_rest(node, bit, value, tracker, scope);
    Tracker own(value);
    if (!may_go_on(own.words()) || !accepts_rest(node, bit, value, &own, scope) ||
        !accepts_unevaluated(rules, bit, value, own, scope))
        return false;
    if (tracker != nullptr)
        tracker->add(own);
    return true;
}

} // namespace opigno::json::schema
