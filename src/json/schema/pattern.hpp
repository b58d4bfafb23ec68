/*
 * Regular expressions of schemas: ECMA-262 with the flag u, by RE2, which takes time linear in the
 * text. Does not depend on PostgreSQL.
 */
#pragma once

#include "json/schema/regular_expression.hpp"
#include "json/schema/run_pattern.hpp"
#include "json/value/bytes.hpp"

#include <cstddef>
#include <string_view>

namespace opigno::json::schema {

struct Pattern {
    opigno_regular_expression *expression; /* nullptr: the pattern is one of runs */
    RunPattern runs;
    std::size_t cost;
};

static_assert(std::is_trivially_destructible_v<Pattern>);

/* Returns a pattern in allocate()'s memory, which frees it, or nullptr. Then why is a message such as
 * "look-ahead is not supported". */
const Pattern *compile_pattern(std::string_view source, const char *&why);

/* What a match can cost: its time is at most about this number of steps for each byte of the text. */
inline std::size_t cost_of(const Pattern &pattern)
{
    return pattern.cost;
}

bool matches_by_library(const Pattern &pattern, std::string_view text);

/* Whether a part of the text matches. The text is in the database's encoding. */
inline bool matches(const Pattern &pattern, std::string_view text)
{
    return pattern.expression == nullptr ? matches(pattern.runs, text) : matches_by_library(pattern, text);
}

/* Whether the source is a regular expression of ECMA-262, also one that compile_pattern() refuses. */
bool is_pattern(std::string_view source);

} // namespace opigno::json::schema
