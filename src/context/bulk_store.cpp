#include "context/bulk_store.hpp"

#include "identity/request.hpp"
#include "pg/array.hpp"
#include "pg/spi.hpp"
#include "pg/time.hpp"
#include "pg/vector.hpp"

#include <algorithm>

namespace opigno::context {

using bulk::Outcome;

namespace {

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

constinit pg::BatchStatement compare_with_stored("SELECT i.n, " DIFFERS_FROM_STORED
                                                 ", c.version, c.id FROM " INPUT_ROWS
                                                 " JOIN opigno.user_context AS c ON c.uuid = i.uuid",
                                                 {types, 5});

constinit pg::BatchStatement insert_in_order(
    "INSERT INTO opigno.user_context AS c"
    " (uuid, display_name, is_active, scope, created_at, updated_at, created_by_client_id, version,"
    "  account_version)"
    " SELECT i.uuid, i.display_name, i.is_active, coalesce(string_to_array(i.scope, ','), '{}'), $6, $6,"
    "  nullif($7, 0), $8, $8"
    " FROM " INPUT_ROWS " ORDER BY i.n ON CONFLICT (uuid) DO NOTHING RETURNING c.uuid::text",
    types);

constinit pg::BatchStatement update_in_order(
    "WITH i AS MATERIALIZED (SELECT i.* FROM " INPUT_ROWS
    "  JOIN opigno.user_context AS c ON c.uuid = i.uuid WHERE " DIFFERS_FROM_STORED
    "   AND (i.expected IS NULL OR c.version = i.expected)"
    "  ORDER BY i.n FOR NO KEY UPDATE OF c)"
    " UPDATE opigno.user_context AS c SET display_name = coalesce(i.display_name, c.display_name),"
    "  is_active = coalesce(i.is_active, c.is_active),"
    "  scope = coalesce(string_to_array(i.scope, ','), c.scope), version = c.version + 1,"
    "  account_version = c.account_version"
    "   + (c.display_name <> coalesce(i.display_name, c.display_name))::integer,"
    "  updated_at = greatest(c.updated_at, $6)"
    " FROM i WHERE c.uuid = i.uuid AND (i.expected IS NULL OR c.version = i.expected) RETURNING i.n",
    {types, 6});

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

/* How an entry's user context is stored. version 0: there is none. */
struct State {
    std::int64_t version = 0;
    bool differs = false;
    std::optional<std::int64_t> id;
};

pg::Vector<State> states_of(const Entries &entries)
{
    const std::uint64_t found = compare_with_stored.read_latest(Columns(entries).values());
    pg::Vector<State> states;
    for (std::size_t at = 0; at < entries.size(); ++at)
        states.push_back({});
    for (std::uint64_t row = 0; row < found; ++row)
        states[static_cast<std::size_t>(DatumGetInt64(pg::column(1, row)) - 1)] = {
            DatumGetInt64(pg::column(3, row)), DatumGetBool(pg::column(2, row)),
            DatumGetInt64(pg::column(4, row))};
    return states;
}

void count_written(const Entries &written, Outcome outcome, bulk::Run &run)
{
    if (written.empty())
        return;
    run.count_written(outcome, written.size(), written[0].change.uuid,
                      written[written.size() - 1].change.uuid);
}

/* Creates user contexts. Returns the entries whose user contexts exist already. */
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
            pg::view(entry.change.uuid) == pg::view(DatumGetTextPP(pg::column(1, written.size())));
        (is_created ? written : left).push_back(entry);
    }
    count_written(written, Outcome::Created, run);
    return left;
}

/* Changes user contexts. Returns the entries that changed nothing: their user contexts have these
 * values already, or do not exist. */
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

/* Splits the entries into those to create and those to change. Counts those that need no change.
 * Adds errors for those that lack members to create a user context, expect another version, or have a
 * wrong id. */
Comparison compare(const Entries &entries, const Spelling &spelling, bulk::Run &run)
{
    const pg::Vector<State> states = states_of(entries);
    Comparison found;
    for (std::size_t at = 0; at < entries.size(); ++at) {
        const Entry &entry = entries[at];
        const auto &[version, differs, id] = states[at];
        const bool is_new = version == 0;
        pg::Errors errors;
        if (!pg::is_expected(version, entry.change.expected))
            pg::add_other_version("user context", version, *entry.change.expected, json_names.version,
                                  errors);
        if (is_new)
            add_reasons_against_creation(entry.change, spelling, errors);
        add_wrong_id(entry.change, id, errors);
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

bool comes_before(const Entry &left, const Entry &right)
{
    return pg::view(left.change.uuid) < pg::view(right.change.uuid);
}

/* Another round is needed only if other sessions create or delete the same users meanwhile. */
constexpr int max_rounds = 5;

} // namespace

void create_new(const Entries &entries, const Spelling &spelling, bulk::Run &run,
                bulk::EntrySort<Entry> &existing)
{
    const Comparison found = compare(entries, spelling, run);
    for (const Entries &others : {found.to_change, create(found.to_create, run)})
        for (const Entry &entry : others)
            existing.add(entry);
}

void change_existing(const Entries &entries, const Spelling &spelling, bulk::Run &run)
{
    Entries left = entries;
    for (int round = 0; round < max_rounds; ++round) {
        CHECK_FOR_INTERRUPTS();
        left = change(left, run);
        if (left.empty())
            return;
        const Comparison found = compare(left, spelling, run);
        left = create(found.to_create, run);
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
