/* Writes the jsonb of a text's nodes. Does not depend on PostgreSQL. */
#pragma once

#include "json/text/text_plan.hpp"

namespace opigno::json {

/* at: a multiple of four, followed by the plan's room. Returns the end of the root's container.
 * Recursion is as deep as the text, which plan_text() limits. */
char *write_text(char *at, const TextNode &root);

} // namespace opigno::json
