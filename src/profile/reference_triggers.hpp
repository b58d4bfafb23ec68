/*
 * The triggers of the profile's foreign keys look up the user and the app of each row, one at a time: half of
 * a load. A load has looked up and locked both set by set, so it goes without them where nothing else goes
 * with them.
 */
#pragma once

#include "pg/postgres.hpp"

namespace opigno::profile {

/*
 * Runs `body()` without the triggers of opigno.profile if they are the two foreign keys' own and the table
 * has no rule, constraint or default beside those it came with, else with them. To be called as a
 * transaction's or function's own act: an error gives the setting back with the subtransaction.
 */
template <typename Body> void without_reference_triggers(Oid profile, Body body);

/* Whether the table is as described; it stays so to the end of the transaction. */
bool has_reference_triggers_only(Oid profile);

/* Between the two no trigger fires and no rule applies that is not marked for replicas. */
int leave_out_triggers();
void take_up_triggers(int level);

template <typename Body> void without_reference_triggers(Oid profile, Body body)
{
    if (!has_reference_triggers_only(profile)) {
        body();
        return;
    }
    const int level = leave_out_triggers();
    body();
    take_up_triggers(level);
}

} // namespace opigno::profile
