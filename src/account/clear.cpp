/* clear_account; functions.sql has its contract. */
#include "account/account.hpp"
#include "account/preference.hpp"
#include "identity/user.hpp"
#include "identity/user_uuid.hpp"
#include "pg/argument.hpp"
#include "pg/jsonb.hpp"
#include "pg/spi.hpp"
#include "json/value/builder.hpp"
#include "json/value/reader.hpp"

namespace opigno::account {

namespace {

using identity::Caller;

constexpr Oid key_type[] = {TEXTOID};
constinit pg::Statement
    select_fields("SELECT a.extended_profile FROM opigno.account AS a WHERE a.user_uuid = $1", key_type);

/* A patch that removes the stored fields. A request leaves those that only operators may change. */
Patch patch_to_clear(const Caller &caller, text *user_uuid)
{
    Patch patch;
    const Datum key = PointerGetDatum(user_uuid);
    if (select_fields.read_latest(&key) == 0)
        return patch;
    const JsonbValue stored = json::root_of(DatumGetJsonbP(pg::column(1)));
    const Fields fields = configured_fields(true);
    json::ObjectBuilder removed;
    JsonbValue null{};
    null.type = jbvNull;
    json::each_member(stored, [&](std::string_view name, const JsonbValue & /*value*/) {
        const Field *field = find(fields, name);
        if (caller.acts_on_all || field == nullptr || !field->for_operators)
            removed.add(name, null);
    });
    if (!removed.is_empty())
        patch.replaced = removed.finish();
    return patch;
}

/* Returns whether there were fields to remove. */
bool clear_fields(const Caller &caller, text *user_uuid, const identity::User &user)
{
    const Patch patch = patch_to_clear(caller, user_uuid);
    if (patch.replaced == nullptr)
        return false;
    pg::Errors errors;
    const Written written = write(caller, user_uuid, user, patch, std::nullopt, nullptr, errors);
    errors.raise();
    if (written.outcome == identity::Outcome::Unchanged)
        return false;
    identity::Event event;
    event.outcome = identity::Outcome::Deleted;
    event.user_uuid = user_uuid;
    event.version = written.version;
    event.subject = pg::make_text("extended_profile");
    identity::record(caller, event);
    return true;
}

/* Locks in the order of all writers: the user context, the account, the preferences. */
bool clear(const Caller &caller, text *user_uuid)
{
    return pg::with_spi([&](MemoryContext) {
        identity::check_may_write_for(caller, user_uuid);
        const identity::User user = identity::lock_user(user_uuid, identity::UserLock::NoKeyUpdate);
        const bool had_fields = clear_fields(caller, user_uuid, user);
        const bool had_preferences = clear_preferences(caller, user_uuid);
        return had_fields || had_preferences;
    });
}

} // namespace

} // namespace opigno::account

using namespace opigno;

OPIGNO_FUNCTION(opigno_clear_account)
{
    PG_RETURN_BOOL(
        identity::as_owner(fcinfo, identity::RequiredAccess::Request, [&](const identity::Caller &caller) {
            pg::Errors errors;
            text *user_uuid = identity::checked_user_uuid(pg::text_argument(fcinfo, 0), "user_uuid", errors);
            errors.raise();
            return account::clear(caller, user_uuid);
        }));
}
