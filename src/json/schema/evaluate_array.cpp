/* Judges arrays by their elements. */
#include "json/schema/evaluator.hpp"
#include "json/value/host.hpp"

#include <algorithm>
#include <bit>

namespace opigno::json::schema {

namespace {

constexpr std::uint32_t no_element = 0xFFFFFFFF;

} // namespace

bool Evaluator::compares_equal(const Value &left, const Value &right)
{
    std::uint64_t steps = 0;
    const Equality equality = compare(left, right, steps);
    if (equality == Equality::TooDeep)
        give_up(Verdict::TooDeep);
    return may_go_on(steps) && equality == Equality::Equal;
}

std::uint64_t Evaluator::counted_hash(const Value &value)
{
    std::uint64_t steps = 0;
    bool is_too_deep = false;
    const std::uint64_t hash = hash_of(value, steps, is_too_deep);
    if (is_too_deep)
        give_up(Verdict::TooDeep);
    may_go_on(steps);
    return hash;
}

/* Whether no two elements are equal. False also if the evaluation has been given up. */
bool Evaluator::is_unique(const Value &array)
{
    constexpr std::uint32_t few = 8;
    if (count_of(array) > few)
        return is_unique_by_hashes(array);
    Value values[few];
    for (Elements elements(array.bytes.data()); elements.are_left(); elements.next()) {
        values[elements.at()] = elements.value();
        for (std::uint32_t before = 0; before < elements.at(); ++before)
            if (is_equal(values[before], elements.value()))
                return false;
    }
    return !has_given_up();
}

/* Elements have slots by their hashes; one whose slot is taken has the next free one. */
bool Evaluator::is_unique_by_hashes(const Value &array)
{
    const std::uint32_t count = count_of(array);
    const std::size_t mask = std::bit_ceil(2 * std::size_t{count}) - 1;
    auto *slots = static_cast<std::uint32_t *>(allocate((mask + 1) * sizeof(std::uint32_t)));
    std::fill_n(slots, mask + 1, no_element);
    auto *hashes = static_cast<std::uint64_t *>(allocate(count * sizeof(std::uint64_t)));
    const Entries entries(array.bytes.data(), count);
    for (Elements elements(array.bytes.data()); elements.are_left(); elements.next()) {
        poll();
        const std::uint64_t hash = counted_hash(elements.value());
        std::size_t slot = hash & mask;
        for (; slots[slot] != no_element && may_go_on(1); slot = (slot + 1) & mask)
            if (hashes[slots[slot]] == hash && is_equal(entries.value(slots[slot]), elements.value()))
                return false;
        if (has_given_up())
            return false;
        slots[slot] = elements.at();
        hashes[elements.at()] = hash;
    }
    return true;
}

bool Evaluator::accepts_array(const ArrayRules &rules, const Value &value, Tracker *tracker,
                              const Scope *scope)
{
    constexpr std::uint32_t poll_after = 1024;
    const std::uint32_t count = count_of(value);
    if (count < rules.min_items || count > rules.max_items)
        return false;
    steps_ += count;
    std::uint32_t contained = 0;
    for (Elements elements(value.bytes.data()); elements.are_left(); elements.next()) {
        const std::uint32_t at = elements.at();
        const NodeId schema = at < rules.prefix.size() ? rules.prefix[at] : rules.items;
        if (schema != no_node) {
            if (!accepts(schema, elements.value(), nullptr, scope))
                return false;
            if (tracker != nullptr)
                tracker->add(at);
        }
        if (rules.contains != no_node && accepts(rules.contains, elements.value(), nullptr, scope)) {
            ++contained;
            if (tracker != nullptr && rules.contains_evaluates)
                tracker->add(at);
        }
        if (at % poll_after == poll_after - 1) {
            poll();
            if (!may_go_on())
                return false;
        }
    }
    if (has_given_up())
        return false;
    if (rules.contains != no_node && (contained < rules.min_contains || contained > rules.max_contains))
        return false;
    return !rules.is_unique || is_unique(value);
}

} // namespace opigno::json::schema
