/*
 * A compiled JSON Schema. A node is one subschema: rules for each type of value, and rules in place,
 * which apply to values of all types (references, allOf, enum and so on). Nodes refer to each other
 * by number. Names, numbers and values are parts of the schema's jsonb bytes, which must live as
 * long as the program. Does not depend on PostgreSQL.
 */
#pragma once

#include "json/schema/format.hpp"
#include "json/schema/pattern.hpp"
#include "json/value/jsonb_format.hpp"

#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

namespace opigno::json::schema {

enum class Draft : std::uint8_t { Draft4, Draft6, Draft7, Draft2019, Draft2020 };

using NodeId = std::uint32_t;
inline constexpr NodeId no_node = 0xFFFFFFFF;

inline constexpr std::uint32_t unlimited = 0xFFFFFFFF;

/* Sets of types of values. */
using Types = std::uint8_t;
inline constexpr Types null_bit = 1;
inline constexpr Types boolean_bit = 2;
inline constexpr Types number_bit = 4;
inline constexpr Types string_bit = 8;
inline constexpr Types array_bit = 16;
inline constexpr Types object_bit = 32;
inline constexpr Types integer_bit = 64;   /* only in Node::types: numbers without a fraction */
inline constexpr Types in_place_bit = 128; /* only in Node::kinds: the node has rules in place */
inline constexpr Types all_types = 0x3F;

struct StringRules {
    std::uint32_t min_length = 0; /* characters */
    std::uint32_t max_length = unlimited;
    const Pattern *pattern = nullptr;
    Format format = Format::None; /* asserted */
};

/* The bytes of numerics; empty: no limit. */
struct NumberRules {
    std::string_view minimum;
    std::string_view maximum;
    std::string_view exclusive_minimum;
    std::string_view exclusive_maximum;
    std::string_view multiple_of;
};

/* A name in "properties" or "required". */
struct Property {
    std::string_view name;
    NodeId schema; /* no_node: it is only required */
    bool is_required;
};

struct PatternProperty {
    const Pattern *pattern;
    NodeId schema;
    std::string_view source; /* the name in "patternProperties", for pointers */
};

/* dependentRequired and dependentSchemas, and both forms of dependencies. */
struct Dependency {
    std::string_view member;
    std::span<const std::string_view> required;
    NodeId schema = no_node;
    bool is_of_dependencies = false; /* for pointers: "dependencies" */
};

struct ObjectRules {
    static constexpr std::uint32_t max_indexed = 64;

    std::span<const Property> properties; /* in the order of compare_keys() */
    /* Properties of names of n bytes are [by_length[n], by_length[n + 1]); those of max_indexed and
     * more bytes start at by_length[max_indexed]. It has max_indexed + 2 items. */
    const std::uint16_t *by_length = nullptr;
    std::uint32_t required = 0; /* how many properties are required */
    std::uint32_t min_properties = 0;
    std::uint32_t max_properties = unlimited;
    std::span<const PatternProperty> patterns;
    std::span<const Dependency> dependencies;
    NodeId additional = no_node;
    NodeId names = no_node;
};

struct ArrayRules {
    std::span<const NodeId> prefix; /* prefixItems; "items" as an array in drafts 4 to 2019-09 */
    NodeId items = no_node;         /* of the other elements */
    NodeId contains = no_node;
    std::uint32_t min_items = 0;
    std::uint32_t max_items = unlimited;
    std::uint32_t min_contains = 1;
    std::uint32_t max_contains = unlimited;
    bool is_unique = false;
    bool contains_evaluates = false;  /* elements that "contains" accepts count as evaluated: 2020-12 */
    bool items_is_additional = false; /* for pointers: "items" is the keyword "additionalItems" */
    bool prefix_is_items = false;     /* for pointers: the prefix is the keyword "items" */
};

/* A reference whose target depends on the resources that the evaluation has entered. */
struct DynamicReference {
    NodeId target;         /* if no resource has the anchor */
    std::string_view name; /* of the anchor; "" for $recursiveRef of 2019-09 */
    bool is_dynamic;       /* the target has the anchor: another resource's can take its place */
    bool is_recursive;     /* $recursiveRef */
};

struct InPlaceRules {
    /* The values of "enum", sorted by the hashes of equality.hpp, and these hashes. */
    std::span<const Value> enumeration;
    std::span<const std::uint64_t> hashes;
    const Value *constant = nullptr; /* of "const" */
    NodeId reference = no_node;
    const DynamicReference *dynamic = nullptr;
    std::span<const NodeId> all_of;
    std::span<const NodeId> any_of;
    std::span<const NodeId> one_of;
    NodeId negated = no_node; /* "not" */
    NodeId condition = no_node;
    NodeId then_branch = no_node;
    NodeId else_branch = no_node;
    NodeId unevaluated_properties = no_node;
    NodeId unevaluated_items = no_node;
    bool has_enumeration = false;
};

struct Node {
    Types types = all_types; /* integer_bit without number_bit: integers only */
    Types kinds = 0;         /* the types that have rules here, and in_place_bit */
    bool accepts_nothing = false;
    /* All rules of strings are min_length and max_length, and there are none in place: the limits
     * are here, too. */
    bool is_plain_string = false;
    std::uint32_t resource = 0;
    std::uint32_t min_length = 0;
    std::uint32_t max_length = unlimited;
    const StringRules *string = nullptr;
    const NumberRules *number = nullptr;
    const ObjectRules *object = nullptr;
    const ArrayRules *array = nullptr;
    const InPlaceRules *in_place = nullptr;
    const char *pointer = "";     /* JSON Pointer to the subschema in the schema */
    const char *source = nullptr; /* the subschema's container in the schema; nullptr: a boolean */
    /* What "default" says, or nullptr. */
    const Value *default_value = nullptr;
};

/* The node of an anchor in a resource. */
struct DynamicAnchor {
    std::string_view name; /* "" for $recursiveAnchor */
    NodeId node;
};

/* A schema with an identifier of its own. */
struct Resource {
    std::span<const DynamicAnchor> anchors;
};

struct Program {
    std::span<const Node> nodes;
    std::span<const Resource> resources;
    NodeId root = no_node;
    Draft draft = Draft::Draft2020;
};

static_assert(std::is_trivially_destructible_v<Program> && std::is_trivially_destructible_v<Node> &&
              std::is_trivially_destructible_v<InPlaceRules>);

} // namespace opigno::json::schema
