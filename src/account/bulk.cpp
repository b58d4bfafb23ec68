/* patch_accounts and load_accounts; functions.sql has the contracts. */
#include "account/account.hpp"
#include "account/bulk_entry.hpp"
#include "account/preference_patch.hpp"
#include "bulk/staging_load.hpp"
#include "identity/user.hpp"
#include "pg/argument.hpp"
#include "pg/catalog.hpp"
#include "pg/pointer.hpp"
#include "pg/spi.hpp"
#include "json/value/reader.hpp"

namespace opigno::account {

namespace {

using identity::Caller;
using identity::Outcome;

constexpr bulk::CountMember counts[] = {
    {Outcome::Merged, "updated"}, {Outcome::Unchanged, "unchanged"}, {Outcome::Skipped, "skipped"}};

/* Reads the member "preferences". One that account_privacy sets too must agree with it. */
Changes preference_changes(const Entry &entry, const Patch &patch, pg::Errors &errors)
{
    const std::optional<JsonbValue> given = preferences_of(entry, errors);
    if (!given.has_value())
        return {};
    pg::Errors found;
    Changes changes;
    for (const PreferenceChange &change : changes_from_json(*given, found)) {
        if (!patch.sets_privacy || pg::view(change.key) != privacy_key)
            changes.push_back(change);
        else if (!is_same(change.value, patch.privacy))
            found.add(ERRCODE_INVALID_PARAMETER_VALUE, privacy_key.data(),
                      "differs from the member \"%s\" of the entry", privacy_key.data());
    }
    for (const pg::Error &error : found.all())
        errors.add({error.sqlstate, psprintf("/%s%s", preferences_member.data(), error.path), error.message});
    return changes;
}

/* What the site has configured. */
struct Configuration {
    Fields fields;
    PreferenceRules rules;
};

static_assert(std::is_trivially_destructible_v<Configuration>);

/* Checks one patch against the account as it is now, and writes it unless it has errors. */
Written write_patch(const Caller &caller, const Entry &entry, const Configuration &site,
                    bulk::NameList &not_shown, pg::Errors &errors)
{
    const std::optional<identity::User> user = identity::find_user(entry.user_uuid);
    if (!user.has_value()) {
        identity::add_missing_user(entry.user_uuid, nullptr, errors);
        return {};
    }
    ShownAccount shown(caller, entry.user_uuid, site.fields);
    const Patch patch = patch_from_json(json::root_of(entry.patch), site.fields, pg::view(user->display_name),
                                        shown, errors, members_of_entry);
    const Changes changes = preference_changes(entry, patch, errors);
    const pg::ExpectedVersion expected = expected_version(entry, errors);
    PlannedChanges planned;
    if (errors.empty())
        planned = plan_changes(entry.user_uuid, changes, site.rules, preferences_member.data(), errors);
    else
        judge_changes(entry.user_uuid, changes, site.rules, preferences_member.data(), errors);
    add_errors_of_fields(caller, entry.user_uuid, patch, errors);
    if (!errors.empty())
        return {};
    Written written = write(caller, entry.user_uuid, *user, patch, expected, &site.rules, errors);
    if (!errors.empty())
        return {};
    for (const std::string_view name : patch.not_shown)
        not_shown.include(name);
    if (planned.empty())
        return written;
    write_changes(entry.user_uuid, planned);
    if (written.outcome == Outcome::Unchanged)
        written.outcome = Outcome::Merged;
    return written;
}

const char *path_of(const pg::Error &error)
{
    return error.sqlstate == ERRCODE_FOREIGN_KEY_VIOLATION ? pg::pointer_to(username_member) : error.path;
}

void write_entry(const Caller &caller, const Entry &entry, const Configuration &site, bulk::Run &run)
{
    pg::Errors errors;
    const Written written = write_patch(caller, entry, site, run.not_shown, errors);
    for (const pg::Error &error : errors.all())
        run.errors.add(entry.error(error.sqlstate, path_of(error), error.message));
    if (!errors.empty())
        return;
    run.new_rows += written.outcome == Outcome::Created ? 1 : 0;
    if (written.outcome == Outcome::Unchanged)
        run.count(Outcome::Unchanged);
    else
        run.count_written(Outcome::Merged, 1, entry.user_uuid, entry.user_uuid);
}

void add_context(void *entry)
{
    errcontext("writing entry " INT64_FORMAT, static_cast<const Entry *>(entry)->ordinal);
}

/* Each with memory of its own. */
void write_batch(const Caller &caller, const bulk::Batch<Entry> &batch, const Configuration &site,
                 bulk::Run &run)
{
    for (Entry entry : batch) {
        CHECK_FOR_INTERRUPTS();
        pg::with_spi([&](MemoryContext) {
            ErrorContextCallback context{error_context_stack, add_context, &entry};
            error_context_stack = &context;
            write_entry(caller, entry, site, run);
            error_context_stack = context.previous;
            return 0;
        });
    }
}

void write_all(const Caller &caller, bulk::EntrySort<Entry> &entries, bulk::Run &run)
{
    run.enter(bulk::Progress::Phase::writing);
    pg::with_spi([&](MemoryContext) {
        const Configuration site{fields_to_write(caller), rules_to_write(caller)};
        bulk::for_each_distinct_batch(run, entries, "user", [&](const bulk::Batch<Entry> &batch) {
            write_batch(caller, batch, site, run);
        });
        return 0;
    });
}

constexpr bulk::Kind kind{"accounts", "account", "user_uuid", counts};

constexpr const char *required_columns[] = {username_member.data()};

bool read_row(const bulk::StagingRow &row, Entry &entry, bulk::Errors &errors)
{
    return row.has_line() ? read_entry(row.line(), entry, errors) : read_columns(row, entry, errors);
}

Datum load_staged(Caller &caller, FunctionCallInfo fcinfo)
{
    return bulk::load_staged<Entry>(
        caller, fcinfo, kind, {required_columns, {}, true}, read_row,
        [&](bulk::EntrySort<Entry> &entries, bulk::Run &run, const bulk::StagingTable & /*staging*/) {
            write_all(caller, entries, run);
        });
}

} // namespace

} // namespace opigno::account

using namespace opigno;

OPIGNO_FUNCTION(opigno_patch_accounts)
{
    return identity::as_owner(
        fcinfo, identity::RequiredAccess::Operator, [&](const identity::Caller &caller) {
            return bulk::load<account::Entry>(caller, fcinfo, account::kind, account::read_entry,
                                              [&](bulk::EntrySort<account::Entry> &entries, bulk::Run &run) {
                                                  account::write_all(caller, entries, run);
                                              });
        });
}

OPIGNO_FUNCTION(opigno_load_accounts)
{
    account::Caller caller = identity::check_caller(fcinfo, identity::RequiredAccess::Operator);
    return account::load_staged(caller, fcinfo);
}
