/* The holders and apps that the entries of a load name. Called between SPI_connect and SPI_finish as the
 * owner. */
#pragma once

#include "app_document/bulk_store.hpp"

namespace opigno::app_document {

/*
 * Creates the missing users of entries whose holders are users and whose apps exist: active, without
 * scopes, "Anonymous User". Leaves out users whose uuid no new user may have. To be called for all entries of
 * a load before the first document is written, since users are locked before documents. The entries are in
 * the order of their keys.
 */
void create_missing_users(const Entries &entries, bulk::Run &run);

/*
 * Locks the entries' holders and apps FOR KEY SHARE and returns the entries for which both exist.
 * Adds errors for the others. The entries are in the order of their keys. creates_users: missing
 * users were to be created, so the error says why a user was not.
 */
Entries with_known_references(const Entries &entries, bool creates_users, const Store &store);

} // namespace opigno::app_document
