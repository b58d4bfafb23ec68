/* set_profile_schema, drop_profile_schema, the same for training profiles, and check_profile_schema;
 * functions.sql has the contracts. */
#include "identity/audit.hpp"
#include "identity/scope.hpp"
#include "pg/argument.hpp"
#include "pg/row_type.hpp"
#include "pg/spi.hpp"
#include "pg/time.hpp"
#include "pg/version.hpp"
#include "schema/app.hpp"
#include "schema/definition.hpp"
#include "schema/draft.hpp"
#include "schema/lock.hpp"
#include "json/error_list.hpp"
#include "json/merge/merge_patch.hpp"

namespace opigno::schema {

namespace {

using identity::Caller;
using identity::Outcome;
using identity::ScopeRegistry;
using json::schema::SchemaFaults;

constexpr Oid key_types[] = {INT4OID, TEXTOID};
constinit pg::Statement
    select_active("SELECT s.version, s.mode = 'enforce', s.assert_formats, s.apply_defaults, s.schema"
                  " FROM opigno.app_schema AS s WHERE s.app_id = $1 AND s.document_kind = $2"
                  " AND s.mode <> 'off' ORDER BY s.version DESC",
                  key_types);
constinit pg::Statement select_last_version("SELECT s.version FROM opigno.app_schema AS s WHERE s.app_id = $1"
                                            " AND s.document_kind = $2 ORDER BY s.version DESC LIMIT 1",
                                            key_types);
constexpr Oid turn_off_types[] = {INT4OID, TEXTOID, BOOLOID};
constinit pg::Statement turn_off("UPDATE opigno.app_schema AS s SET mode = 'off'"
                                 " WHERE s.app_id = $1 AND s.document_kind = $2 AND s.mode <> 'off'"
                                 "  AND (s.mode = 'warn' OR $3) RETURNING s.version",
                                 turn_off_types);
constinit pg::Statement delete_faults("DELETE FROM opigno.app_schema_fault AS f"
                                      " WHERE f.app_id = $1 AND f.document_kind = $2",
                                      key_types);
constexpr Oid insert_types[] = {INT4OID, TEXTOID, INT8OID, JSONBOID,      TEXTOID,
                                TEXTOID, BOOLOID, BOOLOID, TIMESTAMPTZOID};
constinit pg::Statement insert_schema(
    "INSERT INTO opigno.app_schema"
    " (app_id, document_kind, version, schema, draft, mode, assert_formats, apply_defaults, set_at)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING version",
    insert_types);

/* Whose schemas these are. */
struct Key {
    DocumentKind kind;
    std::int32_t app_id;

    [[nodiscard]] Datum app() const { return Int32GetDatum(app_id); }
    [[nodiscard]] Datum word() const { return PointerGetDatum(pg::make_text(word_of(kind))); }
};

struct Definition {
    Key key;
    Jsonb *schema;
    bool is_enforced;
    bool asserts_formats;
    bool applies_defaults;
    json::schema::Draft draft;
};

/* What select_active found. */
struct Current {
    std::int64_t version = 0; /* the highest; 0: there is no schema */
    std::uint64_t schemas = 0;
    std::uint64_t tried = 0; /* how many have the mode warn */
    bool is_same = false;    /* setting the definition would change nothing */
};

constexpr pg::Word<bool> mode_words[] = {{"enforce", true}, {"warn", false}};

const char *word_of_mode(bool is_enforced)
{
    return mode_words[is_enforced ? 0 : 1].word.data();
}

/* Is called after lock_to_change(). Sees what is committed now, also above READ COMMITTED. */
Current read_current(const Key &key, const Definition *wanted)
{
    const Datum values[] = {key.app(), key.word()};
    Current current;
    current.schemas = select_active.read_committed(values);
    for (std::uint64_t row = 0; row < current.schemas; ++row) {
        const bool is_enforced = DatumGetBool(pg::column(2, row));
        current.tried += is_enforced ? 0 : 1;
        if (row == 0)
            current.version = DatumGetInt64(pg::column(1, row));
        if (wanted != nullptr && row == 0)
            current.is_same = is_enforced == wanted->is_enforced &&
                              DatumGetBool(pg::column(3, row)) == wanted->asserts_formats &&
                              DatumGetBool(pg::column(4, row)) == wanted->applies_defaults &&
                              json::is_same(DatumGetJsonbP(pg::column(5, row)), wanted->schema);
    }
    return current;
}

/* A snapshot of the transaction may not see what another one has committed since it began. */
void turn_off_schemas(const Key &key, bool also_enforced, std::uint64_t expected)
{
    const Datum values[] = {key.app(), key.word(), BoolGetDatum(also_enforced)};
    if (turn_off.write(values) != expected)
        ereport(ERROR, errcode(ERRCODE_WRONG_STATE),
                errmsg("the schemas of the app were changed by another transaction"),
                errhint("Repeat the transaction."));
    delete_faults.write(values);
}

std::int64_t insert(const Definition &definition)
{
    const Datum key[] = {definition.key.app(), definition.key.word()};
    const std::int64_t last = select_last_version.read_committed(key) == 0 ? 0 : DatumGetInt64(pg::column(1));
    const Datum values[] = {key[0],
                            key[1],
                            Int64GetDatum(last + 1),
                            PointerGetDatum(definition.schema),
                            PointerGetDatum(pg::make_text(name_of(definition.draft))),
                            PointerGetDatum(pg::make_text(word_of_mode(definition.is_enforced))),
                            BoolGetDatum(definition.asserts_formats),
                            BoolGetDatum(definition.applies_defaults),
                            TimestampTzGetDatum(GetCurrentTransactionStartTimestamp())};
    if (insert_schema.write(values) == 0)
        pg::refuse_suppressed_write();
    return last + 1;
}

void record_change(const Caller &caller, Outcome outcome, std::int32_t app_id, std::int64_t version,
                   const char *subject)
{
    identity::Event event;
    event.outcome = outcome;
    event.app_id = app_id;
    event.version = version;
    event.subject = subject == nullptr ? nullptr : pg::make_text(subject);
    identity::record(caller, event);
}

const char *words_of(const Definition &definition)
{
    const auto word = [](bool value) { return value ? "true" : "false"; };
    return psprintf("mode=%s draft=%s assert_formats=%s apply_defaults=%s",
                    word_of_mode(definition.is_enforced), name_of(definition.draft),
                    word(definition.asserts_formats), word(definition.applies_defaults));
}

struct Set {
    std::int64_t version;
    Outcome outcome;
};

Set set(const Caller &caller, const Definition &definition, pg::ExpectedVersion expected)
{
    check_app(definition.key.app_id);
    lock_to_change(caller.function, definition.key.kind, definition.key.app_id);
    const Current current = read_current(definition.key, &definition);
    pg::check_version("schema", current.version, expected);
    const bool leaves_nothing_to_turn_off = !definition.is_enforced || current.tried == 0;
    if (current.is_same && leaves_nothing_to_turn_off)
        return {current.version, Outcome::Unchanged};
    turn_off_schemas(definition.key, definition.is_enforced,
                     definition.is_enforced ? current.schemas : current.tried);
    const Set done{insert(definition), current.schemas == 0 ? Outcome::Created : Outcome::Replaced};
    record_change(caller, done.outcome, definition.key.app_id, done.version, words_of(definition));
    return done;
}

bool drop(const Caller &caller, const Key &key, pg::ExpectedVersion expected)
{
    lock_to_change(caller.function, key.kind, key.app_id);
    const Current current = read_current(key, nullptr);
    pg::check_version("schema", current.version, expected);
    if (current.schemas == 0)
        return false;
    turn_off_schemas(key, true, current.schemas);
    record_change(caller, Outcome::Deleted, key.app_id, current.version, nullptr);
    return true;
}

Datum set_schema(const Caller &caller, FunctionCallInfo fcinfo, DocumentKind kind)
{
    pg::Errors errors;
    SchemaFaults unknown;
    Definition definition{};
    pg::require(fcinfo, 0, "app_id", errors);
    pg::require(fcinfo, 1, "schema", errors);
    definition.is_enforced = pg::word_argument(fcinfo, 2, "mode", mode_words, errors);
    definition.asserts_formats = pg::flag_argument(fcinfo, 3);
    definition.applies_defaults = pg::flag_argument(fcinfo, 4);
    const pg::ExpectedVersion expected = pg::version_argument(fcinfo, 5, errors);
    if (!PG_ARGISNULL(1)) {
        definition.schema = PG_GETARG_JSONB_P(1);
        const json::schema::Program *program =
            check_schema(definition.schema, definition.asserts_formats, "/schema",
                         ScopeRegistry::View::Transaction, unknown, errors);
        if (program != nullptr)
            definition.draft = program->draft;
    }
    errors.raise();
    warn_of(unknown);
    definition.key = {kind, PG_GETARG_INT32(0)};
    const Set done = pg::with_spi([&](MemoryContext) { return set(caller, definition, expected); });
    static constinit pg::RowType result;
    const Datum values[] = {Int64GetDatum(done.version),
                            PointerGetDatum(pg::make_text(identity::word_of(done.outcome)))};
    return result.form(fcinfo, values);
}

bool drop_schema(const Caller &caller, FunctionCallInfo fcinfo, DocumentKind kind)
{
    pg::Errors errors;
    pg::require(fcinfo, 0, "app_id", errors);
    const pg::ExpectedVersion expected = pg::version_argument(fcinfo, 1, errors);
    errors.raise();
    return pg::with_spi([&](MemoryContext) { return drop(caller, {kind, PG_GETARG_INT32(0)}, expected); });
}

Datum answer_of(FunctionCallInfo fcinfo)
{
    pg::require(fcinfo, 0, "schema");
    pg::Errors errors;
    SchemaFaults unknown;
    check_schema(PG_GETARG_JSONB_P(0), pg::flag_argument(fcinfo, 1), "", ScopeRegistry::View::Statement,
                 unknown, errors);
    json::Writer out;
    out.begin_object();
    json::write_errors(out, errors.all());
    out.key("warnings").begin_array();
    for (std::size_t at = 0; at < unknown.size(); ++at) {
        out.begin_object();
        out.key("path").string(unknown[at].pointer);
        out.key("message").string(unknown[at].message);
        out.end_object();
    }
    out.end_array();
    out.end_object();
    return out.json();
}

} // namespace

} // namespace opigno::schema

using namespace opigno;
using identity::Caller;
using identity::RequiredAccess;
using schema::DocumentKind;

OPIGNO_FUNCTION(opigno_set_profile_schema)
{
    return identity::as_owner(fcinfo, RequiredAccess::Operator, [&](const Caller &caller) {
        return schema::set_schema(caller, fcinfo, DocumentKind::Profile);
    });
}

OPIGNO_FUNCTION(opigno_drop_profile_schema)
{
    PG_RETURN_BOOL(identity::as_owner(fcinfo, RequiredAccess::Operator, [&](const Caller &caller) {
        return schema::drop_schema(caller, fcinfo, DocumentKind::Profile);
    }));
}

OPIGNO_FUNCTION(opigno_set_training_profile_schema)
{
    return identity::as_owner(fcinfo, RequiredAccess::Training, [&](const Caller &caller) {
        return schema::set_schema(caller, fcinfo, DocumentKind::TrainingProfile);
    });
}

OPIGNO_FUNCTION(opigno_drop_training_profile_schema)
{
    PG_RETURN_BOOL(identity::as_owner(fcinfo, RequiredAccess::Training, [&](const Caller &caller) {
        return schema::drop_schema(caller, fcinfo, DocumentKind::TrainingProfile);
    }));
}

OPIGNO_FUNCTION(opigno_check_profile_schema)
{
    identity::check_caller(fcinfo, RequiredAccess::Operator);
    return schema::answer_of(fcinfo);
}
