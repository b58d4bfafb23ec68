/* Writes batches of reports, each with a few statements. Called between SPI_connect and SPI_finish as
 * the owner. */
#pragma once

#include "bulk/load.hpp"
#include "training/progress_bulk_entry.hpp"
#include "training/ranking_standing.hpp"

namespace opigno::training {

using Entries = bulk::Batch<Entry>;

/* Whether any users were merged. */
bool has_merges();

/* Gives the entries of users who were merged, and do not exist any more, to those into which they were
 * merged. Returns whether there are such entries; they are not in order then. */
bool follow_merges(Entries &entries);

/* Creates the missing users of the entries whose trainings exist, as opigno.create_profiles() does. To be
 * called for all entries before the first row is written. */
void create_missing_users(const Entries &entries, bulk::Run &run);

/*
 * Applies the reports, which are in the order of their keys and times. The reports of one row are
 * written together. Locks the users and trainings, and adds errors for unknown ones and for reports
 * that are refused. creates_users: missing users were to be created.
 */
void write_reports(const Entries &entries, bool creates_users, Standings &standings, bulk::Run &run);

} // namespace opigno::training
