/* create_profiles, patch_profiles, delete_profiles and load_profiles; functions.sql has the
 * contracts. */
#include "bulk/staging_load.hpp"
#include "document/expected_version.hpp"
#include "pg/argument.hpp"
#include "profile/load.hpp"

namespace opigno::profile {

namespace {

/* The number of the argument on_duplicate. Entries of delete_profiles for one key are all equal. */
std::optional<int> on_duplicate_of(Task task)
{
    switch (task) {
    case Task::Create:
        return 6;
    case Task::Patch:
        return 5;
    case Task::Delete:
        break;
    }
    return std::nullopt;
}

EntryForm form_of(const LoadOptions &options, schema::AppJudge &judge)
{
    return {document_of(options.task), options.task == Task::Delete ? nullptr : &judge,
            options.on_conflict == OnConflict::Merge};
}

Datum load(FunctionCallInfo fcinfo, Task task)
{
    return identity::as_owner(
        fcinfo, identity::RequiredAccess::Operator, [&](const identity::Caller &caller) {
            pg::Errors errors;
            const LoadOptions options =
                options_argument(caller, fcinfo, task, "body", on_duplicate_of(task), errors);
            errors.raise();
            schema::AppJudge judge(caller.function);
            const EntryForm form = form_of(options, judge);
            return bulk::load<Entry>(
                caller, kind_of(task), options.bulk, pg::view(PG_GETARG_TEXT_PP(0)),
                [&](std::string_view text, Entry &entry, bulk::Errors &found) {
                    return read_entry(text, form, entry, found);
                },
                [&](bulk::EntrySort<Entry> &entries, bulk::Run &run) {
                    write_all(options, judge, entries, run);
                });
        });
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
    const LoadOptions options = options_argument(caller, fcinfo, Task::Create, "staging", 11, errors);
    const bulk::StagingArguments arguments = bulk::staging_arguments(fcinfo, 6, errors);
    errors.raise();
    schema::AppJudge judge(caller.function);
    const EntryForm form = form_of(options, judge);
    return bulk::load_staged<Entry>(
        caller, fcinfo, kind_of(Task::Create), {required_columns, optional_columns}, options.bulk, arguments,
        [&](const bulk::StagingRow &row, Entry &entry, bulk::Errors &found) {
            return read_row(row, form, entry, found);
        },
        [&](bulk::EntrySort<Entry> &entries, bulk::Run &run, const bulk::StagingTable & /*staging*/) {
            write_all(options, judge, entries, run);
        });
}

} // namespace

} // namespace opigno::profile

using namespace opigno;
using profile::Task;

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
