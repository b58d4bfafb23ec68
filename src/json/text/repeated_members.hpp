/* Finds members that an object in JSON text has more than once. jsonb holds only the last of
 * them. */
#pragma once

#include "pg/error.hpp"
#include "pg/jsonb.hpp"

#include <span>
#include <string_view>

namespace opigno::json {

/*
 * Adds an error (22023) for each name that several members of an object have, whatever the depth of the
 * object. The text is valid JSON. It is read in one pass. skipped: the names of members whose values
 * are not looked into.
 */
void add_repeated_members(std::string_view text, pg::Errors &errors,
                          std::span<const std::string_view> skipped = {});

/* The error of one name. */
pg::Error repeated_member(std::string_view name, const char *pointer = "");

/* Reads JSON text as jsonb, and adds the errors of repeated members. Returns nullptr and adds an
 * error if text::jsonb raises an error about the text. */
Jsonb *read_distinct(std::string_view text, pg::Errors &errors);

} // namespace opigno::json
