/* The parameters of the query of a request target. */
#pragma once

#include "gateway/route.hpp"
#include "pg/error.hpp"

namespace opigno::gateway {

/*
 * Raises PT400 if a value has several lines and the route has no documents.
 * Raises 22023 if a parameter of the route comes twice that may not. In a request that writes, also if the
 * route does not have a parameter: a misspelled dry_run must not write.
 */
void check_query(const Exchange &exchange, const Route &route);

/* Returns a parameter as a boolean; nothing if it is missing. Adds an error for other values than
 * true and false. */
std::optional<bool> flag_of(const Exchange &exchange, const char *name, pg::Errors &errors);

/* Returns a parameter as a number in this range; nothing if it is missing. Adds an error for other
 * values. */
std::optional<std::int32_t> number_in(const Exchange &exchange, const char *name, std::int32_t min,
                                      std::int32_t max, pg::Errors &errors);

/* Returns the size of a page, which is the parameter limit. Adds an error for a wrong one. */
std::int32_t page_size(const Exchange &exchange, pg::Errors &errors);

/* Adds a link to the page after this key. The link has the parameters of this page, except for the
 * place where it begins. */
void add_next_page(Exchange &exchange, std::string_view last_key);

} // namespace opigno::gateway
