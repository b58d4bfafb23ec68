#include "profile/store.hpp"

#include "identity/request.hpp"
#include "identity/user.hpp"
#include "pg/error.hpp"
#include "pg/jsonb.hpp"
#include "pg/spi.hpp"
#include "schema/check.hpp"
#include "schema/lock.hpp"
#include "schema/rights.hpp"
#include "json/merge/merge_patch.hpp"
#include "json/value/document_limit.hpp"

#include <cstring>

namespace opigno::profile {

using identity::Outcome;

namespace {

constexpr Oid key_types[] = {TEXTOID, INT4OID};
#define SELECT_PROFILE                                                                                       \
    "SELECT p.version, p.xmin, p.ctid, p.profile_data FROM opigno.profile AS p"                              \
    " WHERE p.user_uuid = $1 AND p.app_id = $2"
constinit pg::Statement select_profile(SELECT_PROFILE, key_types);
constinit pg::Statement lock_profile(SELECT_PROFILE " FOR NO KEY UPDATE", key_types);

constexpr Oid insert_types[] = {TEXTOID, INT4OID, JSONBOID, TIMESTAMPTZOID, INT8OID};
constinit pg::Statement insert_profile(
    "INSERT INTO opigno.profile (user_uuid, app_id, profile_data, version, created_at, updated_at)"
    " VALUES ($1, $2, $3, $5, $4, $4) ON CONFLICT (user_uuid, app_id) DO NOTHING RETURNING version",
    insert_types);

constexpr Oid update_types[] = {TEXTOID, INT4OID, JSONBOID, TIMESTAMPTZOID, INT8OID, XIDOID, TIDOID};
constinit pg::Statement update_profile(
    "UPDATE opigno.profile AS p SET profile_data = $3, version = p.version + 1,"
    "  updated_at = greatest(p.updated_at, $4)"
    " WHERE p.ctid = $7 AND p.user_uuid = $1 AND p.app_id = $2 AND p.version = $5 AND p.xmin = $6"
    " RETURNING p.version",
    update_types);

constexpr Oid delete_types[] = {TEXTOID, INT4OID, INT8OID};
constinit pg::Statement
    delete_profile("DELETE FROM opigno.profile AS p WHERE p.user_uuid = $1 AND p.app_id = $2"
                   " AND ($3 IS NULL OR p.version = $3) RETURNING p.version",
                   delete_types);

constinit pg::Statement
    select_references("SELECT c.is_active, a.is_private, a.max_profile_size FROM (SELECT) AS one"
                      " LEFT JOIN opigno.user_context AS c ON c.uuid = $1"
                      " LEFT JOIN opigno.app AS a ON a.app_id = $2",
                      key_types);

constexpr document::Table profiles{"profile",      "opigno.profile", select_profile,  lock_profile,
                                   insert_profile, update_profile,   &delete_profile, pg::first_version};

document::Key parameters_of(const Key &key)
{
    return {{PointerGetDatum(key.user_uuid), Int32GetDatum(key.app_id)}, 2};
}

/* The user's is_active, and the app's is_private and size limit. A column of a missing row has no
 * value. */
struct References {
    std::optional<bool> is_active;
    std::optional<bool> is_private;
    SizeLimit limit;
};

References references_of(const Key &key)
{
    const Datum values[] = {PointerGetDatum(key.user_uuid), Int32GetDatum(key.app_id)};
    select_references.read_latest(values);
    const auto boolean = [](std::optional<Datum> value) {
        return value.has_value() ? std::optional<bool>(DatumGetBool(*value)) : std::nullopt;
    };
    const std::optional<Datum> limit = pg::nullable_column(3);
    return {boolean(pg::nullable_column(1)), boolean(pg::nullable_column(2)),
            limit.has_value() ? DatumGetInt32(*limit) : json::max_document};
}

void add_unknown_app(const References &references, std::int32_t app_id, pg::Errors &errors)
{
    if (references.is_private.has_value())
        return;
    errors.add(ERRCODE_FOREIGN_KEY_VIOLATION, "app_id", "app %d does not exist", app_id);
    errors.hint("opigno.list_apps() lists the existing ones.");
}

/* Raises 23503 if a foreign key would be violated, with a better message than the foreign key's. */
void check_references(const Key &key)
{
    const References references = references_of(key);
    pg::Errors errors;
    if (!references.is_active.has_value())
        identity::add_missing_user("user_uuid", errors);
    add_unknown_app(references, key.app_id, errors);
    errors.raise();
}

void record(const identity::Caller &caller, const Key &key, Outcome outcome, std::int64_t version)
{
    identity::Event event;
    event.outcome = outcome;
    event.user_uuid = key.user_uuid;
    event.app_id = key.app_id;
    event.version = version;
    identity::record(caller, event);
}

void check_size(const Jsonb *given, const Jsonb *wanted, const Jsonb *found, SizeLimit limit)
{
    json::check_excess(
        json::excess_of(given, wanted, found, limit), limit,
        "opigno.update_app() sets what requests may store in profiles of the app, and operators "
        "may store more.");
}

void check_keeps_object(const Jsonb *stored, Jsonb *patch)
{
    if (json::loses_object(stored, patch))
        ereport(
            ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
            errmsg_internal("%s", json::message_of_lost_object(patch)),
            errhint("Pass the JSON object itself, not a JSON string that holds it and not a JSON Patch (RFC "
                    "6902). opigno.upsert_profile() replaces the whole profile."));
}

/* Adds the errors of a document that violates the enforced schema. Those in members that the request
 * may not see become one, which does not tell of them. */
void add_violations(const schema::Compiled &enforced, const Jsonb *wanted, const Jsonb *given,
                    const schema::RequestRights *rights, pg::Errors &errors)
{
    bool has_hidden = false;
    for (const pg::Error &error :
         schema::violations_of(enforced, wanted, {"", "the document", schema::hint_of_profiles})) {
        if (rights == nullptr || !rights->hides(error.path, given))
            errors.add(error);
        else
            has_hidden = true;
    }
    if (has_hidden)
        errors.add({ERRCODE_CHECK_VIOLATION, "",
                    "the document violates the schema in members that the request may not see",
                    "An operator can correct the profile."});
}

/* Raises 23514 if the document violates the enforced schema. given: the document or patch of the
 * caller */
void check_schema(const schema::Active &active, const schema::RequestRights *rights, std::int32_t app_id,
                  Jsonb *wanted, const Jsonb *given, schema::FaultCounts &counts)
{
    if (active.is_none())
        return;
    if (const schema::Compiled *enforced = active.enforced.compiled; enforced != nullptr) {
        pg::Errors errors;
        add_violations(*enforced, wanted, given, rights, errors);
        errors.raise();
    }
    counts.clear();
    schema::count_faults(active, app_id, wanted, counts);
}

/* nullptr: the schema of the app does not limit what the caller may write. */
const schema::RequestRights *rights_of(const identity::Caller &caller, std::int32_t app_id)
{
    if (caller.acts_on_all)
        return nullptr;
    return schema::rights_of_request(schema::active_schemas(caller.function, app_id),
                                     identity::ScopeRegistry::View::Transaction);
}

/* Returns the document that the caller wants to be stored, without defaults. Raises 42501 if the
 * schema of the app does not let the request write it. */
Jsonb *wanted_document(const schema::RequestRights *rights, bool merges, Jsonb *stored, Jsonb *given)
{
    if (merges)
        check_keeps_object(stored, given);
    Jsonb *wanted = merges              ? json::merge_patch(stored, given)
                    : rights == nullptr ? given
                                        : rights->kept(stored, given);
    if (rights != nullptr)
        rights->check(stored, wanted, given);
    return wanted;
}

/* Raises 42501 if the schema of the app does not let the request remove the profile. Returns false if
 * there was none to judge, so that one that is created meanwhile stays. */
bool may_remove(const identity::Caller &caller, const Key &key)
{
    if (caller.acts_on_all)
        return true;
    schema::lock_to_write(caller.function, key.app_id);
    const schema::RequestRights *rights = rights_of(caller, key.app_id);
    if (rights == nullptr)
        return true;
    const document::Found found = document::find(profiles, parameters_of(key), true);
    rights->check(found.document, nullptr, nullptr);
    return found.version != 0;
}

[[noreturn]] void refuse_existing()
{
    ereport(ERROR, errcode(ERRCODE_UNIQUE_VIOLATION), errmsg("the profile exists already"),
            errhint("opigno.patch_profile() changes it, opigno.upsert_profile() replaces it."));
}

} // namespace

SizeLimit check_may_write(const identity::Caller &caller, const Key &key)
{
    identity::check_acts_for_own_user(caller, key.user_uuid);
    if (caller.acts_on_all)
        return json::max_document;
    const References references = references_of(key);
    pg::Errors errors;
    if (!references.is_active.value_or(false))
        errors.add(ERRCODE_INSUFFICIENT_PRIVILEGE, "user_uuid", "the user of the request cannot act");
    const identity::Request &request = identity::check_request();
    if (request.client_id.has_value() && !request.app_id.has_value())
        errors.add(ERRCODE_INSUFFICIENT_PRIVILEGE, "app_id", "the client of the request belongs to no app");
    else if (request.app_id.has_value() && *request.app_id != key.app_id)
        errors.add(ERRCODE_INSUFFICIENT_PRIVILEGE, "app_id",
                   "the request may write the profiles of its own app only");
    else if (!request.app_id.has_value() && references.is_private.value_or(false))
        errors.add(ERRCODE_INSUFFICIENT_PRIVILEGE, "app_id",
                   "the profiles of a private app are written by requests of this app only");
    add_unknown_app(references, key.app_id, errors);
    errors.raise();
    return references.limit;
}

Written write(const identity::Caller &caller, const Key &key, Operation operation, Jsonb *given,
              pg::ExpectedVersion expected, SizeLimit limit)
{
    const bool merges = operation == Operation::Merge;
    schema::FaultCounts counts;
    const auto active = [&]() -> const schema::Active & {
        return schema::active_schemas(caller.function, key.app_id);
    };
    schema::lock_to_write(caller.function, key.app_id);
    const schema::RequestRights *rights = rights_of(caller, key.app_id);
    const bool writes_unseen = rights != nullptr && rights->writes_unseen(given);
    const auto merge = [&](const document::Found &found, int round) {
        if (round > 0)
            check_may_write(caller, key); /* another session may have deactivated the user meanwhile */
        return schema::with_defaults(
            active(), wanted_document(rights_of(caller, key.app_id), merges, found.document, given));
    };
    const auto accepts = [&](Jsonb *wanted, const document::Found &found) {
        if (found.version == 0)
            check_references(key);
        check_size(found.version == 0 ? wanted : given, wanted, found.document, limit);
        check_schema(active(), rights_of(caller, key.app_id), key.app_id, wanted, given, counts);
        return true;
    };
    const auto create = [&](const document::Found &found, int round) {
        if (found.version != 0)
            refuse_existing();
        return merge(found, round);
    };
    const Outcome changed = merges ? Outcome::Merged : Outcome::Replaced;
    const Written written =
        operation == Operation::Create
            ? document::write(profiles, parameters_of(key), expected, changed, create, accepts)
            : document::write(profiles, parameters_of(key), expected, changed, merge, accepts, writes_unseen);
    if (written.outcome != Outcome::Unchanged) {
        counts.store();
        record(caller, key, written.outcome, written.version);
    }
    return written;
}

Jsonb *read(const Key &key, MemoryContext memory)
{
    const Jsonb *found = document::find(profiles, parameters_of(key), true).document;
    return found == nullptr ? nullptr
                            : static_cast<Jsonb *>(std::memcpy(MemoryContextAlloc(memory, VARSIZE(found)),
                                                               found, VARSIZE(found)));
}

Jsonb *merged(const identity::Caller &caller, const Key &key, Jsonb *stored, Jsonb *patch,
              MemoryContext memory)
{
    MemoryContext before = MemoryContextSwitchTo(memory);
    Jsonb *result = schema::with_defaults(schema::active_schemas(caller.function, key.app_id),
                                          json::merge_patch(stored, patch));
    MemoryContextSwitchTo(before);
    return result;
}

Jsonb *visible(const identity::Caller &caller, const Key &key, Jsonb *document, MemoryContext memory)
{
    const schema::RequestRights *rights = rights_of(caller, key.app_id);
    if (rights == nullptr || document == nullptr)
        return document;
    MemoryContext before = MemoryContextSwitchTo(memory);
    Jsonb *shown = rights->visible(document);
    MemoryContextSwitchTo(before);
    return shown;
}

bool remove(const identity::Caller &caller, const Key &key, pg::ExpectedVersion expected)
{
    if (!may_remove(caller, key)) {
        pg::check_version("profile", 0, expected);
        return false;
    }
    const std::optional<std::int64_t> version = document::remove(profiles, parameters_of(key), expected);
    if (version.has_value())
        record(caller, key, Outcome::Deleted, *version);
    return version.has_value();
}

} // namespace opigno::profile
