/* Locks on relations and other objects. */
#pragma once

#include "pg/postgres.hpp"

extern "C" {
#include <storage/lmgr.h>
}
