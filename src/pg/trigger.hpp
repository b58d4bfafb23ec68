/* Triggers, also those of foreign keys. */
#pragma once

#include "pg/postgres.hpp"

extern "C" {
#include <commands/trigger.h>
#include <utils/fmgroids.h>
}
