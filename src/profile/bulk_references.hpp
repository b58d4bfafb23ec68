/* The users and apps that the entries of a load name. Called between SPI_connect and SPI_finish as the
 * owner. */
#pragma once

#include "profile/bulk_store.hpp"

namespace opigno::profile {

/*
 * Creates the missing users of the entries whose apps exist: active, without scopes, "Anonymous
 * User". Leaves out users whose uuid no new user may have. To be called for all entries of a load
 * before the first profile is written, since users are locked before profiles. The entries are in
 * the order of their keys.
 */
void create_missing_users(const Entries &entries, bulk::Run &run);

/*
 * Locks the entries' users and apps FOR KEY SHARE and returns the entries for which both exist.
 * Adds errors for the others. The entries are in the order of their keys. creates_users: missing
 * users were to be created, so the error says why a user was not.
 */
Entries with_known_references(const Entries &entries, bool creates_users, const Store &store);

} // namespace opigno::profile
