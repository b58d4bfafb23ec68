/*
 * Disables the triggers of a table's foreign keys during a load. They look up what each row refers to
 * separately, which takes half of a load's time. A load has looked up and locked these rows for whole
 * batches already. It disables triggers only if the table has no others.
 */
#pragma once

#include "pg/trigger.hpp"

#include <span>

namespace opigno::bulk {

/* A foreign key of one column, to a table in the same schema. */
struct ForeignKey {
    const char *column;
    const char *table;
    const char *key;
};

/*
 * Whether the table has no triggers except those of these foreign keys, and no rules,
 * constraints or defaults except those that the extension creates. This cannot change until the end
 * of the transaction.
 */
bool has_foreign_key_triggers_only(Oid table, std::span<const ForeignKey> own);

/*
 * Whether the table has no triggers except those by which these tables of the same schema refer to it,
 * and these have none except those of foreign keys; and no rules. Then rows of the table can be deleted
 * without triggers, after the rows of these tables. This cannot change until the end of the transaction.
 */
bool is_referred_to_only_by(Oid table, std::span<const char *const> referring);

/*
 * Runs body() as with session_replication_role = replica: only triggers marked ALWAYS or REPLICA
 * fire. Sets the setting's variable directly. SET would also invalidate all plans of the session
 * because of rules, which this table does not have.
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

} // namespace opigno::bulk
