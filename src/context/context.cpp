/* The SQL functions for single user contexts; functions.sql has the contracts. */
#include "context/answer.hpp"
#include "context/authority.hpp"
#include "context/store.hpp"
#include "identity/audit.hpp"
#include "identity/request.hpp"
#include "identity/scope_name.hpp"
#include "identity/shard.hpp"
#include "identity/user.hpp"
#include "identity/user_uuid.hpp"
#include "pg/argument.hpp"
#include "pg/array.hpp"
#include "pg/jsonb.hpp"
#include "pg/result.hpp"
#include "pg/row_type.hpp"
#include "pg/spi.hpp"
#include "pg/time.hpp"
#include "text/display_text.hpp"
#include "json/error_list.hpp"
#include "json/text/repeated_members.hpp"
#include "json/value/reader.hpp"

#include <algorithm>

namespace opigno::context {

namespace {

/* Returns the prefix followed by 8 or 16 random bytes in hexadecimal. */
text *random_name(const char *prefix, int bytes)
{
    std::uint8_t random[16];
    if (!pg_strong_random(random, static_cast<std::size_t>(bytes)))
        ereport(ERROR, errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not generate random values"));
    StringInfoData name;
    initStringInfo(&name);
    appendStringInfoString(&name, prefix);
    for (int at = 0; at < bytes; ++at)
        appendStringInfo(&name, "%02x", random[at]);
    return pg::make_text({name.data, static_cast<std::size_t>(name.len)});
}

/* A uuid that belongs on this server. */
text *anonymous_uuid()
{
    text *uuid = random_name("anon-", 16);
    for (int tries = 1; identity::is_elsewhere(uuid); ++tries) {
        CHECK_FOR_INTERRUPTS();
        const identity::ServerRole &role = identity::server_role();
        /* A new shard that still awaits its users has no place for others. */
        if (role.kind == identity::ServerKind::Hub || (role.from_shards != 0 && tries / 64 > role.shards))
            identity::refuse_elsewhere(uuid);
        pfree(uuid);
        uuid = random_name("anon-", 16);
    }
    return uuid;
}

/* Describes the given members for the audit trail, without the display name itself. */
text *description_of(const Change &change)
{
    StringInfoData words;
    initStringInfo(&words);
    if (change.display_name != nullptr)
        appendStringInfoString(&words, "display_name ");
    if (change.is_active.has_value())
        appendStringInfo(&words, "is_active=%s ", *change.is_active ? "true" : "false");
    if (change.scope != nullptr) {
        appendStringInfoString(&words, "scope={");
        const char *separator = "";
        for (const std::string_view name : pg::names_of(change.scope)) {
            appendStringInfo(&words, "%s%.*s", separator, static_cast<int>(name.size()), name.data());
            separator = ",";
        }
        appendStringInfoString(&words, "} ");
    }
    return pg::make_text({words.data, static_cast<std::size_t>(std::max(words.len - 1, 0))});
}

/* Writes the user context. Records a change in the audit trail. */
Written write_and_record(const identity::Caller &caller, const Change &change, const Spelling &spelling,
                         pg::Errors &errors)
{
    const Written written = write(change, spelling, !caller.acts_on_all, errors);
    if (identity::is_change(written.outcome)) {
        identity::Event event;
        event.outcome = written.outcome;
        event.user_uuid = change.uuid;
        event.subject = description_of(change);
        identity::record(caller, event);
        identity::refresh_request(change.uuid);
    }
    return written;
}

void compare_id(const Change &change, pg::Errors &errors)
{
    if (change.id == nullptr)
        return;
    const std::optional<Row> stored = read_latest_row(change.uuid);
    add_wrong_id(change, stored.has_value() ? std::optional(stored->id) : std::nullopt, errors);
}

/* Writes the user context and returns its row, or adds all errors. */
std::optional<Row> create_or_change(const identity::Caller &caller, const Change &change,
                                    const Spelling &spelling, pg::Errors &errors)
{
    if (change.uuid != nullptr) {
        check_may_act_for(caller, change.uuid, Act::Set);
        compare_id(change, errors);
    }
    if (errors.empty()) {
        const Written written = write_and_record(caller, change, spelling, errors);
        if (written.outcome == Outcome::Missing)
            add_reasons_against_creation(change, spelling, errors);
        return written.row;
    }
    if (change.uuid != nullptr && !change.can_create() && !read_latest_row(change.uuid).has_value())
        add_reasons_against_creation(change, spelling, errors);
    return std::nullopt;
}

/* Makes the row the result of a function that returns a user context, in the memory context
 * `outer`. */
Datum result_of(FunctionCallInfo fcinfo, const Row &row, MemoryContext outer)
{
    static constinit pg::RowType result;
    Datum values[] = {PointerGetDatum(row.uuid),           Int64GetDatum(row.id),
                      PointerGetDatum(row.display_name),   BoolGetDatum(row.is_active),
                      PointerGetDatum(row.scope),          Int64GetDatum(row.version),
                      TimestampTzGetDatum(row.created_at), TimestampTzGetDatum(row.updated_at)};
    MemoryContextSwitchTo(outer);
    return result.form(fcinfo, values);
}

Datum set_from_arguments(const identity::Caller &caller, FunctionCallInfo fcinfo)
{
    return pg::with_spi([&](MemoryContext outer) {
        pg::Errors errors;
        const Change change = change_from_arguments(fcinfo, errors);
        const std::optional<Row> row = create_or_change(caller, change, argument_names, errors);
        errors.raise();
        if (!row.has_value())
            identity::refuse_missing_user(change.uuid);
        return result_of(fcinfo, *row, outer);
    });
}

Datum set_from_json(const identity::Caller &caller, const text *payload)
{
    return pg::with_spi([&](MemoryContext outer) {
        pg::Errors errors;
        Jsonb *document = json::read_distinct(pg::view(payload), errors);
        std::optional<Row> row;
        if (errors.empty()) {
            identity::ScopeRegistry registry(identity::ScopeRegistry::View::Transaction);
            const Change change = change_from_json(json::root_of(document), registry, errors);
            row = create_or_change(caller, change, json_names, errors);
        }
        errors.sort();
        MemoryContextSwitchTo(outer);
        json::Writer answer;
        answer.begin_object();
        json::write_errors(answer, errors.all());
        answer.key("response");
        if (row.has_value())
            write_context(*row, answer);
        else
            answer.null();
        answer.end_object();
        return answer.json();
    });
}

constexpr Oid key_type[] = {TEXTOID};
constinit pg::CallerStatement clear_account("SELECT opigno.clear_account($1)", key_type);

/* Removes the fields and preferences, with the rights of the caller. */
void clear_account_as(identity::Caller caller, text *user_uuid)
{
    identity::become_caller(caller);
    pg::with_spi([&](MemoryContext) {
        const Datum key = PointerGetDatum(user_uuid);
        return clear_account.write(&key);
    });
    identity::become_owner(caller);
}

/* Changes one member of a user context, which must exist. clears_account: also removes the fields and
 * the preferences. */
Datum update_existing(const identity::Caller &caller, FunctionCallInfo fcinfo, const Change &change,
                      pg::Errors &errors, bool clears_account = false)
{
    return pg::with_spi([&](MemoryContext outer) {
        if (change.uuid != nullptr)
            check_may_act_for(caller, change.uuid, Act::Other);
        errors.raise();
        const Written written = write_and_record(caller, change, argument_names, errors);
        errors.raise();
        if (written.outcome == Outcome::Missing)
            identity::refuse_missing_user(change.uuid);
        if (clears_account)
            clear_account_as(caller, change.uuid);
        return result_of(fcinfo, *written.row, outer);
    });
}

Datum set_scopes(const identity::Caller &caller, FunctionCallInfo fcinfo)
{
    pg::Errors errors;
    Change change;
    change.uuid = identity::checked_user_uuid(pg::text_argument(fcinfo, 0), "uuid", errors);
    pg::require(fcinfo, 1, "scopes", errors);
    identity::ScopeRegistry registry(identity::ScopeRegistry::View::Transaction);
    if (ArrayType *given = pg::array_argument(fcinfo, 1); given != nullptr)
        change.scope = identity::checked_scopes(given, registry, "scopes", errors);
    change.expected = pg::version_argument(fcinfo, 2, errors);
    return update_existing(caller, fcinfo, change, errors);
}

Datum anonymize(const identity::Caller &caller, FunctionCallInfo fcinfo)
{
    pg::Errors errors;
    Change change;
    change.uuid = identity::checked_user_uuid(pg::text_argument(fcinfo, 0), "uuid", errors);
    text *pseudonym = pg::text_argument(fcinfo, 1);
    if (pseudonym == nullptr)
        pseudonym = random_name("user_", 8);
    change.display_name = texts::checked_display_text(pseudonym, "pseudonym", errors);
    return update_existing(caller, fcinfo, change, errors, pg::flag_argument(fcinfo, 2));
}

Datum create_anonymous(const identity::Caller &caller, FunctionCallInfo fcinfo)
{
    check_creates_anonymous(caller);
    pg::Errors errors;
    Change change;
    change.uuid = anonymous_uuid();
    text *display_name = pg::text_argument(fcinfo, 0);
    if (display_name == nullptr)
        display_name = pg::make_text("Anonymous User");
    change.display_name = texts::checked_display_text(display_name, argument_names.display_name, errors);
    change.display_name_given = true;
    change.is_active = true;
    change.is_active_given = true;
    errors.raise();
    return pg::with_spi([&](MemoryContext outer) {
        const std::optional<Row> row = write_and_record(caller, change, argument_names, errors).row;
        errors.raise();
        /* The server has become another shard meanwhile. */
        if (!row.has_value())
            identity::refuse_missing_user(change.uuid);
        return result_of(fcinfo, *row, outer);
    });
}

bool has_scope(text *user_uuid, std::string_view wanted)
{
    return pg::with_spi([&](MemoryContext) {
        pg::Errors errors;
        identity::ScopeRegistry registry(identity::ScopeRegistry::View::Statement);
        if (wanted != identity::anonymous && !registry.knows(wanted))
            registry.add_unknown(wanted, "scope", errors);
        errors.raise();
        if (user_uuid == nullptr)
            return false;
        const std::optional<Row> row = read_row(identity::canonical_user_uuid(user_uuid));
        if (!row.has_value() || !row->is_active)
            return false;
        const pg::Names held = pg::names_of(row->scope);
        return wanted == identity::anonymous ? held.empty() : registry.implies(held, wanted);
    });
}

} // namespace

} // namespace opigno::context

using namespace opigno;
using identity::RequiredAccess;

OPIGNO_FUNCTION(opigno_set_user_context)
{
    return identity::as_owner(fcinfo, RequiredAccess::Request, [&](const identity::Caller &caller) {
        return context::set_from_arguments(caller, fcinfo);
    });
}

OPIGNO_FUNCTION(opigno_set_user_context_json)
{
    return identity::as_owner(fcinfo, RequiredAccess::Request, [&](const identity::Caller &caller) {
        pg::require(fcinfo, 0, "payload");
        return context::set_from_json(caller, PG_GETARG_TEXT_PP(0));
    });
}

OPIGNO_STRICT_FUNCTION(opigno_get_user_context_json)
{
    text *user_uuid = identity::canonical_user_uuid(PG_GETARG_TEXT_PP(0));
    const Datum answer = pg::with_spi([&](MemoryContext outer) {
        const std::optional<context::Row> row = context::read_row(user_uuid);
        if (!row.has_value())
            return Datum{0};
        MemoryContextSwitchTo(outer);
        json::Writer out;
        context::write_context(*row, out);
        return out.json();
    });
    if (answer == Datum{0})
        PG_RETURN_NULL();
    return answer;
}

OPIGNO_FUNCTION(opigno_set_user_scopes)
{
    return identity::as_owner(fcinfo, RequiredAccess::Request, [&](const identity::Caller &caller) {
        return context::set_scopes(caller, fcinfo);
    });
}

OPIGNO_FUNCTION(opigno_anonymize_user_context)
{
    return identity::as_owner(fcinfo, RequiredAccess::Request, [&](const identity::Caller &caller) {
        return context::anonymize(caller, fcinfo);
    });
}

OPIGNO_FUNCTION(opigno_create_anonymous_user_context)
{
    return identity::as_owner(fcinfo, RequiredAccess::Request, [&](const identity::Caller &caller) {
        return context::create_anonymous(caller, fcinfo);
    });
}

OPIGNO_FUNCTION(opigno_has_scope)
{
    pg::require(fcinfo, 1, "scope");
    PG_RETURN_BOOL(context::has_scope(pg::text_argument(fcinfo, 0), pg::view(PG_GETARG_TEXT_PP(1))));
}

OPIGNO_FUNCTION(opigno_my_user_context)
{
    identity::check_caller(fcinfo, RequiredAccess::Request);
    text *user_uuid = identity::check_request_user();
    InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
    pg::with_spi([&](MemoryContext) {
        context::return_row(fcinfo, user_uuid);
        return 0;
    });
    return Datum{0};
}
