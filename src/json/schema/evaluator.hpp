/* The walk that judges a value, without saying why. Does not depend on PostgreSQL. */
#pragma once

#include "json/schema/equality.hpp"
#include "json/schema/evaluate.hpp"
#include "json/schema/program.hpp"
#include "json/schema/tracker.hpp"

namespace opigno::json::schema {

/* The resources that an evaluation has entered, the innermost first. Dynamic references need them. */
struct Scope {
    std::uint32_t resource;
    const Scope *outer;
};

inline Types type_bit(const Value &value)
{
    constexpr Types bits[] = {string_bit, number_bit, boolean_bit, boolean_bit, null_bit, 0, 0, 0};
    if (value.type == container_type)
        return (word(value.bytes.data()) & object_flag) != 0 ? object_bit : array_bit;
    return bits[value.type >> 28U];
}

class Evaluator {
  public:
    Evaluator(const Program &program, std::uint64_t max_steps)
        : program_(program), nodes_(program.nodes.data()), max_steps_(max_steps)
    {
    }

    /* Whether the value satisfies the node. False also if the evaluation has been given up.
     * tracker: gets the members or elements that the node evaluates; nullptr if nobody asks. */
    [[gnu::always_inline]] bool accepts(NodeId id, const Value &value, Tracker *tracker, const Scope *scope)
    {
        const Node &node = nodes_[id];
        const Types bit = type_bit(value);
        ++steps_;
        if ((node.types & bit) != 0 && (node.kinds & (bit | in_place_bit)) == 0 && !node.accepts_nothing)
            return true;
        if (bit == string_bit && node.is_plain_string && (node.types & bit) != 0 &&
            value.bytes.size() <= node.max_length && value.bytes.size() >= max_character * node.min_length)
            return true;
        return accepts_by_rules(node, bit, value, tracker, scope);
    }

    [[nodiscard]] bool has_given_up() const { return gave_up_ != Verdict::Valid; }
    /* Why. */
    [[nodiscard]] Verdict gave_up() const { return gave_up_; }
    /* Counts steps that were made elsewhere. Returns false if there are too many. */
    bool may_go_on(std::uint64_t more = 0);

    /* The parts of accepts(), which the report asks one by one. */
    static bool has_type(const Node &node, Types bit, const Value &value);
    bool matches_pattern(const Pattern &pattern, std::string_view text)
    {
        ++steps_;
        return pattern.expression == nullptr ? matches_runs(pattern, text)
                                             : matches_expression(pattern, text);
    }
    bool is_counted_multiple(std::string_view number, std::string_view of);
    bool is_unique(const Value &array);
    bool is_enumerated(const InPlaceRules &rules, const Value &value);
    bool is_constant(const InPlaceRules &rules, const Value &value);
    NodeId target_of(const DynamicReference &reference, const Scope *scope);
    /* Judges a container by all rules but unevaluatedProperties and unevaluatedItems. */
    bool accepts_all_but_unevaluated(const Node &node, const Value &value, Tracker &evaluated,
                                     const Scope *scope);

    /* No character of an encoding has more bytes. */
    static constexpr std::size_t max_character = 4;

  private:
    bool accepts_by_rules(const Node &node, Types bit, const Value &value, Tracker *tracker,
                          const Scope *scope);
    bool matches_runs(const Pattern &pattern, std::string_view text)
    {
        constexpr std::size_t is_short = 256;
        return (text.size() < is_short || may_match_long(text)) && matches(pattern, text);
    }
    bool may_match_long(std::string_view text);
    bool matches_expression(const Pattern &pattern, std::string_view text);
    bool accepts_string(const StringRules &rules, std::string_view text);
    bool accepts_number(const NumberRules &rules, std::string_view number);
    bool accepts_object(const ObjectRules &rules, const Value &value, Tracker *tracker, const Scope *scope);
    bool accepts_dependencies(const ObjectRules &rules, const Value &value, Tracker *tracker,
                              const Scope *scope);
    bool accepts_member(const ObjectRules &rules, std::string_view name, const Value &value,
                        bool &is_evaluated, const Scope *scope);
    bool accepts_array(const ArrayRules &rules, const Value &value, Tracker *tracker, const Scope *scope);
    bool accepts_in_place(const Node &node, Types bit, const Value &value, Tracker *tracker,
                          const Scope *scope);
    bool accepts_rest(const Node &node, Types bit, const Value &value, Tracker *tracker, const Scope *scope);
    bool accepts_container(const Node &node, Types bit, const Value &value, Tracker *tracker,
                           const Scope *scope);
    bool accepts_combination(const InPlaceRules &rules, const Value &value, Tracker *tracker,
                             const Scope *scope);
    bool accepts_branch(NodeId node, const Value &value, Tracker *tracker, const Scope *scope);
    bool accepts_unevaluated(const InPlaceRules &rules, Types bit, const Value &value, Tracker &tracker,
                             const Scope *scope);
    bool is_equal(const Value &left, const Value &right)
    {
        if (left.type != right.type)
            return false;
        return left.type == string_type ? is_equal_text(left.bytes, right.bytes)
                                        : compares_equal(left, right);
    }
    bool is_equal_text(std::string_view left, std::string_view right)
    {
        steps_ += 1 + left.size() / bytes_a_step;
        return left.size() == right.size() && is_same(left.data(), right.data(), left.size());
    }
    bool compares_equal(const Value &left, const Value &right);
    bool is_unique_by_hashes(const Value &array);
    std::uint64_t counted_hash(const Value &value);
    bool enter();
    void give_up(Verdict why);

    const Program &program_;
    const Node *nodes_;
    std::uint64_t steps_ = 0;
    std::uint64_t max_steps_;
    Verdict gave_up_ = Verdict::Valid;
};

static_assert(std::is_trivially_destructible_v<Evaluator>);

/* A number of steps that takes less than 0.1 seconds, and in proportion to larger values. */
inline std::uint64_t max_steps_for(const Value &value)
{
    return 1000000 + 8 * value.bytes.size();
}

bool has_member(const Value &object, std::string_view name);

} // namespace opigno::json::schema
