/* Makes the nodes of a program from the subschemas of an index. Does not depend on PostgreSQL. */
#pragma once

#include "json/schema/index.hpp"

namespace opigno::json::schema {

class Assembly {
  public:
    Assembly(Arena &arena, const Options &options, Places &places, const Index &index)
        : arena_(&arena), options_(&options), places_(&places), index_(&index)
    {
    }

    /* Makes the nodes of all subschemas that the root can reach. */
    Program *build();

    /* The node of a place. The first call has it made later. */
    NodeId node_of(PlaceId place);
    /* The node of a boolean, or of an object that the index knows. */
    NodeId node_of(PlaceId parent, Step step, const Value &schema);
    /* The same for the keyword of a subschema; no_node without the keyword. */
    NodeId node_of(PlaceId parent, const Keywords &keywords, Keyword keyword, std::string_view name);
    /* Those of an array's elements. */
    std::span<const NodeId> nodes_of(PlaceId parent, std::string_view keyword, const Value &array);

    std::span<const std::string_view> strings_of(const Value &array);
    const Value *kept(const Value &value);

    [[nodiscard]] Arena &arena() const { return *arena_; }
    [[nodiscard]] const Options &options() const { return *options_; }
    [[nodiscard]] const Index &index() const { return *index_; }
    [[nodiscard]] const Place &place(PlaceId at) const { return (*places_)[at]; }
    [[nodiscard]] Places &places() const { return *places_; }

  private:
    struct Work {
        PlaceId place;
        NodeId node;
    };

    NodeId add_node(const Node &node);
    NodeId boolean_node(PlaceId parent, Step step, bool accepts);
    void fill(Work work);
    const char *pointer_to(PlaceId place, Step step);
    std::span<const Resource> resources();

    Arena *arena_;
    const Options *options_;
    Places *places_;
    const Index *index_;
    SmallVector<Node, 1> nodes_;
    SmallVector<Work, 1> work_;
    NodeId accepting_ = no_node; /* of "true" */
    std::size_t pointers_ = 0;   /* bytes */
};

/* The rules of a subschema's keywords; nullptr: it has none. */
const StringRules *string_rules(Assembly &assembly, const Keywords &keywords);
const NumberRules *number_rules(Assembly &assembly, const Keywords &keywords);
const ObjectRules *object_rules(Assembly &assembly, PlaceId place, const Keywords &keywords);
const ArrayRules *array_rules(Assembly &assembly, PlaceId place, const Keywords &keywords);
const InPlaceRules *in_place_rules(Assembly &assembly, PlaceId place, const Keywords &keywords);

/* Sets a limit if the keyword is there. Returns whether it is. */
bool set_count(const Keywords &keywords, Keyword keyword, std::uint32_t &limit);

static_assert(std::is_trivially_destructible_v<Assembly>);

} // namespace opigno::json::schema
