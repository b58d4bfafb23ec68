/* Writes batches of profiles, each with one statement or a few. Called between SPI_connect and
 * SPI_finish as the owner. */
#pragma once

#include "bulk/load.hpp"
#include "profile/bulk_entry.hpp"

namespace opigno::profile {

enum class OnConflict { Error, Skip, Replace, Merge };

using Entries = bulk::Batch<Entry>;

/*
 * Creates the missing users of the entries whose apps exist: active, without scopes, "Anonymous
 * User". Leaves out users whose uuid no new user may have. To be called for all entries of a load
 * before the first profile is written, since users are locked before profiles. The entries are in
 * the order of their keys.
 */
void create_missing_users(const Entries &entries, bulk::Run &run);

/*
 * Replaces the profiles of the entries, or merges into them, by one statement, if all of them
 * exist. Returns the entries that remain to be written: all of them if a profile does not exist.
 * May be used only if no trigger of the table can suppress a write.
 */
Entries update_existing(const Entries &entries, bool merges, bulk::Run &run);

/*
 * Locks the entries' users and apps FOR KEY SHARE and returns the entries for which both exist.
 * Adds errors for the others. The entries are in the order of their keys. creates_users: missing
 * users were to be created, so the error says why a user was not.
 */
Entries with_known_references(const Entries &entries, bool creates_users, bulk::Run &run);

/*
 * Writes entries with distinct keys, in their order, so that two loads do not deadlock. With
 * OnConflict::Merge the documents are merge patches, and a new profile is the patch applied to
 * nothing. document: the entries' member that holds the document.
 */
void write_entries(const Entries &entries, OnConflict on_conflict, const char *document, bulk::Run &run);

void delete_entries(const Entries &entries, bulk::Run &run);

} // namespace opigno::profile
