/* create_profiles, patch_profiles and delete_profiles; functions.sql has the contracts. */
#include "pg/argument.hpp"
#include "profile/load.hpp"

namespace opigno::profile {

namespace {

/* The name of the entries' member that holds the document, or nullptr if the task has no
 * documents. */
const char *document_of(Task task)
{
    switch (task) {
    case Task::Create:
        return "profile_data";
    case Task::Patch:
        return "patch";
    case Task::Delete:
        break;
    }
    return nullptr;
}

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

Datum load(FunctionCallInfo fcinfo, Task task)
{
    return identity::as_owner(
        fcinfo, identity::RequiredAccess::Operator, [&](const identity::Caller &caller) {
            pg::Errors errors;
            const LoadOptions options = options_argument(caller, fcinfo, task, "body", on_duplicate_of(task), errors);
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
