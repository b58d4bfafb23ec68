/* create_profiles, patch_profiles and delete_profiles; functions.sql has the contracts. */
#include "pg/argument.hpp"
#include "profile/load.hpp"

namespace opigno::profile {

namespace {

Datum load(FunctionCallInfo fcinfo, Task task)
{
    return identity::as_owner(
        fcinfo, identity::RequiredAccess::Operator, [&](const identity::Caller &caller) {
            pg::Errors errors;
            const LoadOptions options = options_argument(caller, fcinfo, task, "body", errors);
            errors.raise();
            return bulk::load<Entry>(
                caller, kind_of(task), options.bulk, pg::view(PG_GETARG_TEXT_PP(0)),
                [&](std::string_view text, Entry &entry, bulk::Errors &found) {
                    return read_entry(text, document_of(task), entry, found);
                },
                [&](bulk::EntrySort<Entry> &entries, bulk::Run &run) { write_all(options, entries, run); });
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
