/*
 * The triggers of the profile's foreign keys look up the user and the app of each row, one at a time: half of
 * a load. A load has looked up and locked both set by set, so it goes without them where nothing else goes
 * with them.
 */
#pragma once

#include "pg/postgres.hpp"

namespace opigno::profile {

/*
 * Whether the triggers of opigno.profile are the two foreign keys' own and the table has no rule, constraint
 * or default beside those it came with. It stays so to the end of the transaction.
 */
bool has_reference_triggers_only(Oid profile);

/* Between the two no trigger fires and no rule applies that is not marked for replicas. */
int leave_out_triggers();
void take_up_triggers(int level);

/* Runs `body()` without triggers. An error gives the setting back with the transaction or subtransaction. */
template <typename Body> void without_triggers(Body body)
{
    const int level = leave_out_triggers();
    body();
    take_up_triggers(level);
}

} // namespace opigno::profile
