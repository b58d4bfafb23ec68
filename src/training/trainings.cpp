/* set_training and delete_training; trainings.sql has the contracts. */
#include "identity/audit.hpp"
#include "identity/shard.hpp"
#include "identity/user_uuid.hpp"
#include "pg/catalog.hpp"
#include "pg/result.hpp"
#include "pg/row_type.hpp"
#include "pg/spi.hpp"
#include "pg/text.hpp"
#include "pg/time.hpp"
#include "training/change.hpp"

namespace opigno::training::registry {

namespace {

using identity::Outcome;

#define TRAINING_ROW "t.training_id::text, t.title::text, t.is_active, t.version, t.created_at, t.updated_at"

constexpr Oid key_type[] = {TEXTOID};
constinit pg::Statement
    select_training("SELECT " TRAINING_ROW " FROM opigno.training AS t WHERE t.training_id = $1", key_type);
constinit pg::Statement
    lock_training("SELECT t.version FROM opigno.training AS t WHERE t.training_id = $1 FOR UPDATE", key_type);
constinit pg::Statement delete_row("DELETE FROM opigno.training AS t WHERE t.training_id = $1", key_type);
constinit pg::Statement
    select_progress("SELECT 1 FROM opigno.training_progress AS p WHERE p.training_id = $1 LIMIT 1", key_type);
constinit pg::Statement
    select_profile("SELECT 1 FROM opigno.training_profile AS p WHERE p.training_id = $1 LIMIT 1", key_type);

/* The members, the time, and the version: the first one of an insert, the expected one of an update. */
constexpr Oid change_types[] = {TEXTOID, TEXTOID, BOOLOID, TIMESTAMPTZOID, INT8OID};
constinit pg::Statement
    insert_training("INSERT INTO opigno.training AS t"
                    " (training_id, title, is_active, version, created_at, updated_at)"
                    " VALUES ($1, $2, coalesce($3, true), $5, $4, $4) ON CONFLICT (training_id) DO NOTHING"
                    " RETURNING " TRAINING_ROW,
                    change_types);
constinit pg::Statement
    update_training("UPDATE opigno.training AS t SET title = coalesce($2, t.title),"
                    "  is_active = coalesce($3, t.is_active), version = t.version + 1,"
                    "  updated_at = greatest(t.updated_at, $4)"
                    " WHERE t.training_id = $1 AND ($5 IS NULL OR t.version = $5)"
                    "  AND (t.title <> coalesce($2, t.title) OR t.is_active <> coalesce($3, t.is_active))"
                    " RETURNING " TRAINING_ROW,
                    change_types);

struct Row {
    text *title;
    bool is_active;
    std::int64_t version;
    Datum values[6];
};

static_assert(std::is_trivially_destructible_v<Row>);

std::optional<Row> row_of(std::uint64_t rows)
{
    if (rows == 0)
        return std::nullopt;
    Row row{DatumGetTextPP(pg::column(2)), DatumGetBool(pg::column(3)), DatumGetInt64(pg::column(4)), {}};
    for (int at = 0; at < 6; ++at)
        row.values[at] = pg::column(at + 1);
    return row;
}

std::optional<Row> read_latest(text *training_id)
{
    const Datum key = PointerGetDatum(training_id);
    return row_of(select_training.read_latest(&key));
}

std::optional<Row> run(pg::Statement &statement, const Change &change, std::optional<std::int64_t> version)
{
    const Datum values[] = {PointerGetDatum(change.training_id), PointerGetDatum(change.title),
                            BoolGetDatum(change.is_active.value_or(false)),
                            TimestampTzGetDatum(GetCurrentTransactionStartTimestamp()),
                            Int64GetDatum(version.value_or(0))};
    const char nulls[] = {' ', change.title == nullptr ? 'n' : ' ', change.is_active.has_value() ? ' ' : 'n',
                          ' ', version.has_value() ? ' ' : 'n'};
    return row_of(statement.write(values, nulls));
}

std::optional<std::int64_t> exact_version(const Change &change)
{
    return change.expected == pg::any_version ? std::nullopt : change.expected;
}

bool is_as_wanted(const Change &change, const Row &row)
{
    return (change.title == nullptr || pg::view(change.title) == pg::view(row.title)) &&
           change.is_active.value_or(row.is_active) == row.is_active;
}

struct Written {
    Outcome outcome;
    std::optional<Row> row;
};

Written write(const Change &change, pg::Errors &errors)
{
    /* Another round is needed only if another session has created or deleted the row between two
     * statements. */
    constexpr int max_rounds = 5;
    for (int round = 0; round < max_rounds; ++round) {
        const std::optional<Row> stored = read_latest(change.training_id);
        const std::int64_t version = stored.has_value() ? stored->version : 0;
        if (!pg::is_expected(version, change.expected)) {
            pg::add_other_version("training", version, *change.expected, "expected_version", errors);
            return {Outcome::Unchanged, std::nullopt};
        }
        if (!stored.has_value()) {
            if (!change.can_create())
                return {Outcome::Missing, std::nullopt};
            if (const auto created = run(insert_training, change, pg::first_version()); created.has_value())
                return {Outcome::Created, created};
        } else if (is_as_wanted(change, *stored)) {
            return {Outcome::Unchanged, stored};
        } else if (const auto updated = run(update_training, change, exact_version(change));
                   updated.has_value()) {
            return {Outcome::Updated, updated};
        }
    }
    pg::refuse_suppressed_write();
}

void record(const identity::Caller &caller, Outcome outcome, const text *training_id, std::int64_t version)
{
    identity::Event event;
    event.outcome = outcome;
    event.version = version;
    event.subject = training_id;
    identity::record(caller, event);
}

Datum set(const identity::Caller &caller, FunctionCallInfo fcinfo)
{
    return pg::with_spi([&](MemoryContext outer) {
        static constinit pg::RowType result;
        pg::Errors errors;
        const Change change = change_from_arguments(fcinfo, errors);
        if (!errors.empty()) {
            if (change.training_id != nullptr && !change.can_create() &&
                !read_latest(change.training_id).has_value())
                add_reasons_against_creation(change, errors);
            errors.raise();
        }
        const Written written = write(change, errors);
        if (written.outcome == Outcome::Missing)
            add_reasons_against_creation(change, errors);
        errors.raise();
        if (identity::is_change(written.outcome))
            record(caller, written.outcome, change.training_id, written.row->version);
        MemoryContextSwitchTo(outer);
        return result.form(fcinfo, written.row->values);
    });
}

/* No session can refer to a training that is locked. */
void check_no_references(Datum key)
{
    if (select_progress.read_committed(&key) > 0)
        ereport(ERROR, errcode(ERRCODE_FOREIGN_KEY_VIOLATION), errmsg("users have progress in the training"),
                errhint("opigno.set_training(training_id, is_active => false) hides the training."));
    if (select_profile.read_committed(&key) > 0)
        ereport(ERROR, errcode(ERRCODE_FOREIGN_KEY_VIOLATION), errmsg("the training has profiles"),
                errhint("opigno.delete_training_profile() deletes one, and "
                        "opigno.set_training(training_id, is_active => false) hides the training."));
}

bool remove(const identity::Caller &caller, FunctionCallInfo fcinfo)
{
    pg::Errors errors;
    text *training_id = identity::checked_user_uuid(pg::text_argument(fcinfo, 0), "training_id", errors);
    const pg::ExpectedVersion expected = pg::version_argument(fcinfo, 1, errors);
    errors.raise();
    return pg::with_spi([&](MemoryContext) {
        const Datum key = PointerGetDatum(training_id);
        const std::int64_t version = lock_training.write(&key) == 0 ? 0 : DatumGetInt64(pg::column(1));
        pg::check_version("training", version, expected);
        if (version == 0)
            return false;
        check_no_references(key);
        identity::check_may_delete_registered(
            "a training", "opigno.set_training(training_id, is_active => false) hides the training.");
        if (delete_row.write(&key) == 0)
            pg::refuse_suppressed_write();
        pg::note_deleted_version(version);
        record(caller, Outcome::Deleted, training_id, version);
        return true;
    });
}

} // namespace

} // namespace opigno::training::registry

using namespace opigno;
using identity::RequiredAccess;

OPIGNO_FUNCTION(opigno_set_training)
{
    return identity::as_owner(fcinfo, RequiredAccess::Training, [&](const identity::Caller &caller) {
        return training::registry::set(caller, fcinfo);
    });
}

OPIGNO_FUNCTION(opigno_delete_training)
{
    PG_RETURN_BOOL(identity::as_owner(fcinfo, RequiredAccess::Training, [&](const identity::Caller &caller) {
        return training::registry::remove(caller, fcinfo);
    }));
}
