/* create_profiles, patch_profiles, delete_profiles and load_profiles; functions.sql has the
 * contracts. */
#include "app_document/load.hpp"
#include "bulk/staging_load.hpp"
#include "document/expected_version.hpp"
#include "profile/kind.hpp"

namespace opigno::profile {

namespace {

using namespace app_document;

Datum load(FunctionCallInfo fcinfo, Task task)
{
    return identity::as_owner(
        fcinfo, identity::RequiredAccess::Operator,
        [&](const identity::Caller &caller) { return app_document::load(fcinfo, caller, profiles, task); });
}

constexpr const char *required_columns[] = {"user_id", "app_id", "profile_data"};
constexpr const char *optional_columns[] = {document::version_member};

bool read_row(const bulk::StagingRow &row, const EntryForm &form, Entry &entry, bulk::Errors &errors)
{
    return row.has_line()
               ? read_entry(row.line(), form, entry, errors)
               : read_columns({row.value(0), row.value(1), row.value(2), row.value(3)}, form, entry, errors);
}

Datum load_staged(identity::Caller &caller, FunctionCallInfo fcinfo)
{
    pg::Errors errors;
    const LoadOptions options =
        options_argument(caller, fcinfo, profiles, Task::Create, "staging", 11, errors);
    const bulk::StagingArguments arguments = bulk::staging_arguments(fcinfo, 6, errors);
    errors.raise();
    schema::AppJudge judge(caller.function, schema::DocumentKind::Profile);
    const EntryForm form = form_of(profiles, options, judge);
    return bulk::load_staged<Entry>(
        caller, fcinfo, profiles.writes, {required_columns, optional_columns}, options.bulk, arguments,
        [&](const bulk::StagingRow &row, Entry &entry, bulk::Errors &found) {
            return read_row(row, form, entry, found);
        },
        [&](bulk::EntrySort<Entry> &entries, bulk::Run &run, const bulk::StagingTable & /*staging*/) {
            write_all(profiles, options, judge, entries, run);
        });
}

} // namespace

} // namespace opigno::profile

using namespace opigno;
using app_document::Task;

OPIGNO_FUNCTION(opigno_create_profiles)
{
    return profile::load(fcinfo, Task::Create);
}

OPIGNO_FUNCTION(opigno_patch_profiles)
{
    return profile::load(fcinfo, Task::Patch);
}

OPIGNO_FUNCTION(opigno_delete_profiles)
{
    return profile::load(fcinfo, Task::Delete);
}

OPIGNO_FUNCTION(opigno_load_profiles)
{
    identity::Caller caller = identity::check_caller(fcinfo, identity::RequiredAccess::Operator);
    return profile::load_staged(caller, fcinfo);
}
