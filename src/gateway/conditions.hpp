/* Conditional requests (RFC 9110, section 13). The ETag of a row is its version in quotes. */
#pragma once

#include "gateway/exchange.hpp"

namespace opigno::gateway {

/* Adds the ETag of a version. */
void add_version(Answer &answer, std::int64_t version);

/*
 * Returns the version that a write expects: that of If-Match, -1 for "If-Match: *" (any version), 0
 * for "If-None-Match: *" (there must be no row), or nothing. Raises PT412 for an ETag that is not one
 * of ours, PT400 for another If-None-Match, and PT428 without a condition if the site requires one.
 */
std::optional<std::int64_t> expected_version(const Exchange &exchange);

/* Makes the answer to a read 304 if the client has it already: If-None-Match has its ETag. */
void leave_out_known(Exchange &exchange);

void define_condition_settings();

} // namespace opigno::gateway
