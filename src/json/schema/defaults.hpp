/* Plans the members that "default" adds to a document. Does not depend on PostgreSQL. */
#pragma once

#include "json/merge/plan.hpp"
#include "json/schema/program.hpp"

namespace opigno::json::schema {

inline constexpr std::size_t max_defaults = 268435455; /* bytes */

/*
 * Plans to add each member that is missing and has a default, in objects that are reached without
 * conditions: by properties, allOf and $ref. A default is added as it is. container: of an object.
 * plan: a new one. Returns the bytes that are added; with more than max_defaults, which can
 * also mean too many steps, the plan is not complete and must not be written.
 */
std::size_t plan_defaults(const Program &program, std::string_view container, Plan &plan);

} // namespace opigno::json::schema
