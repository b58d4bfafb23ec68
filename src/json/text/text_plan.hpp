/*
 * A JSON text as nodes, before a byte of jsonb is written. The children of each container are
 * beside each other; an object's members are in jsonb's order, and of those with the same key only
 * the last is there. Does not depend on PostgreSQL.
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
        const char *bytes;        /* of a string; of a number its text */
        const TextNode *children; /* values, or keys and values in turn */
    };
    std::uint32_t size; /* in bytes; of a container its elements or members */
    std::uint32_t kind; /* a Type and a flag; of a key its place among the others */
};

/* Beside numeric_type: write_number() makes the numeric. */
inline constexpr std::uint32_t by_server = 1;
/* Beside container_type: it is an object. */
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
    char *strings;    /* of the text's size, or nullptr where it has no backslash */
};

struct TextPlan {
    TextNode root;    /* points into the workspace and the text */
    std::size_t room; /* the most bytes of jsonb that come of the root */
};

static_assert(std::is_trivially_destructible_v<TextPlan>);

/*
 * Returns false for a text that is malformed or doubtful, or has more than 128 levels: the server's
 * reader decides about it then, and knows the reason. No recursion.
 */
bool plan_text(std::string_view text, const Structure &structure, const Workspace &space, TextPlan &plan);

} // namespace opigno::json
