/* What becomes of a server in a sharded system: for become_shard() and its kin, and for moves of users. */
#pragma once

#include "identity/access.hpp"
#include "identity/shard.hpp"

#include <cstdint>

namespace opigno::sharding {

/* The newest committed row of opigno.server_role. */
identity::ServerRole stored_role();

/* No other session writes user contexts or becomes something else until the end of the transaction. */
void lock_users();

/* Gives the sequences the stride of the role, with numbers from `least` on. Returns whether one had to be
 * changed. */
bool set_strides(const identity::ServerRole &wanted, std::int64_t least = 1);

/* No sequence has given this number or a higher one. */
std::int64_t first_free_number();

/* Writes the row and an audit record. first_number: of moves that begin. Ends moves if the role has no
 * slots. */
void change(const identity::Caller &caller, const identity::ServerRole &wanted,
            std::int64_t first_number = 0);

/* Raises PT409 if users are coming to this shard and opigno.move_users() has left a prepared transaction. To
 * be called before a lock that such a transaction keeps away. */
void check_none_is_prepared(const identity::ServerRole &stored);

/* Raises PT409 if users are moving and some have moved. */
void check_none_has_moved(const identity::ServerRole &stored);

} // namespace opigno::sharding
