/* create_profiles, patch_profiles and delete_profiles; the contracts stand in functions.sql. */
#include "identity/request.hpp"
#include "pg/argument.hpp"
#include "pg/subtransaction.hpp"
#include "profile/bulk_load.hpp"

namespace opigno::profile {

namespace {

constexpr pg::Word<OnConflict> conflict_words[] = {{"error", OnConflict::Error},
                                                   {"skip", OnConflict::Skip},
                                                   {"replace", OnConflict::Replace},
                                                   {"merge", OnConflict::Merge}};

/* The arguments behind the body. */
Options options_of(FunctionCallInfo fcinfo, Task task)
{
    pg::Faults faults;
    Options options{task};
    int number = 0;
    pg::require(fcinfo, number, "body", faults);
    if (task == Task::Create)
        options.on_conflict = pg::word_argument(fcinfo, ++number, "on_conflict", conflict_words, faults);
    else
        options.on_conflict = OnConflict::Merge;
    options.report = pg::reports_errors(fcinfo, ++number, faults);
    options.dry_run = pg::flag_argument(fcinfo, ++number);
    if (task != Task::Delete)
        options.create_missing_users = pg::flag_argument(fcinfo, ++number);
    options.max_errors = bulk::max_errors_argument(fcinfo, ++number, faults);
    faults.raise();
    return options;
}

/*
 * Reads, and then writes in a subtransaction, which is undone for a refusal and a dry run: what is refused
 * shows every fault, and a dry run is told what would have been.
 */
Datum load(const Caller &caller, FunctionCallInfo fcinfo, Task task)
{
    const Options options = options_of(fcinfo, task);
    const std::string_view body = pg::view(PG_GETARG_TEXT_PP(0));
    bulk::Progress progress(get_relname_relid("profile", get_func_namespace(caller.function)), body.size());
    Load rows(options, body, progress);
    rows.read();

    pg::in_subtransaction([&] {
        rows.write();
        if (rows.changed())
            rows.record(caller);
        return !options.dry_run && !rows.is_refused();
    });
    identity::refresh_request(nullptr);

    rows.end();
    progress.end();
    json::Writer answer;
    rows.write_answer(answer);
    return answer.json();
}

} // namespace

} // namespace opigno::profile

using namespace opigno;
using identity::Takes;
using profile::Task;

OPIGNO_FUNCTION(opigno_create_profiles)
{
    return identity::as_owner(fcinfo, Takes::Operator, [&](const identity::Caller &caller) {
        return profile::load(caller, fcinfo, Task::Create);
    });
}

OPIGNO_FUNCTION(opigno_patch_profiles)
{
    return identity::as_owner(fcinfo, Takes::Operator, [&](const identity::Caller &caller) {
        return profile::load(caller, fcinfo, Task::Patch);
    });
}

OPIGNO_FUNCTION(opigno_delete_profiles)
{
    return identity::as_owner(fcinfo, Takes::Operator, [&](const identity::Caller &caller) {
        return profile::load(caller, fcinfo, Task::Delete);
    });
}
