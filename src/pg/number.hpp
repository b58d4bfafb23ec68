/* The type numeric. */
#pragma once

#include "pg/postgres.hpp"

extern "C" {
#include <utils/numeric.h>
}
