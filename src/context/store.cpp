#include "context/store.hpp"

#include "pg/spi.hpp"

#include <algorithm>

namespace opigno::context {

namespace {

#define ROW                                                                                                  \
    "c.uuid::text, c.id, c.display_name::text, c.is_active, c.scope::text[], c.created_at, c.updated_at"

constexpr Oid key_type[] = {TEXTOID};
constexpr Oid change_types[] = {TEXTOID, TEXTOID, BOOLOID, TEXTARRAYOID, TIMESTAMPTZOID};

/* Operators are qualified because this one also runs under the caller's search_path. */
constinit pg::Statement
    select_context("SELECT " ROW " FROM opigno.user_context AS c WHERE c.uuid OPERATOR(pg_catalog.=) $1",
                   key_type);

constinit pg::Statement
    insert_context("INSERT INTO opigno.user_context AS c"
                   " (uuid, display_name, is_active, scope, created_at, updated_at)"
                   " VALUES ($1, $2, $3, coalesce($4, '{}'), $5, $5) ON CONFLICT (uuid) DO NOTHING"
                   " RETURNING " ROW,
                   change_types);

constinit pg::Statement
    update_context("UPDATE opigno.user_context AS c SET display_name = coalesce($2, c.display_name),"
                   "  is_active = coalesce($3, c.is_active), scope = coalesce($4, c.scope), updated_at = $5"
                   " WHERE c.uuid = $1 AND (c.display_name <> coalesce($2, c.display_name)"
                   "  OR c.is_active <> coalesce($3, c.is_active) OR c.scope <> coalesce($4, c.scope))"
                   " RETURNING " ROW,
                   change_types);

struct Parameters {
    Datum values[5];
    char nulls[5];
};

Parameters parameters_of(const Change &change)
{
    return {{PointerGetDatum(change.uuid), PointerGetDatum(change.display_name),
             BoolGetDatum(change.is_active.value_or(false)), PointerGetDatum(change.scope),
             TimestampTzGetDatum(GetCurrentTransactionStartTimestamp())},
            {' ', change.display_name == nullptr ? 'n' : ' ', change.is_active.has_value() ? ' ' : 'n',
             change.scope == nullptr ? 'n' : ' ', ' '}};
}

bool insert(const Change &change)
{
    const Parameters parameters = parameters_of(change);
    return insert_context.write(parameters.values, parameters.nulls) > 0;
}

bool update(const Change &change)
{
    const Parameters parameters = parameters_of(change);
    return update_context.write(parameters.values, parameters.nulls) > 0;
}

bool is_same_scope(ArrayType *given, Datum stored)
{
    const pg::Names wanted = pg::names_of(given);
    const pg::Names held = pg::names_of(DatumGetArrayTypeP(stored));
    return std::equal(wanted.begin(), wanted.end(), held.begin(), held.end());
}

/* Whether the row in SPI_tuptable is as the change wants it. */
bool is_as_wanted(const Change &change)
{
    if (change.display_name != nullptr &&
        pg::view(change.display_name) != pg::view(DatumGetTextPP(pg::column(Column::display_name))))
        return false;
    if (change.is_active.has_value() && *change.is_active != DatumGetBool(pg::column(Column::is_active)))
        return false;
    return change.scope == nullptr || is_same_scope(change.scope, pg::column(Column::scope));
}

/*
 * What became of the user set last in this session is tried first for the next one:
 * loads create, renames change, logins find all as it is, and each takes one statement.
 * No id of the sequence is spent but where the guess was New and wrong.
 */
enum class Outcome { Same, Changed, New };
Outcome last_outcome = Outcome::Same;

/* Another round is needed only when another session created or deleted the row between two statements. */
constexpr int max_rounds = 5;

bool done(Outcome outcome)
{
    last_outcome = outcome;
    return true;
}

} // namespace

bool read_row(text *user_uuid)
{
    const Datum key = PointerGetDatum(user_uuid);
    return select_context.read(&key) > 0;
}

bool read_latest_row(text *user_uuid)
{
    const Datum key = PointerGetDatum(user_uuid);
    return select_context.read_latest(&key) > 0;
}

bool set(const Change &change)
{
    Outcome guess = last_outcome;
    for (int round = 0; round < max_rounds; ++round) {
        if (guess == Outcome::New && change.is_complete() && insert(change))
            return done(Outcome::New);
        if (guess == Outcome::Changed && update(change))
            return done(Outcome::Changed);
        if (!read_latest_row(change.uuid)) {
            if (!change.is_complete())
                return false;
            guess = Outcome::New;
        } else if (is_as_wanted(change)) {
            return done(Outcome::Same);
        } else {
            guess = Outcome::Changed;
        }
    }
    ereport(ERROR, errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
            errmsg("could not write the user context"),
            errhint("Look for a trigger on opigno.user_context that suppresses what is written."));
}

Datum returned_row()
{
    return HeapTupleHeaderGetDatum(SPI_returntuple(SPI_tuptable->vals[0], SPI_tuptable->tupdesc));
}

} // namespace opigno::context
