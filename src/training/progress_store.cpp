#include "training/progress_store.hpp"

#include "identity/user.hpp"
#include "pg/spi.hpp"
#include "pg/text.hpp"
#include "pg/time.hpp"
#include "pg/version.hpp"
#include "training/ranking_standing.hpp"
#include "training/reference.hpp"

namespace opigno::training {

namespace {

constexpr Oid key_types[] = {TEXTOID, TEXTOID};
#define SELECT_PROGRESS                                                                                      \
    "SELECT p.version, p.xmin, p.ctid, p.is_enrolled, p.status::text, p.progress::numeric, "                 \
    "p.score::numeric,"                                                                                      \
    " p.details, p.reported_at, p.status_reported_at, p.score_reported_at, p.details_reported_at,"           \
    " p.decreased_at FROM opigno.training_progress AS p WHERE p.user_uuid = $1 AND p.training_id = $2"
constinit pg::Statement select_progress(SELECT_PROGRESS, key_types);
constinit pg::Statement lock_progress(SELECT_PROGRESS " FOR NO KEY UPDATE", key_types);

constexpr Oid insert_types[] = {TEXTOID,        TEXTOID,        BOOLOID,        TEXTOID,
                                NUMERICOID,     NUMERICOID,     JSONBOID,       TIMESTAMPTZOID,
                                TIMESTAMPTZOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TIMESTAMPTZOID,
                                TIMESTAMPTZOID, INT8OID,        XIDOID,         TIDOID};
constinit pg::Statement insert_progress(
    "INSERT INTO opigno.training_progress (user_uuid, training_id, is_enrolled, status, progress, score,"
    "  details, reported_at, status_reported_at, score_reported_at, details_reported_at, decreased_at,"
    "  created_at, updated_at, version)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13, $14)"
    " ON CONFLICT (user_uuid, training_id) DO NOTHING RETURNING version",
    std::span<const Oid>(insert_types, 14));
/* ctid saves a search in the index. Version and xmin identify the state of a row, even if the row was
 * deleted and created again. */
constinit pg::Statement update_progress(
    "UPDATE opigno.training_progress AS p SET is_enrolled = $3, status = $4, progress = $5, score = $6,"
    "  details = $7, reported_at = $8, status_reported_at = $9, score_reported_at = $10,"
    "  details_reported_at = $11, decreased_at = $12, updated_at = greatest(p.updated_at, $13),"
    "  version = p.version + 1"
    " WHERE p.ctid = $16 AND p.user_uuid = $1 AND p.training_id = $2 AND p.version = $14 AND p.xmin = $15"
    " RETURNING p.version",
    insert_types);

constinit pg::Statement
    select_references("SELECT c.uuid IS NOT NULL, t.training_id IS NOT NULL FROM (SELECT) AS one"
                      " LEFT JOIN opigno.user_context AS c ON c.uuid = $1"
                      " LEFT JOIN opigno.training AS t ON t.training_id = $2",
                      key_types);

constexpr Oid user_type[] = {TEXTOID};
constinit pg::Statement select_merge("SELECT m.into_uuid::text FROM opigno.user_merge AS m"
                                     " WHERE m.from_uuid = $1",
                                     user_type);
constinit pg::Statement
    lock_all("SELECT p.training_id::text FROM opigno.training_progress AS p WHERE p.user_uuid = $1"
             " ORDER BY p.training_id FOR UPDATE",
             user_type);
constinit pg::Statement
    delete_all("DELETE FROM opigno.training_progress AS p WHERE p.user_uuid = $1 RETURNING p.version",
               user_type);
constinit pg::Statement delete_standing("DELETE FROM opigno.training_standing AS s WHERE s.user_uuid = $1",
                                        user_type);

/* A stored row as it was read. version 0: there is none. */
struct Found {
    State state;
    std::int64_t version = 0;
    TransactionId written_by = InvalidTransactionId;
    ItemPointer place = nullptr;
};

static_assert(std::is_trivially_destructible_v<Found>);

std::optional<TimestampTz> time_in(int column)
{
    const std::optional<Datum> value = pg::nullable_column(column);
    return value.has_value() ? std::optional<TimestampTz>(DatumGetTimestampTz(*value)) : std::nullopt;
}

Found find(const Key &key, bool lock)
{
    const Datum values[] = {PointerGetDatum(key.user_uuid), PointerGetDatum(key.training_id)};
    Found found;
    if ((lock ? lock_progress.write(values) : select_progress.read_latest(values)) == 0) {
        found.state = new_state();
        return found;
    }
    found.version = DatumGetInt64(pg::column(1));
    found.written_by = DatumGetTransactionId(pg::column(2));
    found.place = static_cast<ItemPointer>(static_cast<void *>(DatumGetPointer(pg::column(3))));
    State &state = found.state;
    state.is_enrolled = DatumGetBool(pg::column(4));
    state.status = status_of(pg::view(DatumGetTextPP(pg::column(5)))).value_or(Status::NotStarted);
    state.progress = pg::column(6);
    state.score = pg::nullable_column(7).value_or(Datum{0});
    state.details = pg::nullable_column(8).value_or(Datum{0});
    state.reported_at = time_in(9);
    state.status_reported_at = time_in(10);
    state.score_reported_at = time_in(11);
    state.details_reported_at = time_in(12);
    state.decreased_at = time_in(13);
    return found;
}

/* A state as the parameters of the statements. */
class Parameters {
  public:
    Parameters(const Key &key, const State &state, const Found &found)
    {
        add(PointerGetDatum(key.user_uuid));
        add(PointerGetDatum(key.training_id));
        add(BoolGetDatum(state.is_enrolled));
        add(PointerGetDatum(pg::make_text(word_of(state.status))));
        add(state.progress);
        add(state.score, state.score != Datum{0});
        add(state.details, state.details != Datum{0});
        for (const auto &time : {state.reported_at, state.status_reported_at, state.score_reported_at,
                                 state.details_reported_at, state.decreased_at})
            add(TimestampTzGetDatum(time.value_or(0)), time.has_value());
        add(TimestampTzGetDatum(GetCurrentTransactionStartTimestamp()));
        add(Int64GetDatum(found.version == 0 ? pg::first_version() : found.version));
        add(TransactionIdGetDatum(found.written_by));
        add(PointerGetDatum(found.place));
    }
    [[nodiscard]] const Datum *values() const { return values_; }
    [[nodiscard]] const char *nulls() const { return nulls_; }

  private:
    void add(Datum value, bool is_present = true)
    {
        values_[size_] = value;
        nulls_[size_++] = is_present ? ' ' : 'n';
    }

    Datum values_[std::size(insert_types)] = {};
    char nulls_[std::size(insert_types)] = {};
    std::size_t size_ = 0;
};

static_assert(std::is_trivially_destructible_v<Parameters>);

/* Raises 23503 if a foreign key would be violated, with a better message than the foreign key's. */
void check_references(const Key &key)
{
    const Datum values[] = {PointerGetDatum(key.user_uuid), PointerGetDatum(key.training_id)};
    select_references.read_latest(values);
    const bool has_user = DatumGetBool(pg::column(1));
    const bool has_training = DatumGetBool(pg::column(2));
    pg::Errors errors;
    if (!has_user)
        identity::add_missing_user(key.user_uuid, "user_uuid", errors);
    if (!has_training)
        add_missing_training("training_id", errors);
    errors.raise();
}

void record(const identity::Caller &caller, const Key &key, const Row &row)
{
    identity::Event event;
    event.outcome = row.outcome;
    event.user_uuid = key.user_uuid;
    event.subject = key.training_id;
    event.version = row.version;
    identity::record(caller, event);
}

/* Another round is needed only if another session has written the row between two statements. */
constexpr int max_rounds = 100;

/* Locks the user, so that no session merges or deletes it. */
bool lock_user(text *user_uuid)
{
    return identity::try_to_lock_user(user_uuid, identity::UserLock::KeyShare).has_value();
}

/*
 * Whether the user does not exist because it was merged into another one, which then is the key's. A
 * request is for its own user, so it is not told of another one.
 */
bool follows_merge(const identity::Caller &caller, Key &key)
{
    if (lock_user(key.user_uuid) || !caller.acts_on_all)
        return false;
    text *into_uuid = merged_into(key.user_uuid);
    if (into_uuid == nullptr)
        return false;
    key.user_uuid = into_uuid;
    return true;
}

/* Writes the changed state. Returns false if another session has written the row meanwhile. */
bool store(const Key &key, const Found &found, Row &row)
{
    const bool is_new = found.version == 0;
    const Parameters parameters(key, row.state, found);
    if ((is_new ? insert_progress : update_progress).write(parameters.values(), parameters.nulls()) == 0)
        return false;
    row.version = DatumGetInt64(pg::column(1));
    row.outcome = is_new ? Outcome::Created : Outcome::Updated;
    return true;
}

/*
 * Writes the state that change(state, is_new) makes of the stored one. It returns false to leave the
 * row as it is, or not to create one.
 *
 * A merge of users locks the user before its progress. So the user is locked before the progress if a
 * reference to it may be checked: that of a new row, or of the user's first standing. An update that finds
 * its row changed has locked the row. If the standing is to change only then, it is there already: the
 * status is completed, or was before.
 */
template <typename Change> Row write(const identity::Caller &caller, Key key, Change change)
{
    bool holds_row = false;
    for (int round = 0; round < max_rounds; ++round) {
        CHECK_FOR_INTERRUPTS();
        const Found found = find(key, holds_row);
        const bool is_new = found.version == 0;
        if (is_new && follows_merge(caller, key)) {
            holds_row = false;
            continue;
        }
        Row row{found.state, found.version, is_new ? Outcome::Missing : Outcome::Unchanged, key.user_uuid};
        if (!change(row.state, is_new))
            return row;
        const Difference difference = difference_of(found.state, row.state);
        if (is_new)
            check_references(key);
        else if (!holds_row && !difference.is_none() && !lock_user(key.user_uuid))
            continue;
        if (!store(key, found, row)) {
            holds_row = true;
            continue;
        }
        change_standing(key.user_uuid, difference);
        identity::check_still_active(caller, key.user_uuid);
        record(caller, key, row);
        return row;
    }
    pg::refuse_suppressed_write();
}

/* Writes what two rows become to the key of the second. Returns false if that one stays as it is. */
bool move_row(const Key &key, const State &moved, OnConflict on_conflict, Difference &sum)
{
    for (int round = 0; round < max_rounds; ++round) {
        CHECK_FOR_INTERRUPTS();
        const Found found = find(key, round > 0);
        const bool is_new = found.version == 0;
        Row row{is_new ? moved : found.state, found.version, Outcome::Unchanged, key.user_uuid};
        if (!is_new && on_conflict == OnConflict::Replace)
            row.state = moved;
        else if (!is_new && on_conflict == OnConflict::Merge)
            combine(moved, row.state);
        if (!is_new && is_same(found.state, row.state))
            return false;
        if (!store(key, found, row))
            continue;
        sum.add(difference_of(found.state, row.state));
        return true;
    }
    pg::refuse_suppressed_write();
}

[[noreturn]] void refuse_status()
{
    ereport(ERROR, errcode(ERRCODE_WRONG_STATE), errmsg_internal("%s", status_goes_back),
            errdetail("The stored status is from an older report and is further on."),
            errhint("%s", hint_of_decrease));
}

} // namespace

void check_may_write(const identity::Caller &caller, const Key &key)
{
    if (!caller.acts_on_all)
        identity::check_may_write_for(caller, key.user_uuid);
}

Row write_report(const identity::Caller &caller, const Key &key, const Report &report)
{
    return write(caller, key, [&](State &state, bool is_new) {
        const Effect effect = apply(report, state);
        if (effect == Effect::Refused)
            refuse_status();
        return is_new || effect == Effect::Changed;
    });
}

Row enrol(const identity::Caller &caller, const Key &key)
{
    return write(caller, key, [](State &state, bool is_new) {
        const bool changes = is_new || !state.is_enrolled;
        state.is_enrolled = true;
        return changes;
    });
}

Row end_enrolment(const identity::Caller &caller, const Key &key)
{
    return write(caller, key, [](State &state, bool is_new) {
        const bool changes = !is_new && state.is_enrolled;
        state.is_enrolled = false;
        return changes;
    });
}

text *merged_into(text *user_uuid)
{
    const Datum key = PointerGetDatum(user_uuid);
    return select_merge.read_committed(&key) == 0 ? nullptr : DatumGetTextPP(pg::column(1));
}

/* The standing is written last, as by reports: then sessions do not deadlock. */
std::int64_t move_progress(text *from_uuid, text *into_uuid, OnConflict on_conflict)
{
    const Datum from = PointerGetDatum(from_uuid);
    const std::uint64_t rows = lock_all.write(&from);
    pg::Vector<text *> trainings;
    for (std::uint64_t row = 0; row < rows; ++row)
        trainings.push_back(DatumGetTextPP(pg::column(1, row)));
    Difference sum;
    std::int64_t written = 0;
    for (text *training : trainings) {
        const Found moved = find({from_uuid, training}, false);
        written += move_row({into_uuid, training}, moved.state, on_conflict, sum) ? 1 : 0;
    }
    change_standing(into_uuid, sum);
    const std::uint64_t deleted = delete_all.write(&from);
    for (std::uint64_t row = 0; row < deleted; ++row)
        pg::note_deleted_version(DatumGetInt64(pg::column(1, row)));
    delete_standing.write(&from);
    return written;
}

} // namespace opigno::training
