/* Looks up clients for the functions that change them. Called between SPI_connect and SPI_finish as
 * the owner. */
#pragma once

#include "identity/audit.hpp"

#include <cstdint>

namespace opigno::client {

struct StoredClient {
    std::int32_t app_id;
    bool is_revoked;
};

/* Locks the client until the end of the transaction. Raises 23503 if it does not exist. */
StoredClient lock_client(std::int64_t client_id);

/* The same. Raises PT409 if the client was revoked. */
StoredClient lock_usable_client(std::int64_t client_id);

/* Records a change of the client. what: further words for the audit trail; may be empty. */
void record_client(const identity::Caller &caller, identity::Event event, std::int64_t client_id,
                   const char *what = "");

} // namespace opigno::client
