/* set_user_contexts and load_user_contexts; functions.sql has the contracts. */
#include "bulk/staging_load.hpp"
#include "context/bulk_store.hpp"

namespace opigno::context {

namespace {

constexpr bulk::CountMember counts[] = {{bulk::Outcome::Created, "created"},
                                        {bulk::Outcome::Updated, "updated"},
                                        {bulk::Outcome::Unchanged, "unchanged"},
                                        {bulk::Outcome::Skipped, "skipped"}};

constexpr bulk::Kind kind{"userContexts", "user_context", "uuid", counts};

Datum load(const identity::Caller &caller, FunctionCallInfo fcinfo)
{
    identity::ScopeRegistry registry(identity::ScopeRegistry::View::Transaction);
    const auto read = [&](std::string_view text, Entry &entry, bulk::Errors &errors) {
        return read_entry(text, registry, entry, errors);
    };
    return bulk::load<Entry>(caller, fcinfo, kind, read, [](bulk::EntrySort<Entry> &entries, bulk::Run &run) {
        write_all(entries, run, json_names);
    });
}

constexpr const char *required_columns[] = {"uuid"};
constexpr const char *optional_columns[] = {"display_name", "is_active", "scope", column_names.version};

/* Scopes are read with the rights of the caller, as the rows are. */
Datum load_staged(identity::Caller &caller, FunctionCallInfo fcinfo)
{
    identity::ScopeRegistry registry(identity::ScopeRegistry::View::Statement);
    const auto read = [&](const bulk::StagingRow &row, Entry &entry, bulk::Errors &errors) {
        return row.has_line()
                   ? read_entry(row.line(), registry, entry, errors)
                   : read_columns({row.value(0), row.value(1), row.value(2), row.value(3), row.value(4)},
                                  registry, entry, errors);
    };
    const auto write = [](bulk::EntrySort<Entry> &entries, bulk::Run &run,
                          const bulk::StagingTable &staging) {
        write_all(entries, run, staging.has_lines() ? json_names : column_names);
    };
    return bulk::load_staged<Entry>(caller, fcinfo, kind, {required_columns, optional_columns}, read, write);
}

} // namespace

} // namespace opigno::context

using namespace opigno;

OPIGNO_FUNCTION(opigno_set_user_contexts)
{
    return identity::as_owner(fcinfo, identity::RequiredAccess::Operator,
                              [&](const identity::Caller &caller) { return context::load(caller, fcinfo); });
}

OPIGNO_FUNCTION(opigno_load_user_contexts)
{
    identity::Caller caller = identity::check_caller(fcinfo, identity::RequiredAccess::Operator);
    return context::load_staged(caller, fcinfo);
}
