/*
 * What this server is in a system that is sharded by user, and which shard a user belongs to. Sessions
 * cache the row of opigno.server_role; src/sharding writes it.
 */
#pragma once

#include "pg/error.hpp"

#include <cstdint>
#include <string_view>
#include <type_traits>

namespace opigno::identity {

inline constexpr std::int32_t max_shards = 65536;

/* What shards and slots are computed from. */
std::uint64_t user_hash(const text *canonical_user_uuid);

/* The shard of a user: 0 to shards - 1. */
std::int32_t shard_of(const text *canonical_user_uuid, std::int32_t shards);

enum class ServerKind { Single, Shard, Hub };

struct ServerRole {
    ServerKind kind = ServerKind::Single;
    std::int32_t shard = 0;  /* of a shard */
    std::int32_t shards = 1; /* of a shard */
    bool has_stride = true;  /* the sequences of the shard give numbers that no other shard gives */

    /* While users move; 0 otherwise. */
    std::int32_t from_shards = 0; /* users come to this shard from one of so many */
    std::int32_t to_shards = 0;   /* users go from this shard to others of so many */
    std::int32_t slots = 0;

    /* The increment of the sequences. */
    [[nodiscard]] std::int32_t stride() const { return to_shards != 0 ? to_shards : shards; }
};

static_assert(std::is_trivially_destructible_v<ServerRole>);

/* What this session has read last. check_place() keeps it up to date. */
const ServerRole &server_role();

namespace detail {

/* This session knows that the server is neither a shard nor a hub. */
extern constinit bool is_known_single;

void check_place_of_call(FunctionCallInfo fcinfo, bool is_of_owner);
void check_place_of_change(Oid function);

} // namespace detail

/*
 * Raises PT409 if the function must be called on another server: its route in opigno.function_route is
 * "user" and this server does not store the user that its key argument names, or its route is "hub",
 * it writes, and this server is a shard. is_of_owner: the function manages the server.
 */
inline void check_place(FunctionCallInfo fcinfo, bool is_of_owner)
{
    if (!detail::is_known_single)
        detail::check_place_of_call(fcinfo, is_of_owner);
}

/* Raises PT409 for a function that has changed something: on a hub, if shards receive it and one of them is
 * down, and on a shard whose sequences were restored from a dump. */
inline void check_place_of_change(Oid function)
{
    if (!detail::is_known_single)
        detail::check_place_of_change(function);
}

/* Whether users with this canonical uuid belong on another server than this one. */
bool is_elsewhere(const text *user_uuid);

/* The same for a function that did not call check_place(). */
bool is_elsewhere(Oid function, const text *user_uuid);

/* Raises PT409 for a user context that was just created while this server became another shard: the
 * creation has waited for that. */
void check_created(const text *user_uuid);

/* The error of such a user (PT409). */
const char *message_of_elsewhere();
void add_elsewhere(const text *user_uuid, const char *member, pg::Errors &errors);
[[noreturn]] void refuse_elsewhere(const text *user_uuid);

/* Raises PT409 on a hub: rows of shards can refer to what would be deleted, and nothing would hold
 * them back there, since logical replication does not check foreign keys. */
void check_may_delete_registered(const char *what, const char *hint);

/* Raises PT409 on a shard, which must receive from the hub what is missing. */
void check_may_add_missing(const char *what, const char *hint);

/* Makes sessions notice when the row changes. */
void watch_server_role();

} // namespace opigno::identity
