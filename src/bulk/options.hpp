/* The options that all loads have. */
#pragma once

#include "pg/error.hpp"

#include <cstdint>
#include <optional>

namespace opigno::bulk {

inline constexpr std::int32_t default_max_errors = 100;

struct Options {
    bool report = false;                          /* if entries have errors, write the others */
    bool dry_run = false;                         /* give the answer, but write nothing */
    bool last_wins = false;                       /* of different entries for one key, write the last */
    std::int32_t max_errors = default_max_errors; /* how many errors the answer lists */
};

/* Numbers of a function's arguments. dry_run follows on_error. */
struct ArgumentNumbers {
    int on_error;
    int max_errors;
    std::optional<int> on_duplicate = std::nullopt; /* not all functions have it */
};

/* Reads the arguments. Adds an error (22023) for each invalid one. */
Options options_argument(FunctionCallInfo fcinfo, const ArgumentNumbers &numbers, pg::Errors &errors);

} // namespace opigno::bulk
