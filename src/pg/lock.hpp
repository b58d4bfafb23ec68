/* Locks on relations and other objects, and how long to wait for them. */
#pragma once

#include "pg/postgres.hpp"

extern "C" {
#include <storage/lmgr.h>
#include <storage/proc.h>
}
