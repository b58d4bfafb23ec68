/* set_user_contexts; functions.sql has its contract. */
#include "context/bulk_store.hpp"
#include "pg/argument.hpp"
#include "pg/catalog.hpp"

namespace opigno::context {

namespace {

constexpr bulk::CountMember counts[] = {{bulk::Outcome::Created, "created"},
                                        {bulk::Outcome::Updated, "updated"},
                                        {bulk::Outcome::Unchanged, "unchanged"}};

void write_all(bulk::EntrySort<Entry> &entries, bulk::Run &run)
{
    run.enter(bulk::Progress::Phase::writing);
    bulk::EntrySort<Entry> existing;
    bulk::for_each_distinct_batch(run, entries, "user",
                                  [&](const Entries &batch) { create_new(batch, run, existing); });
    existing.sort();
    bulk::for_each_batch(
        run, existing, [](const Entry & /*entry*/) { return true; },
        [&](const Entries &batch) { change_existing(batch, run); });
    existing.end();
}

Datum load(const identity::Caller &caller, FunctionCallInfo fcinfo)
{
    pg::Errors errors;
    pg::require(fcinfo, 0, "body", errors);
    const bulk::Options options = bulk::options_argument(fcinfo, 1, 3, errors);
    errors.raise();
    const std::string_view body = pg::view(PG_GETARG_TEXT_PP(0));
    bulk::Run run(options, get_relname_relid("user_context", get_func_namespace(caller.function)),
                  body.size());
    bulk::EntrySort<Entry> entries;
    identity::ScopeRegistry registry(identity::ScopeRegistry::View::Transaction);
    bulk::read_body(body, "userContexts", run, entries,
                    [&](std::string_view text, Entry &entry, bulk::Errors &found) {
                        return read_entry(text, registry, entry, found);
                    });
    bulk::write_or_undo(caller, run, "uuid", [&] { write_all(entries, run); });
    entries.end();
    run.progress.end();
    return run.answer(counts);
}

} // namespace

} // namespace opigno::context

using namespace opigno;

OPIGNO_FUNCTION(opigno_set_user_contexts)
{
    return identity::as_owner(fcinfo, identity::RequiredAccess::Operator,
                              [&](const identity::Caller &caller) { return context::load(caller, fcinfo); });
}
