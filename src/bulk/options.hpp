/* The options that all loads have. */
#pragma once

#include "pg/error.hpp"

#include <cstdint>

namespace opigno::bulk {

inline constexpr std::int32_t default_max_errors = 100;

struct Options {
    bool report = false;                          /* if entries have errors, write the others */
    bool dry_run = false;                         /* give the answer, but write nothing */
    std::int32_t max_errors = default_max_errors; /* how many errors the answer lists */
};

/*
 * Reads the arguments on_error, dry_run and max_errors. on_error and max_errors: the arguments'
 * numbers; dry_run follows on_error. Adds an error (22023) for each invalid argument.
 */
Options options_argument(FunctionCallInfo fcinfo, int on_error, int max_errors, pg::Errors &errors);

} // namespace opigno::bulk
