/* register_client, update_client, rotate_client_secret and revoke_client; functions.sql has the
 * contracts. */
#include "client/client.hpp"
#include "client/credential.hpp"
#include "identity/audit.hpp"
#include "identity/scope.hpp"
#include "pg/argument.hpp"
#include "pg/array.hpp"
#include "pg/spi.hpp"
#include "pg/time.hpp"
#include "text/display_text.hpp"

namespace opigno::client {

namespace {

/* NULL leaves a property as it is, or as it is by default. */
struct Client {
    std::optional<std::int64_t> client_id;
    std::optional<std::int32_t> app_id;
    text *label;
    text *may_act_for;
    ArrayType *may_grant_scopes;
    std::optional<bool> is_operator;
    std::optional<TimestampTz> expires_at;
};

constexpr Oid register_types[] = {INT4OID, TEXTOID,        TEXTOID,        TEXTARRAYOID,
                                  BOOLOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TEXTOID};
constinit pg::Statement insert_client(
    "INSERT INTO opigno.client AS c (client_id, client_key, app_id, label, may_act_for, may_grant_scopes,"
    "  is_operator, expires_at, created_at, updated_at)"
    " VALUES (pg_catalog.nextval('opigno.client_id_seq'), pg_catalog.gen_random_uuid()::text, $1, $2,"
    "  coalesce($3, 'created'), coalesce($4, '{AUTHENTICATED}'), coalesce($5, false),"
    "  coalesce($6, $7 + interval '1 year'), $7, $7)"
    " RETURNING c.client_id, c.client_key, $8",
    register_types);

constexpr Oid update_types[] = {INT8OID, TEXTOID,        TEXTOID,       TEXTARRAYOID,
                                BOOLOID, TIMESTAMPTZOID, TIMESTAMPTZOID};
constinit pg::Statement update_client(
    "UPDATE opigno.client AS c SET label = coalesce($2, c.label), may_act_for = coalesce($3, c.may_act_for),"
    "  may_grant_scopes = coalesce($4, c.may_grant_scopes), is_operator = coalesce($5, c.is_operator),"
    "  expires_at = coalesce($6, c.expires_at), updated_at = greatest(c.updated_at, $7)"
    " WHERE c.client_id = $1 AND (c.label <> coalesce($2, c.label)"
    "  OR c.may_act_for <> coalesce($3, c.may_act_for)"
    "  OR c.may_grant_scopes <> coalesce($4, c.may_grant_scopes)"
    "  OR c.is_operator <> coalesce($5, c.is_operator) OR c.expires_at <> coalesce($6, c.expires_at))",
    update_types);

constexpr Oid revoke_types[] = {INT8OID, TIMESTAMPTZOID};
constinit pg::Statement
    set_revoked("UPDATE opigno.client AS c SET revoked_at = $2, updated_at = greatest(c.updated_at, $2)"
                " WHERE c.client_id = $1 AND c.revoked_at IS NULL",
                revoke_types);

constexpr Oid key_type[] = {INT8OID};
constinit pg::Statement lock("SELECT c.app_id, c.revoked_at IS NOT NULL FROM opigno.client AS c"
                             " WHERE c.client_id = $1 FOR NO KEY UPDATE",
                             key_type);

constexpr Oid secret_types[] = {BYTEAOID, INT8OID, TIMESTAMPTZOID};
constinit pg::Statement
    insert_secret("INSERT INTO opigno.client_secret AS s (secret_hash, client_id, created_at)"
                  " VALUES ($1, $2, $3)",
                  secret_types);

constexpr Oid end_types[] = {INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID};
/* $2: when the stored secrets end. $3: now. */
constinit pg::Statement delete_secrets("DELETE FROM opigno.client_secret AS s WHERE s.client_id = $1"
                                       " AND least(s.expires_at, $2) <= $3",
                                       end_types);
constinit pg::Statement
    end_secrets("UPDATE opigno.client_secret AS s SET expires_at = least(s.expires_at, $2)"
                " WHERE s.client_id = $1",
                {end_types, 2});

constexpr Oid app_type[] = {INT4OID};
constinit pg::Statement lock_app("SELECT FROM opigno.app AS a WHERE a.app_id = $1 FOR KEY SHARE", app_type);

constexpr pg::Word<const char *> may_act_for_words[] = {{"created", "created"}, {"all", "all"}};

/* Reads label, may_act_for, may_grant_scopes, is_operator and expires_at. */
Client client_from_arguments(FunctionCallInfo fcinfo, pg::Errors &errors)
{
    Client client{};
    client.label = texts::checked_display_text(pg::text_argument(fcinfo, 1), "label", errors);
    const char *word = pg::word_argument(fcinfo, 2, "may_act_for", may_act_for_words, errors);
    client.may_act_for = PG_ARGISNULL(2) ? nullptr : pg::make_text(word);
    if (ArrayType *scopes = pg::array_argument(fcinfo, 3); scopes != nullptr) {
        identity::ScopeRegistry registry(identity::ScopeRegistry::View::Transaction);
        client.may_grant_scopes = identity::checked_scopes(scopes, registry, "may_grant_scopes", errors);
    }
    if (!PG_ARGISNULL(4))
        client.is_operator = PG_GETARG_BOOL(4);
    if (!PG_ARGISNULL(5)) {
        client.expires_at = PG_GETARG_TIMESTAMPTZ(5);
        if (*client.expires_at <= GetCurrentTimestamp())
            errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "expires_at", "\"expires_at\" must be in the future");
    }
    return client;
}

struct Parameters {
    Datum values[8];
    char nulls[8];
};

/* The parameters $2 to $6 of update_client and insert_client. first: the value of $1. */
Parameters parameters_of(const Client &client, Datum first)
{
    return {{first, PointerGetDatum(client.label), PointerGetDatum(client.may_act_for),
             PointerGetDatum(client.may_grant_scopes), BoolGetDatum(client.is_operator.value_or(false)),
             TimestampTzGetDatum(client.expires_at.value_or(0)),
             TimestampTzGetDatum(GetCurrentTransactionStartTimestamp()), Datum{0}},
            {' ', client.label == nullptr ? 'n' : ' ', client.may_act_for == nullptr ? 'n' : ' ',
             client.may_grant_scopes == nullptr ? 'n' : ' ', client.is_operator.has_value() ? ' ' : 'n',
             client.expires_at.has_value() ? ' ' : 'n', ' ', ' '}};
}

/* Describes the given properties that matter for what the client may do. */
const char *rights_of(const Client &client)
{
    StringInfoData words;
    initStringInfo(&words);
    if (client.may_act_for != nullptr)
        appendStringInfo(&words, ", may_act_for=%s", text_to_cstring(client.may_act_for));
    if (client.may_grant_scopes != nullptr) {
        appendStringInfoString(&words, ", may_grant_scopes={");
        const char *separator = "";
        for (const std::string_view name : pg::names_of(client.may_grant_scopes)) {
            appendStringInfo(&words, "%s%.*s", separator, static_cast<int>(name.size()), name.data());
            separator = ",";
        }
        appendStringInfoChar(&words, '}');
    }
    if (client.is_operator.has_value())
        appendStringInfo(&words, ", is_operator=%s", *client.is_operator ? "true" : "false");
    if (client.expires_at.has_value())
        appendStringInfo(&words, ", expires_at=%s", timestamptz_to_str(*client.expires_at));
    return words.data;
}

void add_secret(std::int64_t client_id, const text *secret)
{
    const Datum values[] = {PointerGetDatum(hash_of(pg::view(secret))), Int64GetDatum(client_id),
                            TimestampTzGetDatum(GetCurrentTransactionStartTimestamp())};
    if (insert_secret.write(values) == 0)
        pg::refuse_suppressed_write();
}

Datum register_client(const identity::Caller &caller, FunctionCallInfo fcinfo)
{
    pg::Errors errors;
    pg::require(fcinfo, 0, "app_id", errors);
    pg::require(fcinfo, 1, "label", errors);
    Client client = client_from_arguments(fcinfo, errors);
    errors.raise();
    client.app_id = PG_GETARG_INT32(0);
    return pg::with_spi([&](MemoryContext) {
        const Datum app = Int32GetDatum(*client.app_id);
        if (lock_app.write(&app) == 0)
            ereport(ERROR, errcode(ERRCODE_FOREIGN_KEY_VIOLATION),
                    errmsg("app %d does not exist", *client.app_id),
                    errhint("opigno.list_apps() lists the existing ones."));
        text *secret = make_credential(secret_prefix);
        Parameters parameters = parameters_of(client, app);
        parameters.values[7] = PointerGetDatum(secret);
        if (insert_client.write(parameters.values, parameters.nulls) == 0)
            pg::refuse_suppressed_write();
        const Datum row = pg::returned_row();
        client.client_id = DatumGetInt64(pg::column(1));
        add_secret(*client.client_id, secret);
        identity::Event event;
        event.outcome = identity::Outcome::Created;
        event.app_id = client.app_id;
        record_client(caller, event, *client.client_id, rights_of(client));
        return row;
    });
}

int change_client(const identity::Caller &caller, FunctionCallInfo fcinfo)
{
    pg::Errors errors;
    pg::require(fcinfo, 0, "client_id", errors);
    const Client client = client_from_arguments(fcinfo, errors);
    errors.raise();
    const std::int64_t client_id = PG_GETARG_INT64(0);
    return pg::with_spi([&](MemoryContext) {
        const StoredClient stored = lock_usable_client(client_id);
        const Parameters parameters = parameters_of(client, Int64GetDatum(client_id));
        if (update_client.write(parameters.values, parameters.nulls) > 0) {
            identity::Event event;
            event.outcome = identity::Outcome::Updated;
            event.app_id = stored.app_id;
            record_client(caller, event, client_id, rights_of(client));
        }
        return 0;
    });
}

/* Reads old_expires_at. A time without end would keep a lost secret for ever. */
std::optional<TimestampTz> end_argument(FunctionCallInfo fcinfo, int argument, pg::Errors &errors)
{
    constexpr std::int64_t longest = std::int64_t{366} * USECS_PER_DAY;
    if (PG_ARGISNULL(argument))
        return std::nullopt;
    const TimestampTz end = PG_GETARG_TIMESTAMPTZ(argument);
    const TimestampTz now = GetCurrentTimestamp();
    if (end <= now || end > now + longest)
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "old_expires_at",
                   "\"old_expires_at\" must be in the next 366 days");
    return end;
}

/* old_expires_at: until when the other secrets are accepted; nullptr: no longer. */
text *rotate_secret(const identity::Caller &caller, std::int64_t client_id,
                    std::optional<TimestampTz> old_expires_at)
{
    return pg::with_spi([&](MemoryContext outer) {
        const StoredClient stored = lock_usable_client(client_id);
        const TimestampTz now = GetCurrentTimestamp();
        const Datum values[] = {Int64GetDatum(client_id), TimestampTzGetDatum(old_expires_at.value_or(now)),
                                TimestampTzGetDatum(now)};
        delete_secrets.write(values);
        end_secrets.write(values);
        const text *secret = make_credential(secret_prefix);
        add_secret(client_id, secret);
        identity::Event event;
        event.outcome = identity::Outcome::Updated;
        event.app_id = stored.app_id;
        record_client(caller, event, client_id,
                      old_expires_at.has_value()
                          ? psprintf(", secret, old_expires_at=%s", timestamptz_to_str(*old_expires_at))
                          : ", secret");
        MemoryContextSwitchTo(outer);
        return pg::make_text(pg::view(secret));
    });
}

bool revoke_client(const identity::Caller &caller, std::int64_t client_id)
{
    return pg::with_spi([&](MemoryContext) {
        const StoredClient stored = lock_client(client_id);
        if (stored.is_revoked)
            return false;
        const Datum values[] = {Int64GetDatum(client_id),
                                TimestampTzGetDatum(GetCurrentTransactionStartTimestamp())};
        if (set_revoked.write(values) == 0)
            pg::refuse_suppressed_write();
        identity::Event event;
        event.outcome = identity::Outcome::Revoked;
        event.app_id = stored.app_id;
        record_client(caller, event, client_id);
        return true;
    });
}

} // namespace

StoredClient lock_client(std::int64_t client_id)
{
    const Datum key = Int64GetDatum(client_id);
    if (lock.write(&key) == 0)
        ereport(ERROR, errcode(ERRCODE_FOREIGN_KEY_VIOLATION),
                errmsg("client %lld does not exist", static_cast<long long>(client_id)),
                errhint("opigno.list_clients() lists the existing ones."));
    return {DatumGetInt32(pg::column(1)), DatumGetBool(pg::column(2))};
}

StoredClient lock_usable_client(std::int64_t client_id)
{
    const StoredClient stored = lock_client(client_id);
    if (stored.is_revoked)
        ereport(ERROR, errcode(ERRCODE_WRONG_STATE),
                errmsg("client %lld is revoked", static_cast<long long>(client_id)),
                errhint("Register another client with opigno.register_client()."));
    return stored;
}

void record_client(const identity::Caller &caller, identity::Event event, std::int64_t client_id,
                   const char *what)
{
    event.subject = pg::make_text(psprintf("client %lld%s", static_cast<long long>(client_id), what));
    identity::record(caller, event);
}

} // namespace opigno::client

using namespace opigno;

OPIGNO_FUNCTION(opigno_register_client)
{
    return identity::as_owner(
        fcinfo, identity::RequiredAccess::OperatorLevel,
        [&](const identity::Caller &caller) { return client::register_client(caller, fcinfo); });
}

OPIGNO_FUNCTION(opigno_update_client)
{
    identity::as_owner(fcinfo, identity::RequiredAccess::OperatorLevel,
                       [&](const identity::Caller &caller) { return client::change_client(caller, fcinfo); });
    PG_RETURN_VOID();
}

OPIGNO_FUNCTION(opigno_rotate_client_secret)
{
    PG_RETURN_TEXT_P(identity::as_owner(
        fcinfo, identity::RequiredAccess::OperatorLevel, [&](const identity::Caller &caller) {
            pg::Errors errors;
            pg::require(fcinfo, 0, "client_id", errors);
            const std::optional<TimestampTz> old_expires_at = client::end_argument(fcinfo, 1, errors);
            errors.raise();
            return client::rotate_secret(caller, PG_GETARG_INT64(0), old_expires_at);
        }));
}

OPIGNO_FUNCTION(opigno_revoke_client)
{
    PG_RETURN_BOOL(identity::as_owner(fcinfo, identity::RequiredAccess::OperatorLevel,
                                      [&](const identity::Caller &caller) {
                                          pg::require(fcinfo, 0, "client_id");
                                          return client::revoke_client(caller, PG_GETARG_INT64(0));
                                      }));
}
