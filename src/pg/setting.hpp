/* Defines settings, and sets those of the server for a limited time. */
#pragma once

#include "pg/postgres.hpp"

extern "C" {
#include <catalog/namespace.h>
#include <utils/guc.h>
#include <utils/rls.h>
}

#include <cstring>

namespace opigno::pg {

/* Sets a setting as SET does. An error, or AtEOXact_GUC() with the level from NewGUCNestLevel(),
 * restores the previous value. */
inline void set_for_level(const char *name, const char *value)
{
    set_config_option(name, value, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
}

/*
 * Sets search_path to pg_catalog, pg_temp until leave_search_path() is called with the result. Costs
 * nothing if it has this value already.
 */
inline int fix_search_path()
{
    constexpr const char *fixed = "pg_catalog, pg_temp";
    if (std::strcmp(namespace_search_path, fixed) == 0)
        return 0;
    const int level = NewGUCNestLevel();
    set_for_level("search_path", fixed);
    return level;
}

/* Turns row_security on for the level of settings: with off, a read of a table with policies fails. */
inline void fix_row_security()
{
    if (!row_security)
        set_for_level("row_security", "on");
}

inline void leave_search_path(int level)
{
    if (level > 0)
        AtEOXact_GUC(true, level);
}

} // namespace opigno::pg
