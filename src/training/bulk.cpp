/* set_trainings; trainings.sql has the contract. */
#include "bulk/keyed_rows.hpp"
#include "identity/access.hpp"
#include "pg/array.hpp"
#include "pg/spi.hpp"
#include "pg/time.hpp"
#include "pg/version.hpp"
#include "training/bulk_entry.hpp"

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

struct Store {
    using Entry = registry::Entry;
    struct State {
        std::int64_t version = 0;
        bool differs = false;
    };

    static text *key_of(const Entry &entry) { return entry.change.training_id; }
    static std::uint64_t find(const Entries &entries)
    {
        return compare_with_stored.read_latest(Columns(entries).values());
    }
    static std::uint64_t insert(const Entries &entries)
    {
        return insert_in_order.write(Columns(entries).values());
    }
    static std::uint64_t update(const Entries &entries)
    {
        return update_in_order.write(Columns(entries).values());
    }
    static State state_of(std::uint64_t row)
    {
        return {DatumGetInt64(pg::column(3, row)), DatumGetBool(pg::column(2, row))};
    }
    static void check(const Entry &entry, const State &state, pg::Errors &errors)
    {
        if (!pg::is_expected(state.version, entry.change.expected))
            pg::add_other_version("training", state.version, *entry.change.expected, document::version_member,
                                  errors);
        if (state.version == 0)
            add_reasons_against_creation(entry.change, errors);
    }
    static const bulk::Batch<Entry> &kept(const bulk::Batch<Entry> &created, bulk::Run & /*run*/)
    {
        return created;
    }
    [[noreturn]] static void refuse() { pg::refuse_suppressed_write(); }
};

static_assert(std::is_trivially_destructible_v<bulk::KeyedRows<Store>>);

void write_all(bulk::EntrySort<Entry> &entries, bulk::Run &run)
{
    bulk::KeyedRows<Store>({}, run).write(entries, "training");
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
