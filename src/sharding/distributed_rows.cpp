/* distributed_rows: what a caller may see of tables that Citus has distributed; citus.sql has the contract.
 */
#include "identity/access.hpp"
#include "pg/argument.hpp"
#include "pg/array.hpp"
#include "pg/catalog.hpp"
#include "pg/function.hpp"
#include "pg/result.hpp"
#include "pg/spi.hpp"

#include <algorithm>
#include <iterator>

namespace opigno::sharding {

namespace {

constexpr int most_arguments = 4;
constexpr int most_columns = 11;
constexpr int most_tables = 3;
constexpr Oid argument_types[most_arguments] = {TEXTOID, TEXTOID, TEXTOID, TEXTOID};

/* Users have an operator, since Citus merges the rows of its nodes by a column of a domain, and takes a
 * mere cast of it for the column. */
#define PROFILE_ROW                                                                                          \
    "SELECT p.user_uuid || '', p.app_id, p.profile_data, p.version, p.created_at, p.updated_at"              \
    " FROM opigno.profile AS p"
#define CONTEXT_ROW                                                                                          \
    "SELECT c.uuid || '', c.id, c.display_name::text, c.is_active, c.scope::text[] || '{}'::text[], "        \
    "c.version,"                                                                                             \
    "  c.created_at, c.updated_at, c.created_by_client_id FROM opigno.user_context AS c"
#define CONTEXT_FILTER                                                                                       \
    " AND ($3 IS NULL OR c.is_active = $3::boolean)"                                                         \
    " AND ($4 IS NULL OR $4 = ANY (c.scope) OR ($4 = 'ANONYMOUS' AND c.scope = '{}'))"
#define PROGRESS_ROW                                                                                         \
    "SELECT p.user_uuid || '', p.training_id || '', p.is_enrolled, p.status || '', p.progress::numeric,"     \
    "  p.score::numeric, p.details, p.reported_at, p.version, p.created_at, p.updated_at"                    \
    " FROM opigno.training_progress AS p"

constinit pg::Statement profile(PROFILE_ROW " WHERE p.user_uuid = $1"
                                            " AND ($2 IS NULL OR p.app_id = $2::integer) ORDER BY p.app_id",
                                {argument_types, 2});
constinit pg::Statement profiles(PROFILE_ROW
                                 " WHERE p.app_id = $3::integer AND p.user_uuid > coalesce($1, '')"
                                 " ORDER BY p.user_uuid LIMIT $2::bigint",
                                 {argument_types, 3});
constinit pg::Statement user_context(CONTEXT_ROW " WHERE c.uuid = $1", {argument_types, 1});
constinit pg::Statement user_contexts(CONTEXT_ROW " WHERE c.uuid > coalesce($1, '')" CONTEXT_FILTER
                                                  " ORDER BY c.uuid LIMIT $2::bigint",
                                      argument_types);
constinit pg::Statement user_contexts_before(CONTEXT_ROW " WHERE ($1 IS NULL OR c.uuid < $1)" CONTEXT_FILTER
                                                         " ORDER BY c.uuid DESC LIMIT $2::bigint",
                                             argument_types);
/* Who has neither fields nor preferences has no row. */
constinit pg::Statement
    accounts("SELECT c.uuid || '', a.extended_profile || '{}', p.preferences FROM opigno.user_context AS c"
             " LEFT JOIN opigno.account AS a ON a.user_uuid = c.uuid"
             " LEFT JOIN LATERAL (SELECT jsonb_object_agg(o.key, o.value) AS preferences"
             "   FROM opigno.preference AS o WHERE o.user_uuid = c.uuid GROUP BY o.user_uuid) AS p ON true"
             " WHERE c.uuid > coalesce($1, '')"
             "  AND (a.extended_profile <> '{}' OR p.preferences IS NOT NULL)"
             " ORDER BY c.uuid LIMIT $2::bigint",
             {argument_types, 2});
constinit pg::Statement
    training_profiles("SELECT p.training_id || '', p.app_id, p.profile_data, p.version, p.created_at,"
                      "  p.updated_at FROM opigno.training_profile AS p"
                      " WHERE p.training_id > coalesce($1, '') AND ($3 IS NULL OR p.app_id = $3::integer)"
                      "  AND ($4 IS NULL OR p.training_id = $4)"
                      " ORDER BY p.training_id, p.app_id LIMIT $2::bigint",
                      argument_types);
constinit pg::Statement progress(PROGRESS_ROW
                                 " WHERE p.user_uuid = $1"
                                 " AND ($2 IS NULL OR p.training_id = $2) ORDER BY p.training_id",
                                 {argument_types, 2});
constinit pg::Statement progress_of_training(PROGRESS_ROW
                                             " WHERE p.training_id = $3 AND p.user_uuid > coalesce($1, '')"
                                             "  AND ($4 IS NULL OR p.status = $4)"
                                             " ORDER BY p.user_uuid LIMIT $2::bigint",
                                             argument_types);

constinit pg::Statement clients("SELECT u.client_id, u.created_at FROM opigno.client_user AS u"
                                " WHERE u.user_uuid = $1 ORDER BY u.client_id",
                                {argument_types, 1});

constexpr Oid profile_types[] = {TEXTOID, INT4OID};
constexpr pg::Function may_read_profile("may_read_profile", profile_types);
constexpr Oid document_types[] = {INT4OID, JSONBOID};
constexpr pg::Function visible_profile_data("visible_profile_data", document_types);
constexpr Oid app_type[] = {INT4OID};
constexpr pg::Function may_read_training_profile("may_read_training_profile", app_type);
constexpr pg::Function visible_training_profile_data("visible_training_profile_data", document_types);
constexpr Oid context_types[] = {TEXTOID, INT8OID};
constexpr pg::Function may_read_user_context("may_read_user_context", context_types);
constexpr Oid user_type[] = {TEXTOID};
constexpr pg::Function may_read_progress("may_read_progress", user_type);
constexpr pg::Function may_read_account("may_read_account", user_type);

/* Each of the tables has one policy of the extension. */
constexpr Oid table_type[] = {OIDOID};
constinit pg::Statement
    select_other_policy("SELECT FROM pg_catalog.pg_policy AS p WHERE p.polrelid = $1 OFFSET 1 LIMIT 1",
                        table_type);

struct Values {
    Datum values[most_columns];
    bool nulls[most_columns];
};

bool is_true(std::optional<Datum> value)
{
    return value.has_value() && DatumGetBool(*value);
}

/* These ask, as the caller, what the policies and opigno.visible_profile ask. */
bool shows_profile(Values &row)
{
    if (!is_true(may_read_profile.call(row.values)))
        return false;
    const Datum document[] = {row.values[1], row.values[2]};
    row.values[2] = visible_profile_data.value(document);
    return true;
}

bool shows_context(Values &row)
{
    constexpr int client = 8;
    const Datum values[] = {row.values[0], row.values[client]};
    const char nulls[] = {' ', row.nulls[client] ? 'n' : ' '};
    return is_true(may_read_user_context.call(values, nulls));
}

bool shows_training_profile(Values &row)
{
    if (!is_true(may_read_training_profile.call(&row.values[1])))
        return false;
    const Datum document[] = {row.values[1], row.values[2]};
    row.values[2] = visible_training_profile_data.value(document);
    return true;
}

/* Who may read an account may read its preferences. */
bool shows_account(Values &row)
{
    return is_true(may_read_account.call(row.values));
}

bool shows_progress(Values &row)
{
    return is_true(may_read_progress.call(row.values));
}

/* Only who reads every user gets as far as this. */
bool shows_client(Values & /*row*/)
{
    return true;
}

/* A page has the last user of the page before in its first argument, and the number of rows in its
 * second. */
struct Read {
    const char *name;
    const char *tables[most_tables]; /* which it reads; nullptr after the last */
    pg::Statement &rows;
    bool (*shows)(Values &row);
    int arguments;
    bool is_page;
    bool is_for_all = false; /* only who reads every user sees the rows */
};

constexpr Read reads[] = {
    {"clients", {"client_user"}, clients, shows_client, 1, false, true},
    {"accounts", {"user_context", "account", "preference"}, accounts, shows_account, 2, true},
    {"training_profiles", {"training_profile"}, training_profiles, shows_training_profile, 4, false},
    {"profile", {"profile"}, profile, shows_profile, 2, false},
    {"profiles", {"profile"}, profiles, shows_profile, 3, true},
    {"user_context", {"user_context"}, user_context, shows_context, 1, false},
    {"user_contexts", {"user_context"}, user_contexts, shows_context, 4, true},
    {"user_contexts_before", {"user_context"}, user_contexts_before, shows_context, 4, true},
    {"progress", {"training_progress"}, progress, shows_progress, 2, false},
    {"progress_of_training", {"training_progress"}, progress_of_training, shows_progress, 4, true}};

static_assert(std::is_trivially_destructible_v<Values> && std::is_trivially_destructible_v<Read>);

const Read &read_argument(FunctionCallInfo fcinfo, pg::Errors &errors)
{
    const text *name = pg::text_argument(fcinfo, 0);
    const Read *found = std::find_if(std::begin(reads), std::end(reads), [&](const Read &read) {
        return name != nullptr && pg::view(name) == read.name;
    });
    if (found != std::end(reads))
        return *found;
    errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "read_name", "\"read_name\" is not known");
    return reads[0];
}

struct Arguments {
    Datum values[most_arguments];
    char nulls[most_arguments];
};

static_assert(std::is_trivially_destructible_v<Arguments>);

Arguments arguments_of(FunctionCallInfo fcinfo, const Read &read, pg::Errors &errors)
{
    Arguments arguments{};
    std::fill(std::begin(arguments.nulls), std::end(arguments.nulls), 'n');
    ArrayType *given = pg::array_argument(fcinfo, 1);
    const pg::Names names = given == nullptr ? pg::Names{} : pg::names_of(given);
    if (static_cast<int>(names.size()) != read.arguments)
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "arguments",
                   "\"arguments\" does not have the number of elements that \"read_name\" needs");
    errors.raise();
    int at = 0;
    for (const std::string_view name : names) {
        if (name.data() != nullptr) {
            arguments.values[at] = PointerGetDatum(pg::make_text(name));
            arguments.nulls[at] = ' ';
        }
        ++at;
    }
    return arguments;
}

/* The rows are judged by the extension's policies only. */
void check_has_no_other_policy(identity::Caller &caller, const Read &read)
{
    for (const char *name : read.tables) {
        if (name == nullptr)
            return;
        const Datum table = ObjectIdGetDatum(get_relname_relid(name, caller.schema));
        identity::become_owner(caller);
        const bool has_other = select_other_policy.read_latest(&table) > 0;
        identity::become_caller(caller);
        if (has_other)
            ereport(ERROR, errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                    errmsg("table opigno.%s has row security policies of the site", name),
                    errdetail("They do not hold for tables that Citus has distributed."),
                    errhint("Drop the policies, or do not use Citus."));
    }
}

/* Only the owner reads the rows as they are stored. */
std::uint64_t fetch(identity::Caller &caller, const Read &read, const Arguments &arguments)
{
    identity::become_owner(caller);
    const std::uint64_t rows = read.rows.read(arguments.values, arguments.nulls);
    identity::become_caller(caller);
    return rows;
}

/* In a select list nobody says what the columns are. */
void check_names_columns(FunctionCallInfo fcinfo)
{
    const auto *result = reinterpret_cast<const ReturnSetInfo *>(fcinfo->resultinfo);
    if (result != nullptr && IsA(result, ReturnSetInfo) && result->expectedDesc == nullptr)
        ereport(ERROR, errcode(ERRCODE_DATATYPE_MISMATCH),
                errmsg("the query does not give the columns of the rows"),
                errhint("Call the function in FROM, with a list of columns."));
}

/* The caller has written the types into its query. */
void check_columns(TupleDesc given, TupleDesc found)
{
    bool is_same = given->natts == found->natts && found->natts <= most_columns;
    for (int at = 0; is_same && at < found->natts; ++at)
        is_same = TupleDescAttr(given, at)->atttypid == TupleDescAttr(found, at)->atttypid;
    if (!is_same)
        ereport(ERROR, errcode(ERRCODE_DATATYPE_MISMATCH),
                errmsg("the columns are not those of the rows that \"read_name\" names"));
}

/* Adds the visible rows of those that were fetched, up to a number of them, and returns how many. */
std::uint64_t add_visible(const Read &read, const ReturnSetInfo &result, std::uint64_t rows,
                          std::uint64_t wanted)
{
    const SPITupleTable &table = *SPI_tuptable;
    check_columns(result.setDesc, table.tupdesc);
    MemoryContext row_context =
        AllocSetContextCreateInternal(CurrentMemoryContext, "opigno row", ALLOCSET_DEFAULT_SIZES);
    MemoryContext before = MemoryContextSwitchTo(row_context);
    std::uint64_t added = 0;
    for (std::uint64_t row = 0; row < rows && added < wanted; ++row) {
        CHECK_FOR_INTERRUPTS();
        MemoryContextReset(row_context);
        Values values;
        heap_deform_tuple(table.vals[row], table.tupdesc, values.values, values.nulls);
        if (!read.shows(values))
            continue;
        tuplestore_putvalues(result.setResult, result.setDesc, values.values, values.nulls);
        ++added;
    }
    MemoryContextSwitchTo(before);
    MemoryContextDelete(row_context);
    return added;
}

/* Pages go on until they have as many rows as were asked for: a request sees few of them. */
void add_rows(identity::Caller &caller, const Read &read, Arguments &arguments, const ReturnSetInfo &result)
{
    constexpr std::int64_t rows_at_once = 1000;
    if (read.is_for_all && !caller.reads_all)
        return;
    if (!read.is_page) {
        add_visible(read, result, fetch(caller, read, arguments), UINT64_MAX);
        return;
    }
    const bool is_limited = arguments.nulls[1] == ' ';
    const std::int64_t given =
        is_limited ? pg_strtoint64(text_to_cstring(DatumGetTextPP(arguments.values[1]))) : INT64_MAX;
    const std::int64_t at_once = std::min(given, rows_at_once);
    arguments.values[1] = CStringGetTextDatum(psprintf("%lld", static_cast<long long>(at_once)));
    arguments.nulls[1] = ' ';
    auto wanted = static_cast<std::uint64_t>(given); /* a negative number is refused by the first fetch */
    while (true) {
        const std::uint64_t rows = fetch(caller, read, arguments);
        wanted -= add_visible(read, result, rows, wanted);
        if (rows < static_cast<std::uint64_t>(at_once) || wanted == 0)
            return;
        arguments.values[0] = PointerGetDatum(DatumGetTextPCopy(pg::column(1, rows - 1)));
        arguments.nulls[0] = ' ';
        SPI_freetuptable(SPI_tuptable);
    }
}

} // namespace

} // namespace opigno::sharding

using namespace opigno;

OPIGNO_FUNCTION(opigno_distributed_rows)
{
    identity::Caller caller = identity::check_caller(fcinfo, identity::RequiredAccess::None);
    pg::Errors errors;
    const sharding::Read &read = sharding::read_argument(fcinfo, errors);
    sharding::Arguments arguments = sharding::arguments_of(fcinfo, read, errors);
    sharding::check_names_columns(fcinfo);
    InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
    pg::with_spi([&](MemoryContext) {
        const auto *result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
        sharding::check_has_no_other_policy(caller, read);
        sharding::add_rows(caller, read, arguments, *result);
        return 0;
    });
    return Datum{0};
}
