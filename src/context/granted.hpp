/* Users for whom a client may act because opigno.grant_user() says so: the table opigno.client_user. */
#pragma once

#include "pg/text.hpp"

#include <cstdint>

namespace opigno::context {

/* Whether the user was granted to the client, as committed now. Called between SPI_connect and
 * SPI_finish as the owner. */
bool is_granted_now(std::int64_t client_id, text *user_uuid);

/*
 * The same for a policy, as of the snapshot of the query. It looks once per query whether the client
 * has any granted user. If it has none, the other rows of the query cost nothing.
 */
bool is_granted_in_query(FunctionCallInfo fcinfo, std::int64_t client_id, text *user_uuid);

} // namespace opigno::context
