#include "app_document/store.hpp"

#include "identity/request.hpp"
#include "identity/scope.hpp"
#include "identity/scope_name.hpp"
#include "identity/user.hpp"
#include "pg/array.hpp"
#include "pg/error.hpp"
#include "pg/jsonb.hpp"
#include "pg/spi.hpp"
#include "schema/check.hpp"
#include "schema/lock.hpp"
#include "schema/rights.hpp"
#include "json/merge/merge_patch.hpp"
#include "json/value/document_limit.hpp"

#include <cstring>

namespace opigno::app_document {

using identity::Outcome;

namespace {

document::Key parameters_of(const Key &key)
{
    return {{PointerGetDatum(key.holder), Int32GetDatum(key.app_id)}, 2};
}

/* The holder's is_active, and the app's is_private and size limit. A column of a missing row has no
 * value. */
struct References {
    std::optional<bool> is_active;
    std::optional<bool> is_private;
    SizeLimit limit;
};

References references_of(const Key &key)
{
    const Datum values[] = {PointerGetDatum(key.holder), Int32GetDatum(key.app_id)};
    key.kind.select_references.read_latest(values);
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
        key.kind.add_missing_holder(key.holder, key.kind.holder_argument, errors);
    add_unknown_app(references, key.app_id, errors);
    errors.raise();
}

void record(const identity::Caller &caller, const Key &key, Outcome outcome, std::int64_t version)
{
    identity::Event event;
    event.outcome = outcome;
    (key.kind.is_of_user ? event.user_uuid : event.subject) = key.holder;
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

void check_keeps_object(const Kind &kind, const Jsonb *stored, Jsonb *patch)
{
    if (json::loses_object(stored, patch))
        ereport(
            ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
            errmsg_internal("%s", json::message_of_lost_object(patch)),
            errhint("Pass the JSON object itself, not a JSON string that holds it and not a JSON Patch (RFC "
                    "6902). opigno.upsert_%s() replaces the whole %s.",
                    kind.word(), kind.name()));
}

/* Adds the errors of a document that violates the enforced schema. Those in members that the request
 * may not see become one, which does not tell of them. */
void add_violations(const Kind &kind, const schema::Compiled &enforced, const Jsonb *wanted,
                    const Jsonb *given, const schema::RequestRights *rights, pg::Errors &errors)
{
    bool has_hidden = false;
    for (const pg::Error &error :
         schema::violations_of(enforced, wanted, {"", "the document", schema::hint_of(kind.document_kind)})) {
        if (rights == nullptr || !rights->hides(error.path, given))
            errors.add(error);
        else
            has_hidden = true;
    }
    if (has_hidden)
        errors.add({ERRCODE_CHECK_VIOLATION, "",
                    "the document violates the schema in members that the request may not see",
                    kind.is_of_user ? "An operator can correct the profile."
                                    : "An operator can correct the training profile."});
}

/* Raises 23514 if the document violates the enforced schema. given: the document or patch of the
 * caller */
void check_schema(const Key &key, const schema::Active &active, const schema::RequestRights *rights,
                  Jsonb *wanted, const Jsonb *given, schema::FaultCounts &counts)
{
    if (active.is_none())
        return;
    if (const schema::Compiled *enforced = active.enforced.compiled; enforced != nullptr) {
        pg::Errors errors;
        add_violations(key.kind, *enforced, wanted, given, rights, errors);
        errors.raise();
    }
    counts.clear();
    schema::count_faults(active, key.app_id, wanted, counts);
}

/* nullptr: the schema of the app does not limit what the caller may write. */
const schema::RequestRights *rights_of(const identity::Caller &caller, const Key &key)
{
    if (caller.acts_on_all)
        return nullptr;
    return schema::rights_of_request(
        schema::active_schemas(caller.function, key.kind.document_kind, key.app_id),
        identity::ScopeRegistry::View::Transaction);
}

/* Returns the document that the caller wants to be stored, without defaults. Raises 42501 if the
 * schema of the app does not let the request write it. */
Jsonb *wanted_document(const Kind &kind, const schema::RequestRights *rights, bool merges, Jsonb *stored,
                       Jsonb *given)
{
    if (merges)
        check_keeps_object(kind, stored, given);
    Jsonb *wanted = merges              ? json::merge_patch(stored, given)
                    : rights == nullptr ? given
                                        : rights->kept(stored, given);
    if (rights != nullptr)
        rights->check(stored, wanted, given);
    return wanted;
}

/* Raises 42501 if the schema of the app does not let the request remove the document. Returns false if
 * there was none to judge, so that one that is created meanwhile stays. */
bool may_remove(const identity::Caller &caller, const Key &key)
{
    if (caller.acts_on_all)
        return true;
    schema::lock_to_write(caller.function, key.kind.document_kind, key.app_id);
    const schema::RequestRights *rights = rights_of(caller, key);
    if (rights == nullptr)
        return true;
    const document::Found found = document::find(key.kind.documents, parameters_of(key), true);
    rights->check(found.document, nullptr, nullptr);
    return found.version != 0;
}

[[noreturn]] void refuse_existing(const Kind &kind)
{
    ereport(
        ERROR, errcode(ERRCODE_UNIQUE_VIOLATION), errmsg("the %s exists already", kind.name()),
        errhint("opigno.patch_%s() changes it, opigno.upsert_%s() replaces it.", kind.word(), kind.word()));
}

/* Raises 42501 unless the request may act, and for this holder: for its own user, or for a training if
 * the user has the scope ADMINISTRATOR. */
void check_may_write_of_holder(const identity::Caller &caller, const Key &key)
{
    if (key.kind.is_of_user) {
        identity::check_acts_for_own_user(caller, key.holder);
        return;
    }
    identity::check_acts_for_own_user(caller, identity::check_request_user());
    const identity::Request &request = identity::check_request();
    if (!identity::ScopeRegistry(identity::ScopeRegistry::View::Transaction)
             .implies(pg::names_of(request.scope), identity::administrator))
        ereport(ERROR, errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
                errmsg("the request may not write training profiles"),
                errhint("A request needs the scope ADMINISTRATOR for this."));
}

/* Whether the user of the request can act now. references: those of the key */
bool can_still_act(const Key &key, const References &references)
{
    if (key.kind.is_of_user)
        return references.is_active.value_or(false);
    /* The hub has only what the shard of the user says, which was checked. */
    if (identity::check_request().is_asserted)
        return true;
    const std::optional<identity::User> user = identity::find_user(identity::check_request_user());
    return user.has_value() && user->is_active;
}

} // namespace

SizeLimit check_may_write(const identity::Caller &caller, const Key &key)
{
    if (caller.acts_on_all)
        return json::max_document;
    check_may_write_of_holder(caller, key);
    const References references = references_of(key);
    pg::Errors errors;
    if (!can_still_act(key, references))
        errors.add(ERRCODE_INSUFFICIENT_PRIVILEGE, key.kind.is_of_user ? "user_uuid" : nullptr,
                   "the user of the request cannot act");
    const identity::Request &request = identity::check_request();
    if (request.client_id.has_value() && !request.app_id.has_value())
        errors.add(ERRCODE_INSUFFICIENT_PRIVILEGE, "app_id", "the client of the request belongs to no app");
    else if (request.app_id.has_value() && *request.app_id != key.app_id)
        errors.add(ERRCODE_INSUFFICIENT_PRIVILEGE, "app_id",
                   "the request may write the %ss of its own app only", key.kind.name());
    else if (!request.app_id.has_value() && references.is_private.value_or(false))
        errors.add(ERRCODE_INSUFFICIENT_PRIVILEGE, "app_id",
                   "the %ss of a private app are written by requests of this app only", key.kind.name());
    add_unknown_app(references, key.app_id, errors);
    errors.raise();
    return references.limit;
}

Written write(const identity::Caller &caller, const Key &key, Operation operation, Jsonb *given,
              pg::ExpectedVersion expected, SizeLimit limit)
{
    const bool merges = operation == Operation::Merge;
    schema::FaultCounts counts(key.kind.document_kind);
    const auto active = [&]() -> const schema::Active & {
        return schema::active_schemas(caller.function, key.kind.document_kind, key.app_id);
    };
    schema::lock_to_write(caller.function, key.kind.document_kind, key.app_id);
    const schema::RequestRights *rights = rights_of(caller, key);
    const bool writes_unseen = rights != nullptr && rights->writes_unseen(given);
    const auto merge = [&](const document::Found &found, int round) {
        if (round > 0)
            check_may_write(caller, key); /* another session may have deactivated the user meanwhile */
        return schema::with_defaults(
            active(), wanted_document(key.kind, rights_of(caller, key), merges, found.document, given));
    };
    const auto accepts = [&](Jsonb *wanted, const document::Found &found) {
        if (found.version == 0)
            check_references(key);
        check_size(found.version == 0 ? wanted : given, wanted, found.document, limit);
        check_schema(key, active(), rights_of(caller, key), wanted, given, counts);
        return true;
    };
    const auto create = [&](const document::Found &found, int round) {
        if (found.version != 0)
            refuse_existing(key.kind);
        return merge(found, round);
    };
    const Outcome changed = merges ? Outcome::Merged : Outcome::Replaced;
    const Written written =
        operation == Operation::Create
            ? document::write(key.kind.documents, parameters_of(key), expected, changed, create, accepts)
            : document::write(key.kind.documents, parameters_of(key), expected, changed, merge, accepts,
                              writes_unseen);
    if (written.outcome != Outcome::Unchanged) {
        counts.store();
        record(caller, key, written.outcome, written.version);
    }
    return written;
}

Jsonb *read(const Key &key, MemoryContext memory)
{
    const Jsonb *found = document::find(key.kind.documents, parameters_of(key), true).document;
    return found == nullptr ? nullptr
                            : static_cast<Jsonb *>(std::memcpy(MemoryContextAlloc(memory, VARSIZE(found)),
                                                               found, VARSIZE(found)));
}

Jsonb *merged(const identity::Caller &caller, const Key &key, Jsonb *stored, Jsonb *patch,
              MemoryContext memory)
{
    MemoryContext before = MemoryContextSwitchTo(memory);
    Jsonb *result =
        schema::with_defaults(schema::active_schemas(caller.function, key.kind.document_kind, key.app_id),
                              json::merge_patch(stored, patch));
    MemoryContextSwitchTo(before);
    return result;
}

Jsonb *visible(const identity::Caller &caller, const Key &key, Jsonb *document, MemoryContext memory)
{
    const schema::RequestRights *rights = rights_of(caller, key);
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
        pg::check_version(key.kind.name(), 0, expected);
        return false;
    }
    const std::optional<std::int64_t> version =
        document::remove(key.kind.documents, parameters_of(key), expected);
    if (version.has_value())
        record(caller, key, Outcome::Deleted, *version);
    return version.has_value();
}

} // namespace opigno::app_document
