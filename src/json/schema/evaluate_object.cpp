/* Judges objects by their members. */
#include "json/schema/evaluator.hpp"
#include "json/schema/property_search.hpp"
#include "json/value/host.hpp"

#include <algorithm>

namespace opigno::json::schema {

bool has_member(const Value &object, std::string_view name)
{
    const Object members(object.bytes.data());
    std::uint32_t from = 0;
    std::uint32_t to = members.size();
    while (from < to) {
        const std::uint32_t middle = from + (to - from) / 2;
        const int order = compare_keys(members.key(middle), name);
        if (order == 0)
            return true;
        (order < 0 ? from : to) = order < 0 ? middle + 1 : middle;
    }
    return false;
}

/* The rules that the names of most objects do not have. */
bool Evaluator::accepts_member(const ObjectRules &rules, std::string_view name, const Value &value,
                               bool &is_evaluated, const Scope *scope)
{
    poll();
    if (rules.names != no_node && !accepts(rules.names, {string_type, name}, nullptr, scope))
        return false;
    for (const PatternProperty &each : rules.patterns) {
        if (!matches_pattern(*each.pattern, name)) {
            if (has_given_up())
                return false;
            continue;
        }
        is_evaluated = true;
        if (!accepts(each.schema, value, nullptr, scope))
            return false;
    }
    return true;
}

bool Evaluator::accepts_object(const ObjectRules &rules, const Value &value, Tracker *tracker,
                               const Scope *scope)
{
    constexpr std::uint32_t poll_after = 1024;
    const std::uint32_t count = count_of(value);
    if (count < rules.min_properties || count > rules.max_properties)
        return false;
    steps_ += count;
    const bool has_rules_of_names = !rules.patterns.empty() || rules.names != no_node;
    std::uint32_t missing = rules.required;
    for (Members members(value.bytes.data()); members.are_left(); members.next()) {
        const std::string_view name = members.key();
        const Property *property = find_property(rules, name);
        bool is_evaluated = false;
        if (property != nullptr) {
            missing -= property->is_required ? 1 : 0;
            if (property->schema != no_node) {
                is_evaluated = true;
                if (!accepts(property->schema, members.value(), nullptr, scope))
                    return false;
            }
        }
        if (has_rules_of_names && !accepts_member(rules, name, members.value(), is_evaluated, scope))
            return false;
        if (!is_evaluated && rules.additional != no_node) {
            is_evaluated = true;
            if (!accepts(rules.additional, members.value(), nullptr, scope))
                return false;
        }
        if (is_evaluated && tracker != nullptr)
            tracker->add(members.at());
        if (members.at() % poll_after == poll_after - 1)
            poll();
    }
    return missing == 0 && (rules.dependencies.empty() || accepts_dependencies(rules, value, tracker, scope));
}

bool Evaluator::accepts_dependencies(const ObjectRules &rules, const Value &value, Tracker *tracker,
                                     const Scope *scope)
{
    for (const Dependency &dependency : rules.dependencies) {
        if (!may_go_on(dependency.required.size() + 1))
            return false;
        if (!has_member(value, dependency.member))
            continue;
        if (!std::all_of(dependency.required.begin(), dependency.required.end(),
                         [&](std::string_view name) { return has_member(value, name); }))
            return false;
        if (dependency.schema != no_node && !accepts(dependency.schema, value, tracker, scope))
            return false;
    }
    return true;
}

} // namespace opigno::json::schema
