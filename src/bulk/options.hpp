/* The options that loads of all kinds have. */
#pragma once

#include "pg/error.hpp"

#include <cstdint>

namespace opigno::bulk {

inline constexpr std::int32_t default_max_errors = 100;

struct Options {
    bool report = false;  /* write the entries without errors although others have some */
    bool dry_run = false; /* answer as if, and write nothing */
    std::int32_t max_errors = default_max_errors; /* that the answer lists */
};

/*
 * The arguments on_error and, behind it, dry_run; and max_errors, at positions of their own. Adds an error
 * (22023) for each that is wrong.
 */
Options options_argument(FunctionCallInfo fcinfo, int on_error, int max_errors, pg::Errors &errors);

} // namespace opigno::bulk
