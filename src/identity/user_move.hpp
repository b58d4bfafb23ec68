/*
 * Users who move from one shard to another: where they are, and locks that keep them there. Users move
 * in slots. The hash of a user decides on the slot, by other bits than on the shard. On the shard that they
 * leave, writers and checked readers lock the slot of their user in the mode ACCESS SHARE, those that write
 * many users or may write any lock all slots, and a move locks both in the mode ACCESS EXCLUSIVE.
 */
#pragma once

#include "identity/shard.hpp"
#include "pg/lock.hpp"

#include <cstdint>

namespace opigno::identity {

/* The highest 16 bits of the hash. */
std::int32_t user_slot(const text *canonical_user_uuid);

/* The locks; table: opigno.moving_slot. */
pg::LockedObject slot_lock(Oid table, std::int32_t shard, std::int32_t slot);
pg::LockedObject all_slots_lock(Oid table);
pg::LockedObject mover_lock(Oid table, std::int32_t shard);

/* opigno.moving_slot, in the schema of a function of the extension. */
Oid moving_slot_table(Oid function);

/*
 * Whether a user, who belongs on this shard before or after the moves, is elsewhere at present. Waits for
 * a move of the user, and keeps the user where it is until the end of the transaction. On the new shard
 * nothing is locked: users who have come stay.
 */
bool is_slot_elsewhere(const ServerRole &role, Oid function, const text *user_uuid);

/* On the shard that users leave: waits for a move, and keeps all users there until the end of the
 * transaction. */
void keep_all_users(Oid function);

} // namespace opigno::identity
