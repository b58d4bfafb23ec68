/*
 * A JSON text as nodes, which are complete before the first byte of jsonb is written. The children
 * of a container are adjacent. An object's members are in jsonb's order, and of members with the
 * same key only the last is kept. Does not depend on PostgreSQL.
 */
#pragma once

#include "json/text/structure.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace opigno::json {

struct TextNode {
    union {
        const char *bytes;        /* a string's bytes, or a number's text */
        const TextNode *children; /* values, or keys and values alternating */
    };
    std::uint32_t size; /* number of bytes; for a container, of elements or members */
    std::uint32_t kind; /* a Type and a flag; for a key, its position among the keys */
};

/* A flag added to numeric_type: write_number() makes the numeric. */
inline constexpr std::uint32_t by_server = 1;
/* A flag added to container_type: the container is an object. */
inline constexpr std::uint32_t has_members = 2;

/* The most nodes that a text has. structure: the number of places in its structure. Each node but
 * the first has a separator or a bracket of its own. */
constexpr std::size_t nodes_of(std::size_t structure)
{
    return structure / 2 + 1;
}

struct Workspace {
    TextNode *open;   /* nodes_of(...) */
    TextNode *closed; /* as many again */
    char *strings;    /* of the text's size, or nullptr if the text has no backslash */
};

struct TextPlan {
    TextNode root;    /* points into the workspace and the text */
    std::size_t room; /* the most bytes of jsonb that the root needs */
    bool has_repeats; /* an object has several members with the same key */
};

static_assert(std::is_trivially_destructible_v<TextPlan>);

/*
 * Returns false for a text that is malformed, that may be, or that has more than 128 levels. Then
 * the server's reader decides, and finds the error. No recursion.
 */
bool plan_text(std::string_view text, const Structure &structure, const Workspace &space, TextPlan &plan);

} // namespace opigno::json
