/*
 * The triggers of the profile's foreign keys look up the user and the app of each row, one at a time: half of
 * a load. A load has looked up and locked both set by set, so it goes without them where nothing else goes
 * with them.
 */
#pragma once

#include "pg/trigger.hpp"

namespace opigno::profile {

/*
 * Whether the triggers of opigno.profile are the two foreign keys' own and the table has no rule, constraint
 * or default beside those it came with. It stays so to the end of the transaction.
 */
bool has_foreign_key_triggers_only(Oid profile);

/*
 * Runs `body()` as session_replication_role = replica would: only triggers marked ALWAYS or REPLICA fire. The
 * setting's variable is set by hand: SET makes all plans of the session anew, for rules that this table does
 * not have.
 */
template <typename Body> void without_triggers(Body body)
{
    const int role = SessionReplicationRole;
    SessionReplicationRole = SESSION_REPLICATION_ROLE_REPLICA;
    PG_TRY();
    {
        body();
    }
    PG_FINALLY();
    {
        SessionReplicationRole = role;
    }
    PG_END_TRY();
}

} // namespace opigno::profile
