#include "identity/user_move.hpp"

#include "identity/access.hpp"
#include "pg/catalog.hpp"
#include "pg/spi.hpp"

namespace opigno::identity {

namespace {

constexpr Oid slot_types[] = {INT4OID, INT4OID};
constinit pg::Statement select_here("SELECT FROM opigno.moving_slot AS m"
                                    " WHERE m.shard = $1 AND m.slot = $2 AND m.slot_state = 'here'",
                                    slot_types);

/* Numbers of shards and of slots have 16 bits. */
constexpr std::uint16_t part_of_slots = 1;
constexpr std::uint16_t part_of_all = 2;
constexpr std::uint16_t part_of_movers = 3;

/* Who writes many users would have too many locks: after so many slots the transaction locks all. */
constexpr int max_slot_locks = 64;
LocalTransactionId locking_transaction = InvalidLocalTransactionId;
int slot_locks = 0; /* of that transaction */

/* Whether the transaction has locked many slots. Counts one more. */
bool has_many_slot_locks()
{
    const LocalTransactionId current = pg::local_transaction();
    if (current != locking_transaction) {
        locking_transaction = current;
        slot_locks = 0;
    }
    return ++slot_locks > max_slot_locks;
}

void keep_slot(Oid table, std::int32_t shard, std::int32_t slot)
{
    const pg::LockedObject all = all_slots_lock(table);
    const pg::LockedObject one = slot_lock(table, shard, slot);
    if (pg::is_object_locked_by_me(all, AccessShareLock) || pg::is_object_locked_by_me(one, AccessShareLock))
        return;
    pg::lock_object(has_many_slot_locks() ? all : one, AccessShareLock, true);
}

} // namespace

std::int32_t user_slot(const text *canonical_user_uuid)
{
    return static_cast<std::int32_t>(user_hash(canonical_user_uuid) >> 48);
}

pg::LockedObject slot_lock(Oid table, std::int32_t shard, std::int32_t slot)
{
    return {table, static_cast<std::uint32_t>(shard) << 16 | static_cast<std::uint32_t>(slot), part_of_slots};
}

pg::LockedObject all_slots_lock(Oid table)
{
    return {table, 0, part_of_all};
}

pg::LockedObject mover_lock(Oid table, std::int32_t shard)
{
    return {table, static_cast<std::uint32_t>(shard), part_of_movers};
}

Oid moving_slot_table(Oid function)
{
    return get_relname_relid("moving_slot", get_func_namespace(function));
}

bool is_slot_elsewhere(const ServerRole &role, Oid function, const text *user_uuid)
{
    const std::int32_t shard = role.to_shards != 0 ? shard_of(user_uuid, role.to_shards) : role.shard;
    if (role.to_shards != 0 && shard == role.shard)
        return false;
    const auto slot =
        static_cast<std::int32_t>(static_cast<std::int64_t>(user_slot(user_uuid)) * role.slots >> 16);
    const Oid table = moving_slot_table(function);
    const bool is_new_shard = role.from_shards != 0;
    if (!is_new_shard)
        keep_slot(table, shard, slot);
    const Datum values[] = {Int32GetDatum(shard), Int32GetDatum(slot)};
    /* The rows of the user must be here. On a new shard the caller's snapshot can be older than they are. */
    return as_owner_of(function, [&]() {
        return select_here.read_newest(table, values) == 0 || (is_new_shard && select_here.read(values) == 0);
    });
}

void keep_all_users(Oid function)
{
    if (server_role().from_shards == 0)
        pg::lock_object(all_slots_lock(moving_slot_table(function)), AccessShareLock, true);
}

} // namespace opigno::identity
