#include "json/schema/equality.hpp"

#include "json/schema/host.hpp"
#include "json/schema/number.hpp"
#include "json/value/hash.hpp"
#include "json/value/host.hpp"

namespace opigno::json::schema {

namespace {

constexpr std::uint64_t poll_after = 4096;

void count_step(std::uint64_t &steps)
{
    if (++steps % poll_after == 0)
        poll();
}

bool is_same_text(std::string_view left, std::string_view right)
{
    return left.size() == right.size() && is_same(left.data(), right.data(), left.size());
}

Equality of(bool is_equal)
{
    return is_equal ? Equality::Equal : Equality::Different;
}

Equality compare_members(const Value &left, const Value &right, std::uint64_t &steps)
{
    Members other(right.bytes.data());
    for (Members members(left.bytes.data()); members.are_left(); members.next(), other.next()) {
        steps += members.key().size() / bytes_a_step;
        if (!is_same_text(members.key(), other.key()))
            return Equality::Different;
        const Equality result = compare(members.value(), other.value(), steps);
        if (result != Equality::Equal)
            return result;
    }
    return Equality::Equal;
}

Equality compare_elements(const Value &left, const Value &right, std::uint64_t &steps)
{
    Elements other(right.bytes.data());
    for (Elements elements(left.bytes.data()); elements.are_left(); elements.next(), other.next()) {
        const Equality result = compare(elements.value(), other.value(), steps);
        if (result != Equality::Equal)
            return result;
    }
    return Equality::Equal;
}

std::uint64_t hash_of_container(const Value &value, std::uint64_t &steps, bool &is_too_deep)
{
    if (stack_is_low()) {
        is_too_deep = true;
        return 0;
    }
    std::uint64_t hash = mix(hash_seed(), word(value.bytes.data()));
    if (is_object(value))
        for (Members members(value.bytes.data()); members.are_left(); members.next()) {
            steps += members.key().size() / bytes_a_step;
            hash = mix(mix(hash, hash_of_bytes(members.key())), hash_of(members.value(), steps, is_too_deep));
        }
    else
        for (Elements elements(value.bytes.data()); elements.are_left(); elements.next())
            hash = mix(hash, hash_of(elements.value(), steps, is_too_deep));
    return hash;
}

} // namespace

Equality compare(const Value &left, const Value &right, std::uint64_t &steps)
{
    count_step(steps);
    if (left.type != right.type)
        return Equality::Different;
    switch (left.type) {
    case string_type:
        steps += left.bytes.size() / bytes_a_step;
        return of(is_same_text(left.bytes, right.bytes));
    case numeric_type:
        return of(Number(left.bytes).compare(Number(right.bytes)) == 0);
    case container_type:
        break;
    default:
        return Equality::Equal;
    }
    if (word(left.bytes.data()) != word(right.bytes.data()))
        return Equality::Different;
    if (stack_is_low())
        return Equality::TooDeep;
    return is_object(left) ? compare_members(left, right, steps) : compare_elements(left, right, steps);
}

std::uint64_t hash_of(const Value &value, std::uint64_t &steps, bool &is_too_deep)
{
    count_step(steps);
    switch (value.type) {
    case string_type:
        steps += value.bytes.size() / bytes_a_step;
        return hash_of_bytes(value.bytes);
    case numeric_type: {
        const Number number(value.bytes);
        return number.is_zero()
                   ? 0
                   : mix(hash_of_bytes(number.digits()),
                         static_cast<std::uint64_t>(number.weight()) * 2 + (number.is_negative() ? 1 : 0));
    }
    case container_type:
        return hash_of_container(value, steps, is_too_deep);
    default:
        return mix(hash_seed(), value.type);
    }
}

} // namespace opigno::json::schema
