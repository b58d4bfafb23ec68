/* Settings: our own, and the server's for the time of some calls. */
#pragma once

#include "pg/postgres.hpp"

extern "C" {
#include <utils/guc.h>
}

namespace opigno::pg {

/* As SET does, until AtEOXact_GUC(true, level) ends the level of NewGUCNestLevel(), or an error does. */
inline void set_for_level(const char *name, const char *value)
{
    set_config_option(name, value, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
}

} // namespace opigno::pg
