#include "bulk/run.hpp"

#include "pg/analyze.hpp"
#include "pg/catalog.hpp"
#include "pg/spi.hpp"
#include "pg/text.hpp"
#include "pg/vector.hpp"

#include <algorithm>
#include <numeric>

namespace opigno::bulk {

Oid table_of(const identity::Caller &caller, const char *name)
{
    return get_relname_relid(name, get_func_namespace(caller.function));
}

Run::Run(const Options &given, Oid written_table, std::string_view body, std::size_t max_kept)
    : options(given), table(written_table), progress(table, body.size()),
      errors(std::max(static_cast<std::size_t>(given.max_errors), max_kept), body)
{
}

void Run::count_written(Outcome outcome, std::size_t entries, const text *first, const text *last)
{
    count(outcome, entries);
    changed_keys.include(first);
    changed_keys.include(last);
}

std::int64_t Run::changed_rows() const
{
    std::int64_t rows = 0;
    for (std::size_t outcome = 0; outcome < identity::outcomes; ++outcome)
        if (identity::is_change(static_cast<Outcome>(outcome)))
            rows += counts_[outcome];
    return rows;
}

void Run::enter(Progress::Phase phase)
{
    phase_ = phase;
    taken = 0;
    progress.enter(phase);
    report_progress();
}

/* In the phase "writing" the entries processed are those that have been counted or have failed. */
void Run::report_progress()
{
    const std::int64_t counted = std::accumulate(std::begin(counts_), std::end(counts_), std::int64_t{0});
    progress.wrote(phase_ == Progress::Phase::writing ? counted + errors.failed() : taken, changed_rows(),
                   errors.failed());
}

namespace {

Outcome outcome_of(const Run &run)
{
    Outcome found = Outcome::Unchanged;
    for (std::size_t at = 0; at < identity::outcomes; ++at) {
        const auto outcome = static_cast<Outcome>(at);
        if (!identity::is_change(outcome) || run.counted(outcome) == 0)
            continue;
        if (found != Outcome::Unchanged)
            return Outcome::CreatedOrUpdated;
        found = outcome;
    }
    return found;
}

identity::Event event_of(Outcome outcome, std::int64_t rows)
{
    identity::Event event;
    event.outcome = outcome;
    event.row_count = rows;
    return event;
}

void set_users(identity::Event &event, const KeyRange &users)
{
    event.user_uuid = users.first();
    event.last_user_uuid = users.last();
}

/* "a", or "a to z". */
const text *subject_of(const KeyRange &keys)
{
    const std::string_view first = pg::view(keys.first());
    const std::string_view last = pg::view(keys.last());
    if (first == last)
        return keys.first();
    return pg::make_text(psprintf("%.*s to %.*s", static_cast<int>(first.size()), first.data(),
                                  static_cast<int>(last.size()), last.data()));
}

} // namespace

void Run::record(const identity::Caller &caller) const
{
    if (new_users > 0) {
        identity::Event event = event_of(Outcome::Created, new_users);
        set_users(event, created_users);
        event.subject = pg::make_text("user_context");
        identity::record(caller, event);
    }
    const std::int64_t rows = changed_rows();
    if (rows == 0)
        return;
    identity::Event event = event_of(outcome_of(*this), rows);
    if (owner == Owner::Training)
        event.subject = subject_of(changed_keys);
    else
        set_users(event, changed_keys);
    identity::record(caller, event);
}

namespace {

/* A small load is not worth an ANALYZE, which would be a large part of its time. */
void analyze_if_grown(Oid table, std::int64_t new_rows, const char *columns)
{
    constexpr std::int64_t min_rows = 10000;
    constexpr double growth = 3;
    if (new_rows < min_rows || static_cast<double>(new_rows) < growth * pg::known_rows(table))
        return;
    pg::with_spi([&](MemoryContext) {
        pg::analyze(table, columns);
        return 0;
    });
}

} // namespace

void Run::analyze_grown_tables(const char *key_columns) const
{
    analyze_if_grown(table, new_rows, key_columns);
    if (new_users > 0)
        analyze_if_grown(get_relname_relid("user_context", get_rel_namespace(table)), new_users, "uuid");
}

void Run::write_head(json::Writer &out)
{
    std::span<const pg::Error> listed = errors.sorted();
    listed = listed.first(std::min(listed.size(), static_cast<std::size_t>(options.max_errors)));
    pg::Vector<pg::Error> all;
    if (flaw.has_value())
        all.push_back(*flaw);
    for (const pg::Error &error : listed)
        all.push_back(error);
    out.begin_object();
    json::write_errors(out, {all.begin(), all.size()}, json::Hints::Shown);
    out.key("refused").boolean(is_refused());
    out.key("failed").integer(failed());
    out.key("response");
}

void Run::write_counts(json::Writer &out, std::span<const CountMember> counts) const
{
    out.begin_object();
    out.key("received").integer(received);
    for (const CountMember &member : counts)
        out.key(member.name).integer(counted(member.outcome));
    if (may_create_users)
        out.key("users_created").integer(new_users);
    out.key("failed").integer(failed());
    if (!not_shown.names().empty()) {
        pg::Names names = not_shown.names(); /* in an order that does not depend on which entry came first */
        std::sort(names.begin(), names.end());
        out.key("not_shown").begin_array();
        for (const std::string_view name : names)
            out.string(name);
        out.end_array();
    }
}

} // namespace opigno::bulk
