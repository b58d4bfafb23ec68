/* The plan cache and its query trees. */
#pragma once

#include "pg/postgres.hpp"

extern "C" {
#include <parser/parsetree.h>
#include <utils/plancache.h>
}
