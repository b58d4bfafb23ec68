/*
 * set_trainings; trainings.sql has the contract. A load creates all new trainings before it changes
 * existing ones, both in the order of the ids. So two loads do not deadlock, even if their batches
 * differ.
 */
#include "bulk/load.hpp"
#include "identity/access.hpp"
#include "pg/array.hpp"
#include "pg/spi.hpp"
#include "pg/time.hpp"
#include "pg/version.hpp"
#include "training/bulk_entry.hpp"

#include <algorithm>

namespace opigno::training::registry {

namespace {

using bulk::Outcome;
using Entries = bulk::Batch<Entry>;

constexpr bulk::CountMember counts[] = {{Outcome::Created, "created"},
                                        {Outcome::Updated, "updated"},
                                        {Outcome::Unchanged, "unchanged"},
                                        {Outcome::Skipped, "skipped"}};
constexpr bulk::Kind kind{"trainings", "training", "training_id", counts, bulk::Owner::Training};

/* $1 to $3: the members of the trainings, one array each; NULL: leave the member as it is. $4: the
 * versions that the entries expect to change; NULL: any. $5: the time. $6: the version of new
 * trainings. */
#define INPUT_ROWS "unnest($1, $2, $3, $4) WITH ORDINALITY AS i (training_id, title, is_active, expected, n)"
#define DIFFERS_FROM_STORED                                                                                  \
    "(t.title <> coalesce(i.title, t.title) OR t.is_active <> coalesce(i.is_active, t.is_active))"

constexpr Oid types[] = {TEXTARRAYOID, TEXTARRAYOID, BOOLARRAYOID, INT8ARRAYOID, TIMESTAMPTZOID, INT8OID};

constinit pg::BatchStatement
    compare_with_stored("SELECT i.n, " DIFFERS_FROM_STORED ", t.version FROM " INPUT_ROWS
                        " JOIN opigno.training AS t ON t.training_id = i.training_id",
                        {types, 4});
constinit pg::BatchStatement
    insert_in_order("INSERT INTO opigno.training AS t"
                    " (training_id, title, is_active, version, created_at, updated_at)"
                    " SELECT i.training_id, i.title, coalesce(i.is_active, true), $6, $5, $5 FROM " INPUT_ROWS
                    " ORDER BY i.n ON CONFLICT (training_id) DO NOTHING RETURNING t.training_id::text",
                    types);
constinit pg::BatchStatement update_in_order(
    "WITH i AS MATERIALIZED (SELECT i.* FROM " INPUT_ROWS
    "  JOIN opigno.training AS t ON t.training_id = i.training_id WHERE " DIFFERS_FROM_STORED
    "   AND (i.expected IS NULL OR t.version = i.expected)"
    "  ORDER BY i.n FOR NO KEY UPDATE OF t)"
    " UPDATE opigno.training AS t SET title = coalesce(i.title, t.title),"
    "  is_active = coalesce(i.is_active, t.is_active), version = t.version + 1,"
    "  updated_at = greatest(t.updated_at, $5)"
    " FROM i WHERE t.training_id = i.training_id AND (i.expected IS NULL OR t.version = i.expected)"
    " RETURNING i.n",
    {types, 5});

/* The entries as the statements' parameters. */
class Columns {
  public:
    explicit Columns(const Entries &entries)
    {
        pg::ArrayColumn ids;
        pg::ArrayColumn titles;
        pg::ArrayColumn actives;
        pg::ArrayColumn versions;
        for (const auto &[ordinal, change, has_errors] : entries) {
            ids.add(change.training_id);
            titles.add(change.title);
            actives.add(BoolGetDatum(change.is_active.value_or(false)), !change.is_active.has_value());
            const std::int64_t expected = change.expected.value_or(pg::any_version);
            versions.add(Int64GetDatum(expected), expected == pg::any_version);
        }
        values_[0] = ids.text_array();
        values_[1] = titles.text_array();
        values_[2] = actives.boolean_array();
        values_[3] = versions.array(INT8OID, 8, true, TYPALIGN_DOUBLE);
        values_[4] = TimestampTzGetDatum(GetCurrentTransactionStartTimestamp());
        values_[5] = Int64GetDatum(pg::first_version());
    }
    [[nodiscard]] const Datum *values() const { return values_; }

  private:
    Datum values_[6] = {};
};

static_assert(std::is_trivially_destructible_v<Columns>);

/* How an entry's training is stored. version 0: there is none. */
struct State {
    std::int64_t version = 0;
    bool differs = false;
};

pg::Vector<State> states_of(const Entries &entries)
{
    const std::uint64_t found = compare_with_stored.read_latest(Columns(entries).values());
    pg::Vector<State> states;
    for (std::size_t at = 0; at < entries.size(); ++at)
        states.push_back({});
    for (std::uint64_t row = 0; row < found; ++row)
        states[static_cast<std::size_t>(DatumGetInt64(pg::column(1, row)) - 1)] = {
            DatumGetInt64(pg::column(3, row)), DatumGetBool(pg::column(2, row))};
    return states;
}

void count_written(const Entries &written, Outcome outcome, bulk::Run &run)
{
    if (!written.empty())
        run.count_written(outcome, written.size(), written[0].change.training_id,
                          written[written.size() - 1].change.training_id);
}

/* Creates trainings. Returns the entries whose trainings exist already. */
Entries create(const Entries &entries, bulk::Run &run)
{
    Entries left;
    if (entries.empty())
        return left;
    const std::uint64_t created = insert_in_order.write(Columns(entries).values());
    Entries written;
    for (const Entry &entry : entries) {
        const bool is_created =
            written.size() < created &&
            pg::view(entry.change.training_id) == pg::view(DatumGetTextPP(pg::column(1, written.size())));
        (is_created ? written : left).push_back(entry);
    }
    count_written(written, Outcome::Created, run);
    return left;
}

/* Changes trainings. Returns the entries that changed nothing: their trainings have these values
 * already, or do not exist. */
Entries change(const Entries &entries, bulk::Run &run)
{
    const std::uint64_t updated = update_in_order.write(Columns(entries).values());
    pg::Vector<bool> is_updated;
    for (std::size_t at = 0; at < entries.size(); ++at)
        is_updated.push_back(false);
    for (std::uint64_t row = 0; row < updated; ++row)
        is_updated[static_cast<std::size_t>(DatumGetInt64(pg::column(1, row)) - 1)] = true;
    Entries written;
    Entries left;
    for (std::size_t at = 0; at < entries.size(); ++at)
        (is_updated[at] ? written : left).push_back(entries[at]);
    count_written(written, Outcome::Updated, run);
    return left;
}

struct Comparison {
    Entries to_create;
    Entries to_change;
};

/* Splits the entries into those to create and those to change. Counts those that need no change. Adds
 * errors for those that cannot create a training or expect another version. */
Comparison compare(const Entries &entries, bulk::Run &run)
{
    const pg::Vector<State> states = states_of(entries);
    Comparison found;
    for (std::size_t at = 0; at < entries.size(); ++at) {
        const Entry &entry = entries[at];
        const auto &[version, differs] = states[at];
        const bool is_new = version == 0;
        pg::Errors errors;
        if (!pg::is_expected(version, entry.change.expected))
            pg::add_other_version("training", version, *entry.change.expected, document::version_member,
                                  errors);
        if (is_new)
            add_reasons_against_creation(entry.change, errors);
        add_errors(entry, errors, run.errors);
        if (entry.has_errors || !errors.empty())
            continue;
        if (!is_new && !differs)
            run.count(Outcome::Unchanged);
        else
            (is_new ? found.to_create : found.to_change).push_back(entry);
    }
    return found;
}

/* Creates the trainings that do not exist. Adds entries whose trainings exist and differ to
 * `existing`. */
void create_new(const Entries &entries, bulk::Run &run, bulk::EntrySort<Entry> &existing)
{
    const Comparison found = compare(entries, run);
    for (const Entries &others : {found.to_change, create(found.to_create, run)})
        for (const Entry &entry : others)
            existing.add(entry);
}

bool comes_before(const Entry &left, const Entry &right)
{
    return pg::view(left.change.training_id) < pg::view(right.change.training_id);
}

/* Changes the trainings of these entries. Creates those that another session has deleted meanwhile. */
void change_existing(const Entries &entries, bulk::Run &run)
{
    constexpr int max_rounds = 5;
    Entries left = entries;
    for (int round = 0; round < max_rounds; ++round) {
        CHECK_FOR_INTERRUPTS();
        left = change(left, run);
        if (left.empty())
            return;
        const Comparison found = compare(left, run);
        left = create(found.to_create, run);
        for (const Entry &entry : found.to_change)
            left.push_back(entry);
        if (left.empty())
            return;
        std::sort(left.begin(), left.end(), comes_before);
    }
    pg::refuse_suppressed_write();
}

void write_all(bulk::EntrySort<Entry> &entries, bulk::Run &run)
{
    run.enter(bulk::Progress::Phase::writing);
    bulk::EntrySort<Entry> existing;
    bulk::for_each_distinct_batch(run, entries, "training",
                                  [&](const Entries &batch) { create_new(batch, run, existing); });
    existing.sort();
    bulk::for_each_batch(
        run, existing, [](const Entry & /*entry*/) { return true; },
        [&](const Entries &batch) { change_existing(batch, run); });
    existing.end();
}

} // namespace

} // namespace opigno::training::registry

using namespace opigno;

OPIGNO_FUNCTION(opigno_set_trainings)
{
    return identity::as_owner(
        fcinfo, identity::RequiredAccess::Training, [&](const identity::Caller &caller) {
            return bulk::load<training::registry::Entry>(caller, fcinfo, training::registry::kind,
                                                         training::registry::read_entry,
                                                         training::registry::write_all);
        });
}
