#include "context/bulk_store.hpp"

#include "identity/request.hpp"
#include "pg/spi.hpp"

#include <algorithm>

namespace opigno::context {

namespace {

/* $1 to $4: a context each, NULL for what it leaves, scopes joined by commas. $5: the time, $6: the client or
 * 0. */
#define INPUT_ROWS                                                                                           \
    "unnest($1, $2, $3, $4) WITH ORDINALITY AS i (uuid, display_name, is_active, scope, ordinal)"
#define DIFFERS_FROM_STORED                                                                                  \
    "(c.display_name <> coalesce(i.display_name, c.display_name)"                                            \
    " OR c.is_active <> coalesce(i.is_active, c.is_active)"                                                  \
    " OR c.scope <> coalesce(string_to_array(i.scope, ','), c.scope))"

constexpr Oid input_types[] = {TEXTARRAYOID, TEXTARRAYOID, BOOLARRAYOID, TEXTARRAYOID};
constexpr Oid input_and_time_types[] = {TEXTARRAYOID, TEXTARRAYOID,   BOOLARRAYOID,
                                        TEXTARRAYOID, TIMESTAMPTZOID, INT8OID};

/* Custom plans: the planner sees how long the arrays are. */
constinit pg::Statement compare_with_stored("SELECT i.ordinal, " DIFFERS_FROM_STORED " FROM " INPUT_ROWS
                                            " JOIN opigno.user_context AS c ON c.uuid = i.uuid",
                                            input_types, pg::Statement::Plan::Custom);

constinit pg::Statement
    insert_new("INSERT INTO opigno.user_context"
               " (uuid, display_name, is_active, scope, created_at, updated_at, created_by_client_id)"
               " SELECT i.uuid, i.display_name, i.is_active, coalesce(string_to_array(i.scope, ','), '{}'), "
               "$5, $5, nullif($6, 0)"
               " FROM " INPUT_ROWS " WHERE i.display_name IS NOT NULL AND i.is_active IS NOT NULL"
               "  AND NOT EXISTS (SELECT FROM opigno.user_context AS c WHERE c.uuid = i.uuid)"
               " ORDER BY i.ordinal ON CONFLICT (uuid) DO NOTHING",
               input_and_time_types, pg::Statement::Plan::Custom);

constinit pg::Statement update_existing(
    "WITH i AS MATERIALIZED (SELECT i.* FROM " INPUT_ROWS
    "  JOIN opigno.user_context AS c ON c.uuid = i.uuid WHERE " DIFFERS_FROM_STORED
    "  ORDER BY i.ordinal FOR NO KEY UPDATE OF c)"
    " UPDATE opigno.user_context AS c SET display_name = coalesce(i.display_name, c.display_name),"
    "  is_active = coalesce(i.is_active, c.is_active),"
    "  scope = coalesce(string_to_array(i.scope, ','), c.scope),"
    "  updated_at = greatest(c.updated_at, $5)"
    " FROM i WHERE c.uuid = i.uuid",
    {input_and_time_types, 5}, pg::Statement::Plan::Custom);

/* The entries without faults, as the statements' parameters. */
class Columns {
  public:
    explicit Columns(const Entries &entries)
    {
        for (const Entry &entry : entries) {
            CHECK_FOR_INTERRUPTS();
            push_back(entry.change);
        }
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
    const Columns columns(entries);
    const std::uint64_t found = compare_with_stored.read_latest(columns.values());
    pg::Vector<State> states;
    for (std::size_t at = 0; at < entries.size(); ++at)
        states.push_back(State::New);
    for (std::uint64_t row = 0; row < found; ++row)
        states[static_cast<std::size_t>(DatumGetInt64(pg::column(1, row)) - 1)] =
            DatumGetBool(pg::column(2, row)) ? State::Different : State::Same;
    return states;
}

std::uint64_t run(pg::Statement &statement, const Entries &entries)
{
    return entries.empty() ? 0 : statement.write(Columns(entries).values());
}

constexpr int max_rounds = 5;

} // namespace

Comparison compare(Entries &entries, pg::Faults &faults)
{
    const pg::Vector<State> states = states_of(entries);
    Comparison result{};
    for (std::size_t at = 0; at < entries.size(); ++at) {
        CHECK_FOR_INTERRUPTS();
        Entry &entry = entries[at];
        if (states[at] == State::New && !entry.change.is_complete()) {
            faults.set_entry(entry.ordinal);
            add_missing(entry.change, json_names, faults);
            entry.at_fault = true;
        }
        if (entry.at_fault)
            continue;
        if (states[at] == State::Same)
            ++result.unchanged;
        else
            (states[at] == State::New ? result.to_create : result.to_update).push_back(entry);
    }
    return result;
}

/*
 * If as many rows were created and as many updated as were to be, no other session
 * came in between; else what is not yet as wanted is found and written again.
 */
Counts write(Entries &entries, Comparison found, bool report, pg::Faults &faults)
{
    std::uint64_t created = 0;
    std::uint64_t updated = 0;
    for (int round = 0; round < max_rounds; ++round) {
        const std::uint64_t now_created = run(insert_new, found.to_create);
        const std::uint64_t now_updated = run(update_existing, found.to_update);
        created += now_created;
        updated += now_updated;
        if (now_created == found.to_create.size() && now_updated == found.to_update.size())
            return {created, updated,
                    entries.size() - std::min<std::uint64_t>(entries.size(), created + updated)};
        found = compare(entries, faults);
        if (!report) {
            faults.sort();
            faults.raise();
        }
        entries = entries_that(entries, [](const Entry &entry) { return !entry.at_fault; });
    }
    ereport(
        ERROR, errcode(ERRCODE_WRONG_STATE), errmsg("could not write all user contexts"),
        errhint(
            "Look for a trigger on opigno.user_context that suppresses what is written, or for sessions that "
            "create and remove the same users all the time."));
}

} // namespace opigno::context
