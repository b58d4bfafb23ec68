/*
 * Patterns that need no automaton: ^ and a text, then runs of characters of ASCII classes, such as
 * ^x_ and ^[A-Z]{2}-[0-9]+$. Each of RE2's matches costs some 450 instructions. Does not depend on
 * PostgreSQL.
 */
#pragma once

#include "json/value/bytes.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

namespace opigno::json::schema {

struct Run {
    std::uint64_t characters[2]; /* a bit for each of ASCII */
    std::uint32_t least;
    std::uint32_t most;
};

struct RunPattern {
    std::string_view prefix;
    std::span<const Run> runs;
    bool is_whole = false; /* the text ends behind the last run */
};

static_assert(std::is_trivially_destructible_v<RunPattern>);

/* Reads a valid regular expression of ECMA-262, in any encoding. Returns false for one of another
 * kind. Only taking each run as long as possible must be the same as trying all lengths. The result
 * is in allocate()'s memory. */
bool read_run_pattern(std::string_view source, RunPattern &pattern);

/* Whether runs are from there on in the text. */
bool has_runs(const RunPattern &pattern, std::string_view text, std::size_t at);

inline bool matches(const RunPattern &pattern, std::string_view text)
{
    const std::size_t at = pattern.prefix.size();
    if (text.size() < at || !is_same(text.data(), pattern.prefix.data(), at))
        return false;
    return pattern.runs.empty() ? !pattern.is_whole || at == text.size() : has_runs(pattern, text, at);
}

} // namespace opigno::json::schema
