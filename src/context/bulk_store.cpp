#include "context/bulk_store.hpp"

#include "bulk/keyed_rows.hpp"
#include "context/activation.hpp"
#include "identity/request.hpp"
#include "identity/retired.hpp"
#include "pg/array.hpp"
#include "pg/spi.hpp"
#include "pg/time.hpp"

namespace opigno::context {

namespace {

using Entries = bulk::Batch<Entry>;

/* $1 to $4: the members of the user contexts, one array each; NULL: leave the member as it is.
 * Scopes are joined by commas. $5: the versions that the entries expect to change; NULL: any. $6: the
 * time. $7: the client, or 0. $8: the version of new user contexts. */
#define INPUT_ROWS                                                                                           \
    "unnest($1, $2, $3, $4, $5) WITH ORDINALITY AS i (uuid, display_name, is_active, scope, expected, n)"
#define DIFFERS_FROM_STORED                                                                                  \
    "(c.display_name <> coalesce(i.display_name, c.display_name)"                                            \
    " OR c.is_active <> coalesce(i.is_active, c.is_active)"                                                  \
    " OR c.scope <> coalesce(string_to_array(i.scope, ','), c.scope))"

constexpr Oid types[] = {TEXTARRAYOID, TEXTARRAYOID,   BOOLARRAYOID, TEXTARRAYOID,
                         INT8ARRAYOID, TIMESTAMPTZOID, INT8OID,      INT8OID};

/* The last column: whether the user is being retired, if the entry would make it active. */
constinit pg::BatchStatement
    compare_with_stored("SELECT i.n, " DIFFERS_FROM_STORED ", c.version, c.id,"
                        " CASE WHEN i.is_active AND NOT c.is_active THEN EXISTS ("
                        "  SELECT FROM opigno.retirement AS r"
                        "  WHERE r.user_uuid = i.uuid AND r.current_state <> 'ABORTED') END"
                        " FROM " INPUT_ROWS " JOIN opigno.user_context AS c ON c.uuid = i.uuid",
                        {types, 5});

constinit pg::BatchStatement insert_in_order(
    "INSERT INTO opigno.user_context AS c"
    " (uuid, display_name, is_active, scope, created_at, updated_at, created_by_client_id, version,"
    "  account_version)"
    " SELECT i.uuid, i.display_name, i.is_active, coalesce(string_to_array(i.scope, ','), '{}'), $6, $6,"
    "  nullif($7, 0), $8, $8"
    " FROM " INPUT_ROWS " ORDER BY i.n ON CONFLICT (uuid) DO NOTHING RETURNING c.uuid::text",
    types);

#define DIFFERING_ROWS                                                                                       \
    " JOIN opigno.user_context AS c ON c.uuid = i.uuid WHERE " DIFFERS_FROM_STORED                           \
    "  AND (i.expected IS NULL OR c.version = i.expected) ORDER BY i.n FOR NO KEY UPDATE OF c"

constinit pg::BatchStatement lock_in_order("SELECT i.n FROM " INPUT_ROWS DIFFERING_ROWS, {types, 5});

/* $7: whether the user may become active. */
constexpr Oid update_types[] = {TEXTARRAYOID, TEXTARRAYOID,   BOOLARRAYOID, TEXTARRAYOID,
                                INT8ARRAYOID, TIMESTAMPTZOID, BOOLARRAYOID};
constinit pg::BatchStatement update_in_order(
    "WITH i AS MATERIALIZED (SELECT i.* FROM unnest($1, $2, $3, $4, $5, $7) WITH ORDINALITY AS i"
    " (uuid, display_name, is_active, scope, expected, may_activate, n)" DIFFERING_ROWS ")"
    " UPDATE opigno.user_context AS c SET display_name = coalesce(i.display_name, c.display_name),"
    "  is_active = coalesce(i.is_active, c.is_active),"
    "  scope = coalesce(string_to_array(i.scope, ','), c.scope), version = c.version + 1,"
    "  account_version = c.account_version"
    "   + (c.display_name <> coalesce(i.display_name, c.display_name))::integer,"
    "  updated_at = greatest(c.updated_at, $6)"
    " FROM i WHERE c.uuid = i.uuid AND (i.expected IS NULL OR c.version = i.expected)"
    "  AND (c.is_active OR i.may_activate OR i.is_active IS NOT TRUE) RETURNING i.n",
    update_types);

/* The entries as the statements' parameters. */
class Columns {
  public:
    explicit Columns(const Entries &entries)
    {
        pg::ArrayColumn uuids;
        pg::ArrayColumn names;
        pg::ArrayColumn actives;
        pg::ArrayColumn scopes;
        pg::ArrayColumn versions;
        for (const auto &[ordinal, change, has_errors] : entries) {
            uuids.add(change.uuid);
            names.add(change.display_name);
            actives.add(BoolGetDatum(change.is_active.value_or(false)), !change.is_active.has_value());
            scopes.add(change.scope == nullptr ? nullptr : joined(change.scope));
            const std::int64_t expected = change.expected.value_or(pg::any_version);
            versions.add(Int64GetDatum(expected), expected == pg::any_version);
        }
        values_[0] = uuids.text_array();
        values_[1] = names.text_array();
        values_[2] = actives.boolean_array();
        values_[3] = scopes.text_array();
        values_[4] = versions.array(INT8OID, 8, true, TYPALIGN_DOUBLE);
        values_[5] = TimestampTzGetDatum(GetCurrentTransactionStartTimestamp());
        const identity::Request *request = identity::current_request();
        values_[6] = Int64GetDatum(request == nullptr ? 0 : request->client_id.value_or(0));
        values_[7] = Int64GetDatum(pg::first_version());
    }
    [[nodiscard]] Datum uuids() const { return values_[0]; }
    /* For update_in_order. */
    void set_may_activate(const pg::Vector<bool> &may_activate)
    {
        pg::ArrayColumn column;
        for (const bool each : may_activate)
            column.add(BoolGetDatum(each));
        values_[6] = column.boolean_array();
    }
    [[nodiscard]] const Datum *values() const { return values_; }

  private:
    static text *joined(ArrayType *scope)
    {
        StringInfoData names;
        initStringInfo(&names);
        for (const std::string_view name : pg::names_of(scope))
            appendStringInfo(&names, "%s%.*s", names.len > 0 ? "," : "", static_cast<int>(name.size()),
                             name.data());
        return pg::make_text({names.data, static_cast<std::size_t>(names.len)});
    }

    Datum values_[8] = {};
};

static_assert(std::is_trivially_destructible_v<Columns>);

std::optional<bool> flag_of(const std::optional<Datum> &value)
{
    return value.has_value() ? std::optional<bool>(DatumGetBool(*value)) : std::nullopt;
}

/*
 * Which of these users an entry may activate. Locks the rows that differ, and looks then who is being
 * retired: begin_retirement locks the same rows first. A row that has not been locked is not activated.
 */
pg::Vector<bool> activatable(const Entries &entries, const Columns &columns)
{
    pg::Vector<bool> may_activate;
    for (std::size_t at = 0; at < entries.size(); ++at)
        may_activate.push_back(false);
    const std::uint64_t locked = lock_in_order.write(columns.values());
    for (std::uint64_t row = 0; row < locked; ++row)
        may_activate[static_cast<std::size_t>(DatumGetInt64(pg::column(1, row)) - 1)] = true;
    const pg::Vector<bool> is_retiring = are_in_retirement(columns.uuids(), entries.size());
    for (std::size_t at = 0; at < entries.size(); ++at)
        may_activate[at] = may_activate[at] && !is_retiring[at];
    return may_activate;
}

/* Takes back the user contexts of retired users, and adds an error for each. Returns the others. */
Entries without_retired(const Entries &created, const Spelling &spelling, bulk::Run &run)
{
    pg::Vector<text *> users;
    for (const Entry &entry : created)
        users.push_back(entry.change.uuid);
    const pg::Vector<bool> retired = identity::take_back_retired(users);
    Entries others;
    for (std::size_t at = 0; at < created.size(); ++at) {
        pg::Errors errors;
        if (!retired[at])
            others.push_back(created[at]);
        else
            identity::add_retired_user(spelling.uuid, errors);
        bulk::add_errors(created[at], errors, run.errors);
    }
    return others;
}

struct Store {
    using Entry = context::Entry;
    struct State {
        std::int64_t version = 0;
        bool differs = false;
        std::optional<std::int64_t> id;
        std::optional<bool> activates_retiring; /* if the entry makes the user active: who is being retired */
    };
    const Spelling &spelling;
    bool activates = false; /* whether any entry makes an inactive user active */

    static text *key_of(const Entry &entry) { return entry.change.uuid; }
    static std::uint64_t find(const Entries &entries)
    {
        return compare_with_stored.read_latest(Columns(entries).values());
    }
    static std::uint64_t insert(const Entries &entries)
    {
        return insert_in_order.write(Columns(entries).values());
    }
    std::uint64_t update(const Entries &entries) const
    {
        Columns columns(entries);
        pg::Vector<bool> may_activate;
        if (activates)
            may_activate = activatable(entries, columns);
        else
            for (std::size_t at = 0; at < entries.size(); ++at)
                may_activate.push_back(false);
        columns.set_may_activate(may_activate);
        return update_in_order.write(columns.values());
    }
    static State state_of(std::uint64_t row)
    {
        return {DatumGetInt64(pg::column(3, row)), DatumGetBool(pg::column(2, row)),
                DatumGetInt64(pg::column(4, row)), flag_of(pg::nullable_column(5, row))};
    }
    void check(const Entry &entry, const State &state, pg::Errors &errors)
    {
        activates = activates || state.activates_retiring.has_value();
        if (!pg::is_expected(state.version, entry.change.expected))
            pg::add_other_version("user context", state.version, *entry.change.expected, json_names.version,
                                  errors);
        if (state.version == 0)
            add_reasons_against_creation(entry.change, spelling, errors);
        add_wrong_id(entry.change, state.id, errors);
        if (state.activates_retiring.value_or(false))
            add_in_retirement(spelling.is_active, errors);
    }
    Entries kept(const Entries &created, bulk::Run &run) const
    {
        return without_retired(created, spelling, run);
    }
    [[noreturn]] static void refuse()
    {
        ereport(ERROR, errcode(ERRCODE_WRONG_STATE), errmsg("could not write all user contexts"),
                errhint("Look for a trigger on opigno.user_context that suppresses what is written, or for "
                        "sessions that create and remove the same users all the time."));
    }
};

static_assert(std::is_trivially_destructible_v<bulk::KeyedRows<Store>>);

} // namespace

void write_all(bulk::EntrySort<Entry> &entries, bulk::Run &run, const Spelling &spelling)
{
    bulk::KeyedRows<Store>({spelling}, run).write(entries, "user");
}

} // namespace opigno::context
