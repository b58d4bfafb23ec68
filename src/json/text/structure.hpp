/*
 * Where the structure of a JSON text is: the offset of each bracket, comma and colon outside of
 * strings, of each string's first quote and of each other scalar's first byte. Found by simdjson,
 * which is C++ with a runtime: it sits in one object behind this C interface, calls nothing of
 * PostgreSQL, raises nothing and keeps its memory between calls.
 */
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

extern "C" {

struct opigno_json_structure {
    const std::uint32_t *offsets; /* valid until the next call; behind the last one is the text's size */
    std::size_t count;
};

/* False: the text is not UTF-8, a string does not end or holds a control character, there is nothing but
 * white space, or memory is short. Reads no byte behind the text's end. */
bool opigno_find_json_structure(const char *text, std::size_t size, struct opigno_json_structure *found);
}

namespace opigno::json {

using Structure = opigno_json_structure;
static_assert(std::is_trivially_destructible_v<Structure>);

} // namespace opigno::json
