/* The walk that finds the faults of a value. Does not depend on PostgreSQL. */
#pragma once

#include "json/schema/evaluator.hpp"

namespace opigno::json::schema {

/* A place in the value: the way to it from the root. */
struct Place {
    const Place *outer;
    std::string_view name; /* of a member */
    std::uint32_t index;   /* of an element */
    bool is_element;
    bool is_listed; /* the schema has the name */
};

class Reporter {
  public:
    Reporter(const Program &program, const Value &value, std::size_t max_faults, Faults &faults)
        : program_(program), evaluator_(program, max_steps_for(value)), max_faults_(max_faults),
          faults_(faults)
    {
    }

    /* keyword: what a node that accepts nothing belongs to */
    void find(NodeId id, const Value &value, const Place *place, const Scope *scope,
              std::string_view keyword);

  private:
    void add(const Node &node, const Place *place, std::string_view keyword);
    void add_missing(const Node &node, const Place *place, std::string_view keyword, std::string_view member);
    void add_whole(const Node &node, const Place *place, std::string_view keyword);
    bool is_new(const Node &node, const Place *place, std::string_view keyword);
    void find_in_string(const Node &node, std::string_view text, const Place *place);
    void find_in_number(const Node &node, std::string_view number, const Place *place);
    void find_in_object(const Node &node, const Value &value, const Place *place, const Scope *scope);
    void find_in_member(const ObjectRules &rules, std::string_view name, const Value &value,
                        const Place *object, const Scope *scope);
    void find_missing(const Node &node, const Value &value, const Place *place);
    void find_in_dependencies(const Node &node, const Value &value, const Place *place, const Scope *scope);
    void find_in_array(const Node &node, const Value &value, const Place *place, const Scope *scope);
    void find_in_place(const Node &node, const Value &value, const Place *place, const Scope *scope);
    void find_in_combination(const Node &node, const Value &value, const Place *place, const Scope *scope);
    void find_unevaluated(const Node &node, const Value &value, const Place *place, const Scope *scope);
    [[nodiscard]] std::size_t count_accepting(std::span<const NodeId> nodes, const Value &value,
                                              const Scope *scope);
    bool is_done();

    const Program &program_;
    Evaluator evaluator_;
    std::size_t max_faults_;
    Faults &faults_;
    SmallVector<std::uint64_t, 16> keys_; /* of the faults */
};

static_assert(std::is_trivially_destructible_v<Reporter>);

} // namespace opigno::json::schema
