#include "context/store.hpp"

#include "context/activation.hpp"
#include "context/authority.hpp"
#include "identity/distributed_rows.hpp"
#include "identity/request.hpp"
#include "identity/retired.hpp"
#include "identity/shard.hpp"
#include "pg/array.hpp"
#include "pg/spi.hpp"
#include "pg/time.hpp"

#include <algorithm>

namespace opigno::context {

namespace {

#define CONTEXT_ROW                                                                                          \
    "c.uuid::pg_catalog.text, c.id, c.display_name::pg_catalog.text, c.is_active,"                           \
    " c.scope::pg_catalog.text[], c.version, c.created_at, c.updated_at"

constexpr Oid key_type[] = {TEXTOID};
/* The key and the members; the time; for updates the expected version or NULL, and whether an inactive
 * user may become active; for inserts the client and the first version. */
constexpr Oid change_types[] = {TEXTOID,        TEXTOID, BOOLOID, TEXTARRAYOID,
                                TIMESTAMPTZOID, INT8OID, INT8OID, INT8OID};
constexpr Oid update_types[] = {TEXTOID,        TEXTOID, BOOLOID, TEXTARRAYOID,
                                TIMESTAMPTZOID, INT8OID, BOOLOID, TIDOID};
constexpr std::size_t may_activate_parameter = 6;
constexpr std::size_t place_parameter = 7;

/* Types and operators are qualified because this also runs with the caller's search_path. */
#define FROM_CONTEXT " FROM opigno.user_context AS c WHERE c.uuid OPERATOR(pg_catalog.=) $1"

/* Two statements, since the caller and the owner have different settings of search_path, and a
 * change of search_path makes a plan invalid. */
constinit pg::CallerStatement select_as_caller("SELECT " CONTEXT_ROW FROM_CONTEXT, key_type,
                                               "SELECT " CONTEXT_ROW " FROM " OPIGNO_DISTRIBUTED_CONTEXT);
constinit pg::Statement select_as_owner("SELECT " CONTEXT_ROW ", c.ctid" FROM_CONTEXT, key_type);
constexpr int place = 9;

constinit pg::Statement lock_context("SELECT " CONTEXT_ROW ", c.created_by_client_id"
                                     " FROM opigno.user_context AS c WHERE c.uuid = $1 FOR NO KEY UPDATE",
                                     key_type);
constexpr int created_by_client_id = 9;

constinit pg::Statement
    insert_context("INSERT INTO opigno.user_context AS c"
                   " (uuid, display_name, is_active, scope, created_at, updated_at, created_by_client_id,"
                   "  version, account_version)"
                   " VALUES ($1, $2, $3, coalesce($4, '{}'), $5, $5, $7, $8, $8)"
                   " ON CONFLICT (uuid) DO NOTHING"
                   " RETURNING " CONTEXT_ROW,
                   change_types);

#define UPDATE_CONTEXT                                                                                       \
    "UPDATE opigno.user_context AS c SET display_name = coalesce($2, c.display_name),"                       \
    "  is_active = coalesce($3, c.is_active), scope = coalesce($4, c.scope), version = c.version + 1,"       \
    "  account_version = c.account_version + (c.display_name <> coalesce($2, c.display_name))::integer,"     \
    "  updated_at = greatest(c.updated_at, $5)"                                                              \
    " WHERE c.uuid = $1 AND ($6 IS NULL OR c.version = $6)"                                                  \
    "  AND (c.display_name <> coalesce($2, c.display_name)"                                                  \
    "   OR c.is_active <> coalesce($3, c.is_active) OR c.scope <> coalesce($4, c.scope))"                    \
    "  AND (c.is_active OR $7 OR $3 IS NOT TRUE)"
constinit pg::Statement update_context(UPDATE_CONTEXT " RETURNING " CONTEXT_ROW,
                                       {update_types, place_parameter});
/* The place where the row was found saves a search in the index. */
constinit pg::Statement update_at_place(UPDATE_CONTEXT " AND c.ctid = $8 RETURNING " CONTEXT_ROW,
                                        update_types);

struct Parameters {
    Datum values[8];
    char nulls[8];
};

Parameters parameters_of(const Change &change)
{
    const identity::Request *request = identity::current_request();
    const std::optional<std::int64_t> client = request == nullptr ? std::nullopt : request->client_id;
    return {{PointerGetDatum(change.uuid), PointerGetDatum(change.display_name),
             BoolGetDatum(change.is_active.value_or(false)), PointerGetDatum(change.scope),
             TimestampTzGetDatum(GetCurrentTransactionStartTimestamp()),
             Int64GetDatum(change.expected.value_or(0)), Int64GetDatum(client.value_or(0)), Datum{0}},
            {' ', change.display_name == nullptr ? 'n' : ' ', change.is_active.has_value() ? ' ' : 'n',
             change.scope == nullptr ? 'n' : ' ', ' ',
             change.expected.value_or(pg::any_version) == pg::any_version ? 'n' : ' ',
             client.has_value() ? ' ' : 'n', ' '}};
}

Row row_of_result()
{
    return {DatumGetTextPP(pg::column(1)),      DatumGetInt64(pg::column(2)),
            DatumGetTextPP(pg::column(3)),      DatumGetBool(pg::column(4)),
            DatumGetArrayTypeP(pg::column(5)),  DatumGetInt64(pg::column(6)),
            DatumGetTimestampTz(pg::column(7)), DatumGetTimestampTz(pg::column(8))};
}

std::optional<Row> row_of(std::uint64_t rows)
{
    return rows == 0 ? std::nullopt : std::optional<Row>(row_of_result());
}

std::optional<Row> insert(const Change &change)
{
    Parameters parameters = parameters_of(change);
    parameters.values[7] = Int64GetDatum(pg::first_version());
    return row_of(insert_context.write(parameters.values, parameters.nulls));
}

std::optional<Row> update(const Change &change, bool may_activate)
{
    Parameters parameters = parameters_of(change);
    parameters.values[may_activate_parameter] = BoolGetDatum(may_activate);
    parameters.nulls[may_activate_parameter] = ' ';
    return row_of(update_context.write(parameters.values, parameters.nulls));
}

/* Updates the row that read_latest_row() has just found; nothing if another session moved it. */
std::optional<Row> update_found(const Change &change, Datum found_at)
{
    Parameters parameters = parameters_of(change);
    parameters.values[may_activate_parameter] = BoolGetDatum(false);
    parameters.nulls[may_activate_parameter] = ' ';
    parameters.values[place_parameter] = found_at;
    return row_of(update_at_place.write(parameters.values, parameters.nulls));
}

bool is_same_scope(ArrayType *given, ArrayType *stored)
{
    const pg::Names wanted = pg::names_of(given);
    const pg::Names held = pg::names_of(stored);
    return std::equal(wanted.begin(), wanted.end(), held.begin(), held.end());
}

/* Whether the row has the values of the change already. */
bool is_as_wanted(const Change &change, const Row &row)
{
    return (change.display_name == nullptr || pg::view(change.display_name) == pg::view(row.display_name)) &&
           change.is_active.value_or(row.is_active) == row.is_active &&
           (change.scope == nullptr || is_same_scope(change.scope, row.scope));
}

bool activates(const Change &change, const Row &row)
{
    return change.is_active.value_or(false) && !row.is_active;
}

/* Checks that the request may change the locked row in SPI_tuptable. */
void check_by_request(const Change &change, const Row &row)
{
    const std::optional<Datum> client = pg::nullable_column(created_by_client_id);
    Stored stored{row.is_active, row.scope, {}};
    if (client.has_value())
        stored.created_by_client_id = DatumGetInt64(*client);
    check_change(change, stored);
}

/* Locks the row, and checks that a request may make this change and that no user who is being retired
 * becomes active. Returns false if the row has been deleted. */
bool lock_and_check(const Change &change, const Spelling &spelling, bool by_request, pg::Errors &errors)
{
    const Datum key = PointerGetDatum(change.uuid);
    if (lock_context.write(&key) == 0)
        return false;
    const Row row = row_of_result();
    if (by_request)
        check_by_request(change, row);
    if (activates(change, row) && is_in_retirement(change.uuid))
        add_in_retirement(spelling.is_active, errors);
    return true;
}

/* Another round is needed only if another session has created or deleted the row between two
 * statements. */
constexpr int max_rounds = 5;

} // namespace

std::optional<Row> read_row(text *user_uuid)
{
    const Datum key = PointerGetDatum(user_uuid);
    return row_of(select_as_caller.read(&key));
}

void return_row(FunctionCallInfo fcinfo, text *user_uuid)
{
    const Datum key = PointerGetDatum(user_uuid);
    select_as_caller.read(&key);
    pg::return_rows(fcinfo);
}

std::optional<Row> read_latest_row(text *user_uuid)
{
    const Datum key = PointerGetDatum(user_uuid);
    return row_of(select_as_owner.read_latest(&key));
}

Written write(const Change &change, const Spelling &spelling, bool by_request, pg::Errors &errors)
{
    for (int round = 0; round < max_rounds; ++round) {
        const std::optional<Row> stored = read_latest_row(change.uuid);
        const std::int64_t version = stored.has_value() ? stored->version : 0;
        if (!pg::is_expected(version, change.expected)) {
            pg::add_other_version("user context", version, *change.expected, spelling.version, errors);
            return {Outcome::Unchanged, std::nullopt};
        }
        if (!stored.has_value()) {
            if (!change.can_create())
                return {Outcome::Missing, std::nullopt};
            if (by_request)
                check_creation(change);
            const std::optional<Row> created = insert(change);
            if (created.has_value())
                identity::check_created(change.uuid);
            if (created.has_value() && identity::is_retired(change.uuid)) {
                pg::Vector<text *> taken_back;
                taken_back.push_back(change.uuid);
                identity::take_back_users(taken_back);
                identity::add_retired_user(spelling.uuid, errors);
                return {Outcome::Unchanged, std::nullopt};
            }
            if (created.has_value())
                return {Outcome::Created, created};
        } else if (is_as_wanted(change, *stored)) {
            return {Outcome::Unchanged, stored};
        } else if (!by_request && round == 0 && !activates(change, *stored)) {
            if (const auto updated = update_found(change, pg::column(place)); updated.has_value())
                return {Outcome::Updated, updated};
        } else if (lock_and_check(change, spelling, by_request, errors)) {
            if (!errors.empty())
                return {Outcome::Unchanged, std::nullopt};
            if (const auto updated = update(change, true); updated.has_value())
                return {Outcome::Updated, updated};
        }
    }
    ereport(
        ERROR, errcode(ERRCODE_WRONG_STATE), errmsg("could not write the user context"),
        errhint(
            "Look for a trigger on opigno.user_context that suppresses what is written, or for sessions that "
            "create and remove the same user all the time."));
}

} // namespace opigno::context
