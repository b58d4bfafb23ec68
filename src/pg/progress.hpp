/* Progress reporting, for the views pg_stat_progress_... */
#pragma once

#include "pg/postgres.hpp"

extern "C" {
#include <commands/progress.h>
#include <utils/backend_progress.h>
#include <utils/backend_status.h>
}
