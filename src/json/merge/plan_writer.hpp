/* Writes the result of a plan. Does not depend on PostgreSQL. */
#pragma once

#include "json/merge/plan.hpp"

namespace opigno::json {

/*
 * Writes the root's container at the start of a buffer and returns its end. The buffer needs as
 * many bytes as the documents that the plan was made from and the plan's slack. Returns nullptr
 * where an object's data are longer than its entries can express.
 */
char *write_plan(const Plan &plan, char *buffer);

} // namespace opigno::json
