/* patch_accounts; functions.sql has its contract. */
#include "account/account.hpp"
#include "account/bulk_entry.hpp"
#include "bulk/load.hpp"
#include "identity/user.hpp"
#include "pg/argument.hpp"
#include "pg/catalog.hpp"
#include "pg/spi.hpp"
#include "json/value/reader.hpp"

namespace opigno::account {

namespace {

using identity::Caller;
using identity::Outcome;

constexpr bulk::CountMember counts[] = {{Outcome::Merged, "updated"}, {Outcome::Unchanged, "unchanged"}};

/* Checks one patch against the account as it is now, and writes it unless it has errors. */
void write_entry(const Caller &caller, const Entry &entry, const Fields &fields, bulk::Run &run)
{
    pg::Errors errors;
    const std::optional<identity::User> user = identity::find_user_to_keep(entry.user_uuid);
    Written written;
    if (user.has_value()) {
        const Patch patch = patch_from_json(json::root_of(entry.patch), fields, pg::view(user->display_name),
                                            errors, username_member);
        if (errors.empty())
            written = write(caller, entry.user_uuid, patch, std::nullopt, errors);
    } else {
        identity::add_missing_user(username_member.data(), errors);
    }
    for (const pg::Error &error : errors.all())
        run.errors.add(entry.error(error.sqlstate, error.path, error.message));
    if (!errors.empty())
        return;
    if (written.outcome == Outcome::Unchanged) {
        run.count(Outcome::Unchanged);
        return;
    }
    run.count(Outcome::Merged);
    run.new_rows += written.outcome == Outcome::Created ? 1 : 0;
    run.changed_users.include(entry.user_uuid);
}

void write_all(const Caller &caller, bulk::EntrySort<Entry> &entries, bulk::Run &run)
{
    run.enter(bulk::Progress::Phase::writing);
    pg::with_spi([&](MemoryContext) {
        const Fields fields = configured_fields(true);
        bulk::for_each_distinct_batch(run, entries, "user", [&](const bulk::Batch<Entry> &batch) {
            for (const Entry &entry : batch) {
                CHECK_FOR_INTERRUPTS();
                pg::with_spi([&](MemoryContext) {
                    write_entry(caller, entry, fields, run);
                    return 0;
                });
            }
        });
        return 0;
    });
}

constexpr bulk::Kind kind{"accounts", "account", "user_uuid", counts};

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
