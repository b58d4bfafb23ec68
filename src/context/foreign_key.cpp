/* attach_foreign_key; functions.sql has the contract, docs/decisions/0013-owner.md the reasons. */
#include "identity/access.hpp"
#include "identity/audit.hpp"
#include "pg/acl.hpp"
#include "pg/argument.hpp"
#include "pg/catalog.hpp"
#include "pg/lock.hpp"
#include "pg/relation.hpp"
#include "pg/spi.hpp"

namespace opigno::context {

using identity::Caller;

namespace {

/* The table and the column that will reference user contexts. */
struct Referrer {
    Oid table;
    AttrNumber column;
    const char *column_name;
};

struct Key {
    char *name;
    bool is_validated;
};

/* Serializes these calls, since concurrent GRANTs on the same object fail. ALTER TABLE takes the
 * same lock, also after the lock on its own table. */
constinit pg::Statement lock_user_contexts("LOCK TABLE opigno.user_context IN SHARE ROW EXCLUSIVE MODE");

constexpr Oid key_types[] = {OIDOID, INT2OID};
constinit pg::Statement select_key("SELECT c.conname::text, c.convalidated FROM pg_constraint AS c"
                                   " WHERE c.conrelid = $1 AND c.contype = 'f' AND c.conkey = ARRAY[$2]"
                                   " AND c.confrelid = 'opigno.user_context'::regclass"
                                   " AND c.confdeltype = 'a' AND c.confupdtype = 'a' AND NOT c.condeferrable"
                                   " ORDER BY c.convalidated DESC, c.oid",
                                   key_types);

constexpr Oid role_type[] = {OIDOID};
constinit pg::Statement
    select_right("SELECT has_column_privilege($1, 'opigno.user_context', 'uuid', 'REFERENCES')", role_type);

/* Checks the column's type. A check of the foreign key converts the column to text with the rights
 * of the owner of user contexts, so the conversion must be built-in code. */
void check_type(Oid schema, const Referrer &referrer)
{
    const Oid type = get_atttype(referrer.table, referrer.column);
    const Oid domain = GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid, CStringGetDatum("user_uuid"),
                                       ObjectIdGetDatum(schema));
    if (type != TEXTOID && type != VARCHAROID && type != domain)
        ereport(
            ERROR, errcode(ERRCODE_DATATYPE_MISMATCH),
            errmsg("column \"%s\" must be of type text, varchar or opigno.user_uuid", referrer.column_name),
            errdetail("It is of type %s.", format_type_be(type)),
            errhint("A foreign key's check would run conversions of other types with the rights of the "
                    "extension's owner."));
}

/* Finds the table and the column, with the rights of the caller. */
Referrer referrer_of(const Caller &caller, FunctionCallInfo fcinfo, LOCKMODE lock)
{
    Referrer referrer{};
    referrer.table = pg::relation_named(PG_GETARG_TEXT_PP(0), lock, RangeVarCallbackOwnsRelation);
    referrer.column_name = text_to_cstring(PG_GETARG_TEXT_PP(1));
    referrer.column = get_attnum(referrer.table, referrer.column_name);
    const Oid schema = get_func_namespace(caller.function);
    if (get_rel_namespace(referrer.table) == schema)
        ereport(ERROR, errcode(ERRCODE_WRONG_OBJECT_TYPE),
                errmsg("%s is a table of the extension's own", pg::qualified_name(referrer.table)));
    if (referrer.column == InvalidAttrNumber)
        ereport(ERROR, errcode(ERRCODE_UNDEFINED_COLUMN),
                errmsg("column \"%s\" of %s does not exist", referrer.column_name,
                       pg::qualified_name(referrer.table)));
    check_type(schema, referrer);
    return referrer;
}

/* Finds the foreign key as it is now at every isolation level. Called as the owner, as are the
 * functions below except has_key(). */
std::optional<Key> key_of(const Referrer &referrer)
{
    const Datum values[] = {ObjectIdGetDatum(referrer.table), Int16GetDatum(referrer.column)};
    if (select_key.read_committed(values) == 0)
        return std::nullopt;
    return Key{text_to_cstring(DatumGetTextPP(pg::column(1))), DatumGetBool(pg::column(2))};
}

bool may_refer(Oid role)
{
    const Datum value = ObjectIdGetDatum(role);
    select_right.read_latest(&value);
    return DatumGetBool(pg::column(1));
}

void alter(Caller &caller, const Referrer &referrer, const char *action)
{
    const char *statement = psprintf("ALTER TABLE %s %s", pg::qualified_name(referrer.table), action);
    identity::become_caller(caller);
    pg::execute(statement);
    identity::become_owner(caller);
}

/* ALTER TABLE finds the table by its name. A schema can be renamed at any time, so since the checks
 * the name may have become another table's. */
[[noreturn]] void refuse_renamed()
{
    ereport(ERROR, errcode(ERRCODE_WRONG_STATE),
            errmsg("the table was renamed while its foreign key was created"), errhint("Try again."));
}

/*
 * Creates the foreign key as the caller. Grants the right to reference user contexts for this
 * statement only. The statement runs no code of other roles: with NOT VALID no row is checked.
 * Raises PT409 if the name has become another table's.
 */
Key add_key(Caller &caller, const Referrer &referrer)
{
    const bool lacks_right = !may_refer(caller.role);
    const char *role = quote_identifier(GetUserNameFromId(caller.role, false));
    if (lacks_right)
        pg::execute(psprintf("GRANT REFERENCES (uuid) ON opigno.user_context TO %s", role));
    alter(caller, referrer,
          psprintf("ADD FOREIGN KEY (%s) REFERENCES opigno.user_context (uuid) NOT VALID",
                   quote_identifier(referrer.column_name)));
    if (lacks_right)
        pg::execute(psprintf("REVOKE REFERENCES (uuid) ON opigno.user_context FROM %s", role));
    const std::optional<Key> key = key_of(referrer);
    if (!key.has_value() || (lacks_right && may_refer(caller.role)))
        refuse_renamed();
    return *key;
}

void record_key(const Caller &caller, const Referrer &referrer, identity::Outcome outcome)
{
    identity::Event event;
    event.outcome = outcome;
    event.subject =
        pg::make_text(psprintf("%s (%s)", pg::qualified_name(referrer.table), referrer.column_name));
    identity::record(caller, event);
}

text *attach(Caller &caller, const Referrer &referrer, bool is_new, bool validates)
{
    return pg::with_spi([&](MemoryContext outer) {
        if (is_new)
            lock_user_contexts.write(nullptr);
        const std::optional<Key> existing = key_of(referrer);
        if (!existing.has_value() && !is_new)
            refuse_renamed();
        const Key key = existing.has_value() ? *existing : add_key(caller, referrer);
        if (existing.has_value())
            ereport(NOTICE, errmsg("foreign key \"%s\" exists already", key.name));
        if (validates && !key.is_validated) {
            alter(caller, referrer, psprintf("VALIDATE CONSTRAINT %s", quote_identifier(key.name)));
            const std::optional<Key> validated = key_of(referrer);
            if (!validated.has_value() || !validated->is_validated)
                refuse_renamed();
        }
        if (!existing.has_value() || (validates && !key.is_validated))
            record_key(caller, referrer,
                       existing.has_value() ? identity::Outcome::Updated : identity::Outcome::Created);
        MemoryContextSwitchTo(outer);
        return pg::make_text(key.name);
    });
}

/* Looks for the foreign key before the table is locked: if it exists, no lock against writers is
 * needed. Called as the caller. */
bool has_key(Caller &caller, const Referrer &referrer)
{
    identity::become_owner(caller);
    const bool found = pg::with_spi([&](MemoryContext) { return key_of(referrer).has_value(); });
    identity::become_caller(caller);
    return found;
}

} // namespace

} // namespace opigno::context

using namespace opigno;

OPIGNO_FUNCTION(opigno_attach_foreign_key)
{
    identity::Caller caller = identity::check_caller(fcinfo, identity::RequiredAccess::Operator);
    pg::Errors errors;
    pg::require(fcinfo, 0, "referencing_table", errors);
    pg::require(fcinfo, 1, "column_name", errors);
    errors.raise();
    const bool is_new = !context::has_key(caller, context::referrer_of(caller, fcinfo, NoLock));
    const context::Referrer referrer =
        context::referrer_of(caller, fcinfo, is_new ? ShareRowExclusiveLock : AccessShareLock);
    identity::become_owner(caller);
    text *name = context::attach(caller, referrer, is_new, PG_ARGISNULL(2) || PG_GETARG_BOOL(2));
    identity::become_caller(caller);
    PG_RETURN_TEXT_P(name);
}
