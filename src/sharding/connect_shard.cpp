/* connect_shard; bulk.sql has the contract. */
#include "identity/access.hpp"
#include "pg/argument.hpp"
#include "pg/error.hpp"
#include "pg/foreign.hpp"
#include "pg/spi.hpp"

#include <cstring>

namespace opigno::sharding {

namespace {

using identity::Caller;

constinit pg::CallerStatement
    select_function("SELECT n.oid::regnamespace::text, has_function_privilege(p.oid, 'EXECUTE')"
                    " FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace"
                    "  JOIN pg_proc AS p ON p.pronamespace = n.oid AND p.proname = 'dblink_connect_u'"
                    "   AND p.pronargs = 2"
                    " WHERE e.extname = 'dblink'");

/* Raises 42501 for a server by which the front's operating system user would connect where a role
 * wants: only who could connect there anyway may have named the servers. */
void check_server(const Caller &caller, const ForeignServer &server)
{
    if (std::strcmp(GetForeignDataWrapper(server.fdwid)->fdwname, "plproxy") != 0)
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("server \"%s\" is not a server of PL/Proxy", server.servername));
    if (!pg::may_use_server(server.serverid, caller.role))
        ereport(ERROR, errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
                errmsg("permission denied for foreign server %s", server.servername));
    if (!superuser_arg(server.owner) && server.owner != caller.owner)
        ereport(ERROR, errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
                errmsg("permission denied for foreign server %s", server.servername),
                errdetail("Its owner is neither a superuser nor the owner of the extension."));
}

ForeignServer &checked_server(const Caller &caller, const char *cluster)
{
    ForeignServer *server = GetForeignServerByName(cluster, true);
    if (server == nullptr)
        ereport(ERROR, errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("server \"%s\" does not exist", cluster));
    check_server(caller, *server);
    return *server;
}

void append_option(StringInfo conninfo, const char *name, const char *value)
{
    appendStringInfo(conninfo, "%s='", name);
    for (const char *at = value; *at != '\0'; ++at) {
        if (*at == '\'' || *at == '\\')
            appendStringInfoChar(conninfo, '\\');
        appendStringInfoChar(conninfo, *at);
    }
    appendStringInfoString(conninfo, "' ");
}

/* Whether a connection string has the keyword user. It is read as libpq does, which keeps its parser for
 * itself. What libpq refuses it refuses when it connects. */
bool names_user(const char *conninfo)
{
    if (std::strncmp(conninfo, "postgres://", 11) == 0 || std::strncmp(conninfo, "postgresql://", 13) == 0)
        return true;
    constexpr const char *space = " \t\n\v\f\r";
    const char *at = conninfo + std::strspn(conninfo, space);
    while (*at != '\0') {
        const std::size_t length = std::strcspn(at, "= \t\n\v\f\r");
        if (length == 4 && std::strncmp(at, "user", length) == 0)
            return true;
        at += length;
        at += std::strspn(at, space);
        if (*at != '=')
            return false;
        ++at;
        at += std::strspn(at, space);
        const bool is_quoted = *at == '\'';
        at += is_quoted ? 1 : 0;
        while (*at != '\0' && (is_quoted ? *at != '\'' : std::strchr(space, *at) == nullptr))
            at += at[0] == '\\' && at[1] != '\0' ? 2 : 1;
        at += is_quoted && *at != '\0' ? 1 : 0;
        at += std::strspn(at, space);
    }
    return false;
}

[[noreturn]] void refuse_other_role(const Caller &caller, const char *detail)
{
    ereport(ERROR, errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
            errmsg("permission denied to connect to a shard as another role"),
            errdetail_internal("%s", detail),
            errhint("Let role \"%s\" connect to the shards by its own name.",
                    GetUserNameFromId(caller.role, false)));
    pg_unreachable();
}

/* As PL/Proxy does, a user in the options of the server goes before that of the user mapping, and this
 * before the name of the role. But PL/Proxy runs its functions only. Over dblink the caller can run any
 * statement, so it must be the role that it is here. */
const char *conninfo_of(const Caller &caller, const ForeignServer &server, std::int32_t shard)
{
    const char *partition = pg::option_of(server.options, psprintf("p%d", shard));
    if (partition == nullptr)
        partition = pg::option_of(server.options, psprintf("partition_%d", shard));
    if (partition == nullptr)
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("server \"%s\" has no shard %d", server.servername, shard));
    const bool may_be_another = superuser_arg(caller.role);
    if (names_user(partition)) {
        if (!may_be_another)
            refuse_other_role(caller,
                              psprintf("The options of server \"%s\" name a user.", server.servername));
        return partition;
    }
    const UserMapping *mapping = GetUserMapping(caller.role, server.serverid);
    const char *role = GetUserNameFromId(caller.role, false);
    const char *user = pg::option_of(mapping->options, "user");
    if (user != nullptr && std::strcmp(user, role) != 0 && !may_be_another)
        refuse_other_role(
            caller, psprintf("The user mapping for server \"%s\" names another user.", server.servername));
    StringInfoData conninfo;
    initStringInfo(&conninfo);
    append_option(&conninfo, "user", user != nullptr ? user : role);
    if (const char *password = pg::option_of(mapping->options, "password"); password != nullptr)
        append_option(&conninfo, "password", password);
    /* Last: what ends in an equals sign or a backslash would have the user in its last value. */
    appendStringInfoString(&conninfo, partition);
    return conninfo.data;
}

void connect(const char *name, const char *conninfo)
{
    if (select_function.read(nullptr) == 0)
        ereport(ERROR, errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                errmsg("loads over several shards need the extension dblink"),
                errhint("A superuser runs CREATE EXTENSION dblink on the front, and calls"
                        " opigno.install_proxies() again."));
    if (!DatumGetBool(pg::column(2)))
        ereport(ERROR, errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
                errmsg("the owner of the extension may not execute dblink_connect_u"),
                errhint("GRANT EXECUTE ON FUNCTION dblink_connect_u(text, text) TO \"%s\"",
                        GetUserNameFromId(GetUserId(), false)));
    Oid types[] = {TEXTOID, TEXTOID};
    Datum values[] = {CStringGetTextDatum(name), CStringGetTextDatum(conninfo)};
    const char *sql =
        psprintf("SELECT %s.dblink_connect_u($1, $2)", text_to_cstring(DatumGetTextPP(pg::column(1))));
    if (SPI_execute_with_args(sql, 2, types, values, nullptr, false, 0) != SPI_OK_SELECT)
        elog(ERROR, "could not call dblink_connect_u");
}

Datum connect_shard(const Caller &caller, FunctionCallInfo fcinfo)
{
    pg::Errors errors;
    pg::require(fcinfo, 0, "cluster", errors);
    pg::require(fcinfo, 1, "shard", errors);
    pg::require(fcinfo, 2, "connection_name", errors);
    errors.raise();
    const ForeignServer &server = checked_server(caller, text_to_cstring(PG_GETARG_TEXT_PP(0)));
    const char *conninfo = conninfo_of(caller, server, PG_GETARG_INT32(1));
    const char *name = text_to_cstring(PG_GETARG_TEXT_PP(2));
    return pg::with_spi([&](MemoryContext) {
        connect(name, conninfo);
        return BoolGetDatum(true);
    });
}

} // namespace

} // namespace opigno::sharding

using namespace opigno;

OPIGNO_FUNCTION(opigno_connect_shard)
{
    return identity::as_owner(fcinfo, identity::RequiredAccess::Load, [&](const identity::Caller &caller) {
        return sharding::connect_shard(caller, fcinfo);
    });
}
