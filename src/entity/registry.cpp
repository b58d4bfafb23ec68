/* attach_entity_table, detach_entity_table and list_entity_tables; functions.sql has the contracts. */
#include "entity/table.hpp"
#include "identity/audit.hpp"
#include "identity/level.hpp"
#include "identity/retired.hpp"
#include "pg/acl.hpp"
#include "pg/argument.hpp"
#include "pg/catalog.hpp"
#include "pg/relation.hpp"
#include "pg/result.hpp"
#include "pg/spi.hpp"
#include "pg/time.hpp"

namespace opigno::entity {

namespace {

using identity::Caller;

constexpr Oid types[] = {TEXTOID, OIDOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TIMESTAMPTZOID, TEXTOID};
constinit pg::Statement
    insert_table("INSERT INTO opigno.entity_table AS e (label, relation, table_owner, key_column, keyed_by,"
                 "  on_retirement, attached_at, attached_by)"
                 " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
                 types);
constinit pg::Statement select_label("SELECT FROM opigno.entity_table AS e WHERE e.label = $1", {types, 1});
constinit pg::Statement delete_table("DELETE FROM opigno.entity_table AS e WHERE e.label = $1", {types, 1});
constinit pg::CallerStatement
    select_tables("SELECT e.label, e.relation::pg_catalog.oid, e.table_owner, e.key_column, e.keyed_by,"
                  " e.on_retirement, e.attached_at FROM opigno.entity_table AS e ORDER BY e.label");

constexpr pg::Word<const char *> retirement_words[] = {
    {"keep", "keep"}, {"erase", "erase"}, {"anonymise", "anonymise"}};

constexpr bool is_letter(char given)
{
    return (given >= 'a' && given <= 'z') || (given >= 'A' && given <= 'Z') || given == '_';
}

bool is_label(std::string_view given)
{
    if (given.empty() || given.size() >= NAMEDATALEN || !is_letter(given[0]))
        return false;
    for (const char each : given)
        if (!is_letter(each) && (each < '0' || each > '9'))
            return false;
    return true;
}

void read_label(FunctionCallInfo fcinfo, EntityTable &table, pg::Errors &errors)
{
    constexpr const char *member = "label";
    pg::require(fcinfo, 1, member, errors);
    if (PG_ARGISNULL(1))
        return;
    if (is_label(pg::view(PG_GETARG_TEXT_PP(1)))) {
        table.label = text_to_cstring(PG_GETARG_TEXT_PP(1));
        return;
    }
    errors.add(ERRCODE_INVALID_PARAMETER_VALUE, member,
               "\"label\" must be 1 to 63 ASCII letters, digits and underscores, and not start with a digit");
    errors.hint("The label is the name under which the rows are shown, for example \"contracts\".");
}

void read_key(FunctionCallInfo fcinfo, EntityTable &table, pg::Errors &errors)
{
    constexpr int user_column = 2;
    constexpr int training_column = 3;
    if (PG_ARGISNULL(user_column) == PG_ARGISNULL(training_column)) {
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "user_column",
                   "exactly one of \"user_column\" and \"training_column\" is required");
        errors.hint("A table is keyed by users or by trainings. Attach it twice if it has both columns.");
        return;
    }
    table.keyed_by = PG_ARGISNULL(user_column) ? KeyedBy::Training : KeyedBy::User;
    table.key_column =
        text_to_cstring(PG_GETARG_TEXT_PP(PG_ARGISNULL(user_column) ? training_column : user_column));
}

/* Finds and locks the table, with the rights of the caller. */
Oid find_relation(FunctionCallInfo fcinfo, pg::Errors &errors)
{
    constexpr const char *member = "entity_table";
    pg::require(fcinfo, 0, member, errors);
    if (PG_ARGISNULL(0))
        return InvalidOid;
    const text *name = PG_GETARG_TEXT_PP(0);
    if (!pg::is_qualified_name(name)) {
        errors.add(ERRCODE_INVALID_NAME, member, "\"entity_table\" is not the name of a table");
        errors.hint("Give the name in SQL syntax, with or without its schema: my_schema.\"My table\".");
        return InvalidOid;
    }
    const Oid relation = pg::relation_of(name, AccessShareLock, nullptr, RVR_MISSING_OK);
    if (!OidIsValid(relation)) {
        errors.add(ERRCODE_UNDEFINED_TABLE, member, "the table does not exist");
        errors.hint("Give the name with its schema if the schema is not in search_path.");
    }
    return relation;
}

void check_is_owner(Oid relation, pg::Errors &errors)
{
    if (has_privs_of_role(GetUserId(), owner_of_relation(relation)))
        return;
    errors.add(ERRCODE_INSUFFICIENT_PRIVILEGE, "entity_table", "must be owner of table %s",
               pg::qualified_name(relation));
    errors.hint("The rows are shown to requests with the rights of the owner, who must attach the table.");
}

struct Attachment {
    EntityTable table;
    const char *on_retirement;
};

/* Called as the caller. */
Attachment attachment_of(const Caller &caller, FunctionCallInfo fcinfo, pg::Errors &errors)
{
    EntityTable table;
    table.relation = find_relation(fcinfo, errors);
    read_label(fcinfo, table, errors);
    read_key(fcinfo, table, errors);
    const char *on_retirement = pg::word_argument(fcinfo, 4, "on_retirement", retirement_words, errors);
    if (!OidIsValid(table.relation))
        return {table, on_retirement};
    check_is_owner(table.relation, errors);
    find_faults(table, caller.schema, errors);
    if (table.key_column != nullptr && get_rel_relkind(table.relation) == RELKIND_RELATION)
        require_index(table, errors);
    return {table, on_retirement};
}

Datum text_datum(const char *value)
{
    return CStringGetTextDatum(value);
}

const char *word_of(KeyedBy keyed_by)
{
    return keyed_by == KeyedBy::User ? "user" : "training";
}

void record_table(const Caller &caller, identity::Outcome outcome, const char *subject)
{
    identity::Event event;
    event.outcome = outcome;
    event.subject = pg::make_text(subject);
    identity::record(caller, event);
}

bool is_in_use(Datum label)
{
    return select_label.read_committed(&label) > 0;
}

void add_in_use(const char *label, pg::Errors &errors)
{
    errors.add(ERRCODE_UNIQUE_VIOLATION, "label", "label \"%s\" is in use", label);
    errors.hint("opigno.list_entity_tables() lists the labels, opigno.detach_entity_table() frees one.");
}

/* A column that cannot have the name of a retired user is set to NULL. */
void check_can_be_anonymised(const EntityTable &table, pg::Errors &errors)
{
    const AttrNumber column = get_attnum(table.relation, table.key_column);
    HeapTuple tuple = SearchSysCache2(ATTNUM, ObjectIdGetDatum(table.relation), Int16GetDatum(column));
    if (!HeapTupleIsValid(tuple))
        return;
    const bool is_required = reinterpret_cast<const FormData_pg_attribute *>(GETSTRUCT(tuple))->attnotnull;
    ReleaseSysCache(tuple);
    if (!is_required || identity::can_hold_retired_name(table.relation, column))
        return;
    errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "on_retirement",
               "column \"%s\" can have neither NULL nor the name of a retired user", table.key_column);
    errors.hint("The name has 78 characters. Drop NOT NULL, or choose \"erase\" or \"keep\".");
}

/* Called as the owner of the extension. */
void attach(const Caller &caller, const Attachment &attachment, pg::Errors &errors)
{
    const EntityTable &table = attachment.table;
    const Datum label = table.label == nullptr ? Datum{0} : text_datum(table.label);
    if (table.label != nullptr && is_in_use(label))
        add_in_use(table.label, errors);
    if (errors.empty() && table.keyed_by == KeyedBy::User &&
        std::string_view(attachment.on_retirement) == "anonymise")
        check_can_be_anonymised(table, errors);
    errors.raise();
    const Datum values[] = {label,
                            ObjectIdGetDatum(table.relation),
                            text_datum(GetUserNameFromId(owner_of_relation(table.relation), false)),
                            text_datum(table.key_column),
                            text_datum(word_of(table.keyed_by)),
                            text_datum(attachment.on_retirement),
                            TimestampTzGetDatum(GetCurrentTransactionStartTimestamp()),
                            text_datum(GetUserNameFromId(caller.role, false))};
    if (insert_table.write(values) == 0) {
        if (!is_in_use(label))
            pg::refuse_suppressed_write();
        add_in_use(table.label, errors);
        errors.raise();
    }
    record_table(caller, identity::Outcome::Created,
                 psprintf("%s: %s (%s)", table.label, pg::qualified_name(table.relation), table.key_column));
}

bool detach(const Caller &caller, text *label)
{
    const Datum key = PointerGetDatum(label);
    if (delete_table.write(&key) == 0) {
        if (is_in_use(key))
            pg::refuse_suppressed_write();
        return false;
    }
    record_table(caller, identity::Outcome::Deleted, text_to_cstring(label));
    return true;
}

/* Of the row in SPI_tuptable. */
const char *problem_of(std::uint64_t row, Oid schema)
{
    EntityTable table;
    table.relation = DatumGetObjectId(pg::column(2, row));
    table.owner_name = TextDatumGetCString(pg::column(3, row));
    table.key_column = TextDatumGetCString(pg::column(4, row));
    table.keyed_by =
        pg::view(DatumGetTextPP(pg::column(5, row))) == "user" ? KeyedBy::User : KeyedBy::Training;
    pg::Errors errors;
    find_faults(table, schema, errors);
    return errors.empty() ? nullptr : errors.all()[0].message;
}

void list_tables(FunctionCallInfo fcinfo)
{
    auto *result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    const Oid schema = get_func_namespace(fcinfo->flinfo->fn_oid);
    const std::uint64_t rows = select_tables.read(nullptr);
    for (std::uint64_t row = 0; row < rows; ++row) {
        const Oid relation = DatumGetObjectId(pg::column(2, row));
        const bool exists = pg::relation_exists(relation);
        const char *problem = problem_of(row, schema);
        Datum values[] = {pg::column(1, row),
                          exists ? text_datum(pg::qualified_name(relation)) : Datum{0},
                          pg::column(4, row),
                          pg::column(5, row),
                          pg::column(6, row),
                          pg::column(7, row),
                          problem == nullptr ? Datum{0} : text_datum(problem)};
        bool nulls[] = {false, !exists, false, false, false, false, problem == nullptr};
        tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
    }
}

} // namespace

} // namespace opigno::entity

using namespace opigno;

OPIGNO_FUNCTION(opigno_attach_entity_table)
{
    identity::Caller caller = identity::check_caller(fcinfo, identity::RequiredAccess::OperatorLevel);
    pg::Errors errors;
    const entity::Attachment attachment = entity::attachment_of(caller, fcinfo, errors);
    identity::become_owner(caller);
    pg::with_spi([&](MemoryContext) {
        entity::attach(caller, attachment, errors);
        return 0;
    });
    identity::become_caller(caller);
    PG_RETURN_VOID();
}

OPIGNO_FUNCTION(opigno_detach_entity_table)
{
    PG_RETURN_BOOL(identity::as_owner(
        fcinfo, identity::RequiredAccess::OperatorLevel, [&](const identity::Caller &caller) {
            pg::require(fcinfo, 0, "label");
            return pg::with_spi([&](MemoryContext) { return entity::detach(caller, PG_GETARG_TEXT_PP(0)); });
        }));
}

OPIGNO_FUNCTION(opigno_list_entity_tables)
{
    InitMaterializedSRF(fcinfo, 0);
    pg::with_spi([&](MemoryContext) {
        entity::list_tables(fcinfo);
        return 0;
    });
    return Datum{0};
}
