/* Parallel workers. */
#pragma once

#include "pg/postgres.hpp"

extern "C" {
#include <access/parallel.h>
}
