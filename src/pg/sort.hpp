/* The server's sort, and the slots and descriptors of its rows. */
#pragma once

#include "pg/postgres.hpp"

extern "C" {
#include <access/tupdesc.h>
#include <catalog/pg_collation.h>
#include <catalog/pg_type.h>
#include <executor/tuptable.h>
#include <utils/tuplesort.h>
#include <utils/typcache.h>
}
