/* Judges values by their types, and strings and numbers. */
#include "json/schema/evaluate.hpp"

#include "json/schema/equality.hpp"
#include "json/schema/evaluator.hpp"
#include "json/schema/host.hpp"
#include "json/schema/number.hpp"
#include "json/value/host.hpp"

#include <algorithm>

namespace opigno::json::schema {

void Evaluator::give_up(Verdict why)
{
    if (gave_up_ == Verdict::Valid)
        gave_up_ = why;
}

bool Evaluator::may_go_on(std::uint64_t more)
{
    steps_ += more;
    if (steps_ > max_steps_)
        give_up(Verdict::TooExpensive);
    return !has_given_up();
}

/* Called for each value with rules that can recurse. */
bool Evaluator::enter()
{
    poll();
    if (stack_is_low())
        give_up(Verdict::TooDeep);
    return may_go_on();
}

bool Evaluator::has_type(const Node &node, Types bit, const Value &value)
{
    return (node.types & bit) != 0 ||
           (bit == number_bit && (node.types & integer_bit) != 0 && Number(value.bytes).is_integer());
}

bool Evaluator::accepts_by_rules(const Node &node, Types bit, const Value &value, Tracker *tracker,
                                 const Scope *scope)
{
    if (node.accepts_nothing || !has_type(node, bit, value))
        return false;
    if ((node.kinds & (bit | in_place_bit)) == 0)
        return true;
    if ((node.kinds & bit) != 0) {
        if (bit == string_bit && !accepts_string(*node.string, value.bytes))
            return false;
        if (bit == number_bit && !accepts_number(*node.number, value.bytes))
            return false;
    }
    const bool is_container = value.type == container_type;
    if (!is_container && (node.kinds & in_place_bit) == 0)
        return true;
    const Scope entered{node.resource, scope};
    const Scope *inner = scope != nullptr && scope->resource == node.resource ? scope : &entered;
    if ((node.kinds & in_place_bit) != 0)
        return accepts_in_place(node, bit, value, tracker, inner);
    return enter() && accepts_container(node, bit, value, tracker, inner);
}

bool Evaluator::accepts_container(const Node &node, Types bit, const Value &value, Tracker *tracker,
                                  const Scope *scope)
{
    if ((node.kinds & bit) == 0)
        return true;
    if (bit == object_bit)
        return accepts_object(*node.object, value, tracker, scope);
    return bit != array_bit || accepts_array(*node.array, value, tracker, scope);
}

bool Evaluator::may_match_long(std::string_view text)
{
    poll();
    return may_go_on(text.size() / bytes_a_step);
}

/* RE2 takes about 5 nanoseconds for a byte and an instruction if its automaton becomes too large, and it
 * cannot be canceled. */
bool Evaluator::matches_expression(const Pattern &pattern, std::string_view text)
{
    constexpr std::size_t most = 50000000;
    constexpr std::size_t cost_of_step = 50;
    const std::size_t cost = cost_of(pattern) * (text.size() + 1);
    if (cost > most)
        give_up(Verdict::TooExpensive);
    return may_go_on(1 + text.size() / bytes_a_step + cost / cost_of_step) && matches(pattern, text);
}

bool Evaluator::accepts_string(const StringRules &rules, std::string_view text)
{
    const std::size_t size = text.size();
    if (size > rules.max_length || size < max_character * rules.min_length) {
        if (size / max_character > rules.max_length || size < rules.min_length)
            return false;
        if (!may_go_on(size / bytes_a_step))
            return false;
        const std::size_t length = characters_of(text);
        if (length > rules.max_length || length < rules.min_length)
            return false;
    }
    if (rules.pattern != nullptr && !matches_pattern(*rules.pattern, text))
        return false;
    return rules.format == Format::None || (may_go_on(size / bytes_a_step) && has_format(text, rules.format));
}

/* The server divides digit by digit. */
bool Evaluator::is_counted_multiple(std::string_view number, std::string_view of)
{
    constexpr std::uint64_t digits_a_step = 64;
    const Number dividend(number);
    const Number divisor(of);
    const int length = dividend.weight() + 1 + std::max(dividend.scale(), divisor.scale());
    const auto steps = static_cast<std::uint64_t>(std::max(0, length)) * divisor.digits().size();
    return may_go_on(steps / digits_a_step) && is_multiple_of(number, of);
}

bool Evaluator::accepts_number(const NumberRules &rules, std::string_view bytes)
{
    const Number number(bytes);
    const auto compare = [&](std::string_view limit) { return number.compare(Number(limit)); };
    return (rules.minimum.empty() || compare(rules.minimum) >= 0) &&
           (rules.maximum.empty() || compare(rules.maximum) <= 0) &&
           (rules.exclusive_minimum.empty() || compare(rules.exclusive_minimum) > 0) &&
           (rules.exclusive_maximum.empty() || compare(rules.exclusive_maximum) < 0) &&
           (rules.multiple_of.empty() || is_counted_multiple(bytes, rules.multiple_of));
}

Verdict judge(const Program &program, const Value &value)
{
    Evaluator evaluator(program, max_steps_for(value));
    const bool is_valid = evaluator.accepts(program.root, value, nullptr, nullptr);
    if (evaluator.has_given_up())
        return evaluator.gave_up();
    return is_valid ? Verdict::Valid : Verdict::Invalid;
}

} // namespace opigno::json::schema
