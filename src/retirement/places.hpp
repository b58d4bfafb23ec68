/* The extension's own tables with users' data: how their rows are erased. */
#pragma once

#include "pg/array.hpp"
#include "retirement/subject.hpp"

namespace opigno::retirement {

/* All are called between SPI_connect and SPI_finish as the owner, and count rows in the subjects. */

/* The uuids as text[], and what stands for them. */
Datum uuids_of(const Subjects &subjects);
Datum retired_uuids_of(const Subjects &subjects);

/* The anonymous users that were merged into the subjects, unless there is another user with the uuid by
 * now. Read before the rows are erased. */
FormerNames former_names_of(const Subjects &subjects);

/* Redacts and deletes all rows of the users, whose user contexts are locked FOR UPDATE. */
void erase_rows(Subjects &subjects, const FormerNames &former_names);

/*
 * Redacts what names the users in tables of all users: the audit trail and the errors of loads. To be
 * called by one erasure or clean-up at a time, since a row can name two users: see lock_certificates().
 */
void redact_common_rows(Subjects &subjects, const FormerNames &former_names);

/* The name of the table in certificates. */
const char *name_of(Place place);

} // namespace opigno::retirement
