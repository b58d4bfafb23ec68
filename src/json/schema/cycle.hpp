/* Finds schemas that lead back to themselves for the same value. Does not depend on PostgreSQL. */
#pragma once

#include "json/schema/program.hpp"
#include "json/value/arena.hpp"

namespace opigno::json::schema {

/* Returns a node that leads back to itself without descending into the value, or no_node. A dynamic
 * reference can lead to each anchor of its name. */
NodeId find_cycle(const Program &program, Arena &arena);

} // namespace opigno::json::schema
