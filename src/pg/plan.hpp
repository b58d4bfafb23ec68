/* The plan cache, and the query trees in it. */
#pragma once

#include "pg/postgres.hpp"

extern "C" {
#include <parser/parsetree.h>
#include <utils/plancache.h>
}
