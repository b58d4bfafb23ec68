#include "context/bulk_store.hpp"

#include "identity/request.hpp"
#include "pg/spi.hpp"

#include <algorithm>

namespace opigno::context {

namespace {

/* $1 to $4: a context each, NULL for what it leaves, scopes joined by commas. $5: the time, $6: the client or
 * 0. */
#define INPUT_ROWS "unnest($1, $2, $3, $4) WITH ORDINALITY AS i (uuid, display_name, is_active, scope, n)"
#define DIFFERS_FROM_STORED                                                                                  \
    "(c.display_name <> coalesce(i.display_name, c.display_name)"                                            \
    " OR c.is_active <> coalesce(i.is_active, c.is_active)"                                                  \
    " OR c.scope <> coalesce(string_to_array(i.scope, ','), c.scope))"

constexpr Oid types[] = {TEXTARRAYOID, TEXTARRAYOID, BOOLARRAYOID, TEXTARRAYOID, TIMESTAMPTZOID, INT8OID};

constinit pg::BatchStatement compare_with_stored("SELECT i.n, " DIFFERS_FROM_STORED " FROM " INPUT_ROWS
                                                 " JOIN opigno.user_context AS c ON c.uuid = i.uuid",
                                                 {types, 4});

constinit pg::BatchStatement insert_in_order(
    "INSERT INTO opigno.user_context AS c"
    " (uuid, display_name, is_active, scope, created_at, updated_at, created_by_client_id)"
    " SELECT i.uuid, i.display_name, i.is_active, coalesce(string_to_array(i.scope, ','), '{}'), $5, $5,"
    "  nullif($6, 0)"
    " FROM " INPUT_ROWS " ORDER BY i.n ON CONFLICT (uuid) DO NOTHING RETURNING c.uuid::text",
    types);

constinit pg::BatchStatement update_in_order(
    "WITH i AS MATERIALIZED (SELECT i.* FROM " INPUT_ROWS
    "  JOIN opigno.user_context AS c ON c.uuid = i.uuid WHERE " DIFFERS_FROM_STORED
    "  ORDER BY i.n FOR NO KEY UPDATE OF c)"
    " UPDATE opigno.user_context AS c SET display_name = coalesce(i.display_name, c.display_name),"
    "  is_active = coalesce(i.is_active, c.is_active),"
    "  scope = coalesce(string_to_array(i.scope, ','), c.scope),"
    "  updated_at = greatest(c.updated_at, $5)"
    " FROM i WHERE c.uuid = i.uuid RETURNING i.n",
    {types, 5});

/* The entries as the statements' parameters. */
class Columns {
  public:
    explicit Columns(const Entries &entries)
    {
        for (const Entry &entry : entries)
            push_back(entry.change);
        values_[0] = array(uuids_, uuid_nulls_, TEXTOID, -1, false, TYPALIGN_INT);
        values_[1] = array(names_, name_nulls_, TEXTOID, -1, false, TYPALIGN_INT);
        values_[2] = array(actives_, active_nulls_, BOOLOID, 1, true, TYPALIGN_CHAR);
        values_[3] = array(scopes_, scope_nulls_, TEXTOID, -1, false, TYPALIGN_INT);
        values_[4] = TimestampTzGetDatum(GetCurrentTransactionStartTimestamp());
        const identity::Request *request = identity::current_request();
        values_[5] = Int64GetDatum(request == nullptr ? 0 : request->client_id.value_or(0));
    }
    [[nodiscard]] const Datum *values() const { return values_; }

  private:
    using Datums = pg::Vector<Datum>;
    using Nulls = pg::Vector<bool>;

    void push_back(const Change &change)
    {
        uuids_.push_back(PointerGetDatum(change.uuid));
        uuid_nulls_.push_back(false);
        names_.push_back(PointerGetDatum(change.display_name));
        name_nulls_.push_back(change.display_name == nullptr);
        actives_.push_back(BoolGetDatum(change.is_active.value_or(false)));
        active_nulls_.push_back(!change.is_active.has_value());
        scopes_.push_back(change.scope == nullptr ? Datum{0} : joined(change.scope));
        scope_nulls_.push_back(change.scope == nullptr);
    }
    static Datum joined(ArrayType *scope)
    {
        StringInfoData names;
        initStringInfo(&names);
        for (const std::string_view name : pg::names_of(scope))
            appendStringInfo(&names, "%s%.*s", names.len > 0 ? "," : "", static_cast<int>(name.size()),
                             name.data());
        return PointerGetDatum(pg::make_text({names.data, static_cast<std::size_t>(names.len)}));
    }
    static Datum array(Datums &values, Nulls &nulls, Oid type, int length, bool by_value, char alignment)
    {
        int dimensions[] = {static_cast<int>(values.size())};
        int lower_bounds[] = {1};
        return PointerGetDatum(construct_md_array(values.data(), nulls.data(), 1, dimensions, lower_bounds,
                                                  type, length, by_value, alignment));
    }

    Datums uuids_, names_, actives_, scopes_;
    Nulls uuid_nulls_, name_nulls_, active_nulls_, scope_nulls_;
    Datum values_[6] = {};
};

static_assert(std::is_trivially_destructible_v<Columns>);

enum class State : char { New, Same, Different };

pg::Vector<State> states_of(const Entries &entries)
{
    const std::uint64_t found = compare_with_stored.read_latest(Columns(entries).values());
    pg::Vector<State> states;
    for (std::size_t at = 0; at < entries.size(); ++at)
        states.push_back(State::New);
    for (std::uint64_t row = 0; row < found; ++row)
        states[static_cast<std::size_t>(DatumGetInt64(pg::column(1, row)) - 1)] =
            DatumGetBool(pg::column(2, row)) ? State::Different : State::Same;
    return states;
}

void include_all(const Entries &written, Range &range)
{
    if (written.empty())
        return;
    range.include(written[0].change.uuid);
    range.include(written[written.size() - 1].change.uuid);
}

/* Gives those that are not created. */
Entries create(const Entries &entries, Results &results)
{
    Entries left;
    if (entries.empty())
        return left;
    const std::uint64_t created = insert_in_order.write(Columns(entries).values());
    Entries written;
    for (const Entry &entry : entries) {
        const bool is_created =
            written.size() < created &&
            pg::view(entry.change.uuid) == pg::view(DatumGetTextPP(pg::column(1, written.size())));
        (is_created ? written : left).push_back(entry);
    }
    results.created += static_cast<std::int64_t>(written.size());
    include_all(written, results.range);
    return left;
}

/* Gives those that are not changed: they are so already, by now at least, or are not there. */
Entries change(const Entries &entries, Results &results)
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
    results.updated += static_cast<std::int64_t>(updated);
    include_all(written, results.range);
    return left;
}

struct Comparison {
    Entries to_create;
    Entries to_change;
};

/* Counts those that are as wanted, and tells those that cannot be created. */
Comparison compare(const Entries &entries, Results &results)
{
    const pg::Vector<State> states = states_of(entries);
    Comparison found;
    for (std::size_t at = 0; at < entries.size(); ++at) {
        const Entry &entry = entries[at];
        if (states[at] == State::New && !entry.change.is_complete()) {
            pg::Faults missing;
            add_missing(entry.change, json_names, missing);
            add_faults(entry, missing, entry.at_fault, results.faults);
        } else if (!entry.at_fault) {
            if (states[at] == State::Same)
                ++results.unchanged;
            else
                (states[at] == State::New ? found.to_create : found.to_change).push_back(entry);
        }
    }
    return found;
}

bool comes_before(const Entry &left, const Entry &right)
{
    return pg::view(left.change.uuid) < pg::view(right.change.uuid);
}

/* Another round is needed only where other sessions create or delete the same users meanwhile. */
constexpr int max_rounds = 5;

} // namespace

void Range::include(const text *user_uuid)
{
    if (first_ == nullptr || pg::view(user_uuid) < pg::view(first_))
        replace(first_, user_uuid);
    if (last_ == nullptr || pg::view(user_uuid) > pg::view(last_))
        replace(last_, user_uuid);
}

void Range::replace(text *&user, const text *by) const
{
    MemoryContext before = MemoryContextSwitchTo(context_);
    if (user != nullptr)
        pfree(user);
    user = pg::make_text(pg::view(by));
    MemoryContextSwitchTo(before);
}

void create_new(const Entries &entries, Results &results, EntrySort &existing)
{
    const Comparison found = compare(entries, results);
    for (const Entries &others : {found.to_change, create(found.to_create, results)})
        for (const Entry &entry : others)
            existing.add(entry);
}

void change_existing(const Entries &entries, Results &results)
{
    Entries left = entries;
    for (int round = 0; round < max_rounds; ++round) {
        CHECK_FOR_INTERRUPTS();
        left = change(left, results);
        if (left.empty())
            return;
        const Comparison found = compare(left, results);
        left = create(found.to_create, results);
        for (const Entry &entry : found.to_change)
            left.push_back(entry);
        if (left.empty())
            return;
        std::sort(left.begin(), left.end(), comes_before);
    }
    ereport(
        ERROR, errcode(ERRCODE_WRONG_STATE), errmsg("could not write all user contexts"),
        errhint(
            "Look for a trigger on opigno.user_context that suppresses what is written, or for sessions that "
            "create and remove the same users all the time."));
}

} // namespace opigno::context
