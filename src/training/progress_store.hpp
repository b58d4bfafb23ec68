/* Reads and writes one row of opigno.training_progress. Called between SPI_connect and SPI_finish as
 * the owner. */
#pragma once

#include "identity/audit.hpp"
#include "training/progress_rules.hpp"

namespace opigno::training {

using identity::Outcome;

struct Key {
    text *user_uuid;   /* canonical */
    text *training_id; /* canonical */
};

static_assert(std::is_trivially_destructible_v<Key>);

/* A row after a write. Its data are in SPI's memory. version 0: there is no row. */
struct Row {
    State state;
    std::int64_t version = 0;
    Outcome outcome = Outcome::Missing;
    text *user_uuid = nullptr; /* whose row it is: if the user was merged into another one, that one */
};

static_assert(std::is_trivially_destructible_v<Row>);

/* Raises 42501 unless the caller may write progress of this user, or the user is the request's own. */
void check_may_write(const identity::Caller &caller, const Key &key);

/* Raises PT409 if the status would go back, and 23503 for an unknown user or training. */
Row write_report(const identity::Caller &caller, const Key &key, const Report &report);

/* Enrols the user, or ends the enrolment. Raises 23503 like write_report(). */
Row enrol(const identity::Caller &caller, const Key &key);
Row end_enrolment(const identity::Caller &caller, const Key &key);

/* What becomes of a row that both users have. */
enum class OnConflict { Keep, Replace, Merge };

/* Moves the progress of a user to another one, and returns the number of that one's rows that were
 * written. Both users are locked, the first one FOR UPDATE. */
std::int64_t move_progress(text *from_uuid, text *into_uuid, OnConflict on_conflict);

/* The user into which opigno.merge_user_contexts() has merged this one, which does not exist any more;
 * nullptr: it was not merged. */
text *merged_into(text *user_uuid);

} // namespace opigno::training
