/*
 * What compiled schemas need from the program that runs them, beside json/value/host.hpp. The
 * server's definitions are in host.cpp, those of unit tests and fuzzers in test/fuzz/host.cpp.
 */
#pragma once

#include <cstddef>
#include <string_view>

namespace opigno::json::schema {

/* Whether the stack is used up to its limit, so that a recursion must end. */
bool stack_is_low();

/* Whether a number is a multiple of another one that is not zero. Both are the bytes of a numeric. */
bool is_multiple(std::string_view number, std::string_view of);

/* The number of characters of a text in the database's encoding. */
std::size_t characters_of(std::string_view text);

/* The text in UTF-8, from allocate() unless it is the same text. */
std::string_view utf8_of(std::string_view text);

/* Calls free(object) when the memory of the current allocate() is freed. */
void free_with_memory(void (*free)(void *), void *object);

/* Reports that a library could get no memory. */
[[noreturn]] void out_of_memory();

} // namespace opigno::json::schema
