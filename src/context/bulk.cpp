/* set_user_contexts; functions.sql has its contract. */
#include "context/bulk_store.hpp"

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

constexpr bulk::Kind kind{"userContexts", "user_context", "uuid", counts};

Datum load(const identity::Caller &caller, FunctionCallInfo fcinfo)
{
    identity::ScopeRegistry registry(identity::ScopeRegistry::View::Transaction);
    const auto read = [&](std::string_view text, Entry &entry, bulk::Errors &errors) {
        return read_entry(text, registry, entry, errors);
    };
    return bulk::load<Entry>(caller, fcinfo, kind, read, write_all);
}

} // namespace

} // namespace opigno::context

using namespace opigno;

OPIGNO_FUNCTION(opigno_set_user_contexts)
{
    return identity::as_owner(fcinfo, identity::RequiredAccess::Operator,
                              [&](const identity::Caller &caller) { return context::load(caller, fcinfo); });
}
