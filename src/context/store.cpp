#include "context/store.hpp"

#include "context/authority.hpp"
#include "identity/request.hpp"
#include "pg/spi.hpp"

#include <algorithm>

namespace opigno::context {

namespace {

#define CONTEXT_ROW                                                                                          \
    "c.uuid::pg_catalog.text, c.id, c.display_name::pg_catalog.text, c.is_active,"                           \
    " c.scope::pg_catalog.text[], c.created_at, c.updated_at"

constexpr Oid key_type[] = {TEXTOID};
constexpr Oid change_types[] = {TEXTOID, TEXTOID, BOOLOID, TEXTARRAYOID, TIMESTAMPTZOID, INT8OID};

/* Types and operators are qualified because this also runs under the caller's search_path. */
constexpr const char *select_context =
    "SELECT " CONTEXT_ROW " FROM opigno.user_context AS c WHERE c.uuid OPERATOR(pg_catalog.=) $1";

/* Two plans, since each would be made anew at every change of search_path between the two kinds of caller. */
constinit pg::CallerStatement select_as_caller(select_context, key_type);
constinit pg::Statement select_as_owner(select_context, key_type);

constinit pg::Statement lock_context("SELECT " CONTEXT_ROW ", c.created_by_client_id"
                                     " FROM opigno.user_context AS c WHERE c.uuid = $1 FOR NO KEY UPDATE",
                                     key_type);
constexpr int created_by_client_id = 8;

constinit pg::Statement
    insert_context("INSERT INTO opigno.user_context AS c"
                   " (uuid, display_name, is_active, scope, created_at, updated_at, created_by_client_id)"
                   " VALUES ($1, $2, $3, coalesce($4, '{}'), $5, $5, $6) ON CONFLICT (uuid) DO NOTHING"
                   " RETURNING " CONTEXT_ROW,
                   change_types);

constinit pg::Statement
    update_context("UPDATE opigno.user_context AS c SET display_name = coalesce($2, c.display_name),"
                   "  is_active = coalesce($3, c.is_active), scope = coalesce($4, c.scope),"
                   "  updated_at = greatest(c.updated_at, $5)"
                   " WHERE c.uuid = $1 AND (c.display_name <> coalesce($2, c.display_name)"
                   "  OR c.is_active <> coalesce($3, c.is_active) OR c.scope <> coalesce($4, c.scope))"
                   " RETURNING " CONTEXT_ROW,
                   {change_types, 5});

struct Parameters {
    Datum values[6];
    char nulls[6];
};

Parameters parameters_of(const Change &change)
{
    const identity::Request *request = identity::current_request();
    const std::optional<std::int64_t> client = request == nullptr ? std::nullopt : request->client_id;
    return {{PointerGetDatum(change.uuid), PointerGetDatum(change.display_name),
             BoolGetDatum(change.is_active.value_or(false)), PointerGetDatum(change.scope),
             TimestampTzGetDatum(GetCurrentTransactionStartTimestamp()), Int64GetDatum(client.value_or(0))},
            {' ', change.display_name == nullptr ? 'n' : ' ', change.is_active.has_value() ? ' ' : 'n',
             change.scope == nullptr ? 'n' : ' ', ' ', client.has_value() ? ' ' : 'n'}};
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
        pg::view(change.display_name) != pg::view(DatumGetTextPP(stored(Column::display_name))))
        return false;
    if (change.is_active.has_value() && *change.is_active != DatumGetBool(stored(Column::is_active)))
        return false;
    return change.scope == nullptr || is_same_scope(change.scope, stored(Column::scope));
}

/*
 * What became of the users set last in this session is tried first for the next
 * one: loads create, renames change and logins find all as it is, in a row, with
 * one statement each. Without such a guess the row is looked at first, and what is
 * so already is not written. Trying an INSERT for a user who is there takes an id of
 * the sequence and fires triggers, so it takes a load for that guess.
 */
struct History {
    Outcome outcome; /* of the user set last */
    int in_a_row;    /* how many users in a row had it, counted up to a_load */
};

constexpr int a_load = 8;
constexpr History no_history{Outcome::Same, 0};
History history = no_history;

Outcome guess_from(const History &past)
{
    if (XactReadOnly || IsolationUsesXactSnapshot())
        return Outcome::Same;
    return past.outcome == Outcome::New && past.in_a_row < a_load ? Outcome::Same : past.outcome;
}

Outcome done(Outcome outcome, const History &past)
{
    history = {outcome, outcome == past.outcome ? std::min(past.in_a_row + 1, a_load) : 1};
    return outcome;
}

/* Locks the row and checks that the request may change it so. False: there is none any more. */
bool lock_for_request(const Change &change)
{
    const Datum key = PointerGetDatum(change.uuid);
    if (lock_context.write(&key) == 0)
        return false;
    const std::optional<Datum> client = pg::nullable_column(created_by_client_id);
    Stored row{DatumGetBool(stored(Column::is_active)), DatumGetArrayTypeP(stored(Column::scope)), {}};
    if (client.has_value())
        row.created_by_client_id = DatumGetInt64(*client);
    check_change(change, row);
    return true;
}

/* Another round is needed only when another session created or deleted the row between two statements. */
constexpr int max_rounds = 5;

} // namespace

bool read_row(text *user_uuid)
{
    const Datum key = PointerGetDatum(user_uuid);
    return select_as_caller.read(&key) > 0;
}

bool read_latest_row(text *user_uuid)
{
    const Datum key = PointerGetDatum(user_uuid);
    return select_as_owner.read_latest(&key) > 0;
}

Outcome set(const Change &change, bool by_request)
{
    const History past = history;
    history = no_history; /* where this one ends in an error */
    Outcome guess = by_request ? Outcome::Same : guess_from(past);
    for (int round = 0; round < max_rounds; ++round) {
        if (guess == Outcome::New && change.is_complete() && insert(change))
            return done(Outcome::New, past);
        if (guess == Outcome::Changed && update(change))
            return done(Outcome::Changed, past);
        if (!read_latest_row(change.uuid)) {
            if (!change.is_complete())
                return Outcome::Missing;
            if (by_request)
                check_creation(change);
            guess = Outcome::New;
        } else if (is_as_wanted(change)) {
            return done(Outcome::Same, past);
        } else if (!by_request || lock_for_request(change)) {
            guess = Outcome::Changed;
        }
    }
    ereport(
        ERROR, errcode(ERRCODE_WRONG_STATE), errmsg("could not write the user context"),
        errhint(
            "Look for a trigger on opigno.user_context that suppresses what is written, or for sessions that "
            "create and remove the same user all the time."));
}

} // namespace opigno::context
