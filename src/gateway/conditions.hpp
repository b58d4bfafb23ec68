/* Conditional requests (RFC 9110, section 13). Most ETags are the version of a row and a mark. */
#pragma once

#include "gateway/exchange.hpp"

namespace opigno::gateway {

/* Returns a hash of these bytes, 16 hexadecimal digits. */
const char *mark_of(std::string_view bytes);

/* Adds an ETag: the version, and the mark if there is one. */
void add_version(Answer &answer, std::int64_t version, const char *mark = nullptr);

/* Adds an ETag that is only a mark. */
void add_mark(Answer &answer, const char *mark);

/* What a write needs to know of its resource. */
struct Versioned {
    /* Returns the stored version; nothing if the resource does not exist. */
    std::optional<std::int64_t> (*read_version)(const Exchange &exchange);
    /* The mark in the ETags of the resource; "" if they have none; nullptr if writes ignore it. */
    const char *mark = "";
};

static_assert(std::is_trivially_destructible_v<Versioned>);

/*
 * Returns the version that a write expects, as the argument expected_version of SQL functions: -1 is
 * any, 0 is none. Returns nothing without a condition. Reads the stored version only if the conditions
 * are not one ETag or one asterisk. Raises PT412 if a condition is false, and the errors of
 * has_condition().
 */
std::optional<std::int64_t> expected_version(const Exchange &exchange, const Versioned &resource);

/* Whether a write has If-Match or If-None-Match. Raises PT400 for a malformed one, and PT428 if there
 * is none and the site requires one. */
bool has_condition(const Exchange &exchange);

/* Raises PT412 if a condition of a write is false. mark: the mark that is the ETag of the resource;
 * nullptr if it does not exist. */
void check_conditions(const Exchange &exchange, const char *mark);

/* Makes the answer to a read 304 if the client has it already: If-None-Match has its ETag. */
void make_not_modified(Exchange &exchange);

void define_condition_settings();

} // namespace opigno::gateway
