/* grant_access, revoke_access and refresh_grants; the contracts stand in grants.sql. */
#include "identity/access.hpp"
#include "identity/audit.hpp"
#include "identity/level.hpp"
#include "pg/acl.hpp"
#include "pg/citus.hpp"
#include "pg/error.hpp"
#include "pg/spi.hpp"
#include "pg/text.hpp"
#include "pg/vector.hpp"

#include <algorithm>

namespace opigno::identity {

namespace {

/* grants_of_level and revokes return SQL statements to execute: they grant the privileges of one
 * level to a role, and revoke those of all levels from it. */
constexpr Oid text_types[] = {TEXTOID, TEXTOID};
constinit pg::Statement grants_of_level(
    "SELECT format('GRANT %s ON %s %s TO %I', p.privilege, p.kind, string_agg(p.object, ', '), $1)"
    " FROM opigno.level_privilege AS p WHERE p.level = $2 GROUP BY p.privilege, p.kind",
    text_types);
/* Covers all routines of the extension, since GRANT ... ON ALL FUNCTIONS gives more than levels
 * do. */
constinit pg::Statement revokes(
    "SELECT format('REVOKE %s ON %s %s FROM %I CASCADE', p.privilege, p.kind, string_agg(DISTINCT p.object, "
    "', '), $1)"
    " FROM opigno.level_privilege AS p WHERE p.privilege <> 'EXECUTE' GROUP BY p.privilege, p.kind"
    " UNION ALL"
    " SELECT format('REVOKE EXECUTE ON ROUTINE %s FROM %I CASCADE', string_agg(d.objid::regprocedure::text, "
    "', '), $1)"
    " FROM pg_depend AS d JOIN pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'opigno_profiles'"
    " WHERE d.classid = 'pg_proc'::regclass AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'",
    {text_types, 1});
/* Returns statements that revoke the privileges that only the owner should have. */
constinit pg::Statement owner_privileges(
    "SELECT format('REVOKE %s%s ON %s %s FROM %s CASCADE', p.privilege, ' (' || p.object_column || ')',"
    "  CASE WHEN p.is_sequence THEN 'SEQUENCE' ELSE 'TABLE' END, p.object,"
    "  CASE p.grantee WHEN 0 THEN 'PUBLIC' ELSE p.grantee::regrole::text END)"
    " FROM opigno.owner_privilege AS p");
constinit pg::Statement
    levels_of_role("SELECT r.level FROM opigno.role_level AS r WHERE r.role = $1 ORDER BY r.level",
                   {text_types, 1});
constinit pg::Statement all_levels(
    "SELECT r.role, r.level FROM opigno.role_level AS r WHERE r.role IS NOT NULL ORDER BY r.role, r.level");

/* Serializes these functions: of two concurrent GRANTs on the same object one fails. */
constinit pg::Statement lock_grants("LOCK TABLE opigno.site_scope IN SHARE ROW EXCLUSIVE MODE");

struct Grant {
    text *role;
    text *level;
};

text *copied_column(int column, std::uint64_t row)
{
    return DatumGetTextPCopy(pg::column(column, row));
}

void execute_each(std::uint64_t statements)
{
    pg::Vector<char *> texts;
    for (std::uint64_t row = 0; row < statements; ++row)
        texts.push_back(text_to_cstring(copied_column(1, row)));
    const int level = pg::order_distributed_commands();
    for (const char *statement : texts)
        pg::execute(statement);
    pg::leave_order(level);
}

void give(const Grant &grant)
{
    const Datum values[] = {PointerGetDatum(grant.role), PointerGetDatum(grant.level)};
    execute_each(grants_of_level.read_latest(values));
}

pg::Vector<text *> levels_of(const text *role)
{
    const Datum value = PointerGetDatum(role);
    const std::uint64_t rows = levels_of_role.read_latest(&value);
    pg::Vector<text *> levels;
    for (std::uint64_t row = 0; row < rows; ++row)
        levels.push_back(copied_column(1, row));
    return levels;
}

void record_level(const Caller &caller, const Grant &grant, identity::Outcome outcome)
{
    const char *subject = psprintf("%s: %s", text_to_cstring(grant.role), text_to_cstring(grant.level));
    Event event;
    event.outcome = outcome;
    event.subject = pg::make_text(subject);
    record(caller, event);
}

/* Raises 22023 if an argument is missing or the role is the owner, and 42704 if the role does not
 * exist, as PUBLIC does not. */
void check_role(const Caller &caller, const text *role, pg::Errors &errors)
{
    if (role == nullptr)
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "role", "\"role\" is required");
    errors.raise();
    if (get_role_oid(text_to_cstring(role), false) == caller.owner)
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("the extension's owner has every right already, and keeps it"));
}

/* Raises PT409 if the role still has a level: the owner cannot revoke what a role with the grant
 * option has granted. */
void check_is_revoked(const text *role)
{
    if (levels_of(role).empty())
        return;
    ereport(ERROR, errcode(ERRCODE_WRONG_STATE),
            errmsg("role \"%s\" still has a level of access", text_to_cstring(role)),
            errdetail("Another role has granted it, too."),
            errhint("\\df+ opigno.access_* shows who granted what to whom; that role has to revoke it."));
}

void check_level(const text *level, pg::Errors &errors)
{
    const bool known =
        level != nullptr && std::any_of(std::begin(level_names), std::end(level_names),
                                        [&](const LevelName &name) { return name.name == pg::view(level); });
    if (!known)
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "level",
                   "\"level\" must be \"user\", \"gateway\", \"operator\" or \"auditor\"");
}

int grant_access(const Caller &caller, const Grant &grant)
{
    pg::Errors errors;
    check_level(grant.level, errors);
    check_role(caller, grant.role, errors);
    return pg::with_spi([&](MemoryContext) {
        lock_grants.write(nullptr);
        const pg::Vector<text *> levels = levels_of(grant.role);
        give(grant);
        if (std::none_of(levels.begin(), levels.end(),
                         [&](const text *level) { return pg::view(level) == pg::view(grant.level); }))
            record_level(caller, grant, identity::Outcome::Granted);
        return 0;
    });
}

int revoke_access(const Caller &caller, text *role)
{
    pg::Errors errors;
    check_role(caller, role, errors);
    return pg::with_spi([&](MemoryContext) {
        lock_grants.write(nullptr);
        const pg::Vector<text *> levels = levels_of(role);
        if (levels.empty())
            ereport(NOTICE, errmsg("role \"%s\" has no level of access of its own", text_to_cstring(role)));
        const Datum value = PointerGetDatum(role);
        execute_each(revokes.read_latest(&value));
        check_is_revoked(role);
        for (text *level : levels)
            record_level(caller, {role, level}, identity::Outcome::Revoked);
        return 0;
    });
}

int refresh_grants(const Caller &caller)
{
    return pg::with_spi([&](MemoryContext) {
        lock_grants.write(nullptr);
        const std::uint64_t rows = all_levels.read_latest(nullptr);
        pg::Vector<Grant> grants;
        for (std::uint64_t row = 0; row < rows; ++row)
            grants.push_back({copied_column(1, row), copied_column(2, row)});
        for (const Grant &grant : grants)
            give(grant);
        execute_each(owner_privileges.read_latest(nullptr));
        Event event;
        event.outcome = identity::Outcome::Granted;
        event.row_count = static_cast<std::int64_t>(rows);
        if (rows > 0)
            record(caller, event);
        return static_cast<int>(rows);
    });
}

} // namespace

} // namespace opigno::identity

using namespace opigno;

OPIGNO_FUNCTION(opigno_grant_access)
{
    identity::as_owner(fcinfo, identity::RequiredAccess::Owner, [&](const identity::Caller &caller) {
        return identity::grant_access(caller, {pg::text_argument(fcinfo, 0), pg::text_argument(fcinfo, 1)});
    });
    PG_RETURN_VOID();
}

OPIGNO_FUNCTION(opigno_revoke_access)
{
    identity::as_owner(fcinfo, identity::RequiredAccess::Owner, [&](const identity::Caller &caller) {
        return identity::revoke_access(caller, pg::text_argument(fcinfo, 0));
    });
    PG_RETURN_VOID();
}

OPIGNO_FUNCTION(opigno_refresh_grants)
{
    PG_RETURN_INT32(
        identity::as_owner(fcinfo, identity::RequiredAccess::Owner,
                           [](const identity::Caller &caller) { return identity::refresh_grants(caller); }));
}
