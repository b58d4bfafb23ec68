/* Finds members that an object in JSON text has more than once. jsonb holds only the last of
 * them. */
#pragma once

#include "pg/error.hpp"
#include "pg/jsonb.hpp"

#include <string_view>

namespace opigno::json {

/*
 * Adds an error (22023) for each name that several members of the object have. Adds none if the
 * text is another value. The text is valid JSON. pointer: the JSON Pointer of the object, with which
 * the paths of the errors start.
 */
void add_repeated_members(std::string_view text, pg::Errors &errors, const char *pointer);
void add_repeated_members(std::string_view text, pg::Errors &errors);

/* The error of one name. */
pg::Error repeated_member(std::string_view name, const char *pointer = "");

/* Adds the errors of a document: which of its objects must not have such members is up to the
 * document. */
using AddRepeated = void (*)(std::string_view text, pg::Errors &errors);

/* Reads JSON text as jsonb, and adds the errors of repeated members. Returns nullptr and adds an
 * error if text::jsonb raises an error about the text. */
Jsonb *read_distinct(std::string_view text, pg::Errors &errors, AddRepeated add = add_repeated_members);

} // namespace opigno::json
