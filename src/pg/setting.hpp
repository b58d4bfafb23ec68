/* Defines settings, and sets those of the server for a limited time. */
#pragma once

#include "pg/postgres.hpp"

extern "C" {
#include <utils/guc.h>
}

namespace opigno::pg {

/* Sets a setting as SET does. An error, or AtEOXact_GUC() with the level from NewGUCNestLevel(),
 * restores the previous value. */
inline void set_for_level(const char *name, const char *value)
{
    set_config_option(name, value, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
}

} // namespace opigno::pg
