/*
 * Finds the structure of a JSON text: the offset of each bracket, comma and colon outside of
 * strings, of each string's first quote and of each other scalar's first byte. simdjson does it,
 * which is C++ with a runtime. It is in one object behind this C interface, which calls nothing of
 * PostgreSQL, throws no exception and keeps its memory between calls.
 */
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

extern "C" {

struct opigno_json_structure {
    const std::uint32_t *offsets; /* valid until the next call; the text's size follows the last one */
    std::size_t count;
};

/* Returns false for a text that is not UTF-8, has a string that does not end or holds a control
 * character, or has only white space, and for lack of memory. Reads no byte after the text's end. */
bool opigno_find_json_structure(const char *text, std::size_t size, struct opigno_json_structure *found);
}

namespace opigno::json {

using Structure = opigno_json_structure;
static_assert(std::is_trivially_destructible_v<Structure>);

} // namespace opigno::json
