/*
 * What the reader of JSON text needs from the program that runs it, beside json/value/host.hpp. The
 * server's definitions are in host.cpp, those of unit tests and fuzzers in test/fuzz/host.cpp.
 */
#pragma once

#include <cstdint>
#include <string_view>

namespace opigno::json {

/* Writes the numeric of a number that write_plain_number() cannot write, and returns its end. */
char *write_number(char *to, std::string_view text);

/* Writes a character in the database's encoding and returns its end; nullptr if the encoding does
 * not have it, or takes more than four bytes for it. */
char *write_character(char *to, std::uint32_t point);

} // namespace opigno::json
