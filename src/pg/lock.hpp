/* Locks on relations. */
#pragma once

#include "pg/postgres.hpp"

extern "C" {
#include <storage/lmgr.h>
}
