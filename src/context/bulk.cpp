/*
 * set_user_contexts: many user contexts in three set-based statements. The
 * entries go in sorted by uuid, so that two calls at once lock rows in the same
 * order. New ones are inserted, what exists by then is updated: an entry that
 * leaves members alone leaves them alone also if another session creates the
 * context in between.
 */
#include "context/answer.hpp"
#include "context/change.hpp"
#include "identity/access.hpp"
#include "pg/spi.hpp"
#include "json/reader.hpp"

#include <algorithm>

namespace opigno::context {

namespace {

struct Entry {
    std::int64_t ordinal;
    Change change;
    bool at_fault;
    bool is_repeated; /* an earlier entry names the same user */
};

using Entries = pg::Vector<Entry>;

struct Options {
    bool report;
    bool dry_run;
};

struct Counts {
    std::uint64_t created;
    std::uint64_t updated;
    std::uint64_t unchanged;
};

/* $1 to $4: a context each, NULL for what it leaves, scopes joined by commas. */
#define INPUT "unnest($1, $2, $3, $4) WITH ORDINALITY AS i (uuid, display_name, is_active, scope, ordinal)"
#define DIFFERS                                                                                              \
    "(c.display_name <> coalesce(i.display_name, c.display_name)"                                            \
    " OR c.is_active <> coalesce(i.is_active, c.is_active)"                                                  \
    " OR c.scope <> coalesce(string_to_array(i.scope, ','), c.scope))"

constexpr Oid input_types[] = {TEXTARRAYOID, TEXTARRAYOID, BOOLARRAYOID, TEXTARRAYOID};
constexpr Oid input_and_time_types[] = {TEXTARRAYOID, TEXTARRAYOID, BOOLARRAYOID, TEXTARRAYOID,
                                        TIMESTAMPTZOID};

/* Custom plans: the planner sees how long the arrays are. */
constinit pg::Statement compare_with_stored("SELECT i.ordinal, " DIFFERS " FROM " INPUT
                                            " JOIN opigno.user_context AS c ON c.uuid = i.uuid",
                                            input_types, pg::Statement::Plan::Custom);

constinit pg::Statement insert_new(
    "INSERT INTO opigno.user_context (uuid, display_name, is_active, scope, created_at, updated_at)"
    " SELECT i.uuid, i.display_name, i.is_active, coalesce(string_to_array(i.scope, ','), '{}'), $5, $5"
    " FROM " INPUT " WHERE i.display_name IS NOT NULL AND i.is_active IS NOT NULL"
    "  AND NOT EXISTS (SELECT FROM opigno.user_context AS c WHERE c.uuid = i.uuid)"
    " ORDER BY i.ordinal ON CONFLICT (uuid) DO NOTHING",
    input_and_time_types, pg::Statement::Plan::Custom);

constinit pg::Statement update_existing(
    "WITH i AS MATERIALIZED (SELECT i.* FROM " INPUT
    "  JOIN opigno.user_context AS c ON c.uuid = i.uuid WHERE " DIFFERS
    "  ORDER BY i.ordinal FOR NO KEY UPDATE OF c)"
    " UPDATE opigno.user_context AS c SET display_name = coalesce(i.display_name, c.display_name),"
    "  is_active = coalesce(i.is_active, c.is_active),"
    "  scope = coalesce(string_to_array(i.scope, ','), c.scope), updated_at = $5"
    " FROM i WHERE c.uuid = i.uuid",
    input_and_time_types, pg::Statement::Plan::Custom);

/* The entries without faults, as the statements' parameters. */
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
    Datum values_[5] = {};
};

static_assert(std::is_trivially_destructible_v<Columns>);

Options options_of(FunctionCallInfo fcinfo)
{
    Options options{false, !PG_ARGISNULL(2) && PG_GETARG_BOOL(2)};
    if (PG_ARGISNULL(1))
        return options;
    const std::string_view on_error = pg::view(PG_GETARG_TEXT_PP(1));
    options.report = on_error == "report";
    if (!options.report && on_error != "abort")
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("\"on_error\" must be \"abort\" or \"report\""));
    return options;
}

Entries entries_from(Jsonb *list, pg::Faults &faults)
{
    Entries entries;
    const JsonbValue root = json::root_of(list);
    if (!json::is_array(root)) {
        faults.add(ERRCODE_INVALID_PARAMETER_VALUE, nullptr, "user contexts must be a JSON array, not %s",
                   json::type_of(root));
        return entries;
    }
    identity::ScopeRegistry registry(identity::ScopeRegistry::Snapshot::Latest);
    std::int64_t ordinal = 0;
    json::each_element(root, [&](const JsonbValue &element) {
        CHECK_FOR_INTERRUPTS();
        faults.set_entry(++ordinal);
        const std::size_t before = faults.size();
        const Change change = change_from_json(element, registry, faults);
        entries.push_back({ordinal, change, faults.size() > before, false});
    });
    return entries;
}

std::string_view key_of(const Entry &entry)
{
    return pg::view(entry.change.uuid);
}

/* By uuid and then by place in the list; those without a usable uuid come last. */
bool comes_before(const Entry &left, const Entry &right)
{
    if (left.change.uuid == nullptr || right.change.uuid == nullptr)
        return left.change.uuid != nullptr || (right.change.uuid == nullptr && left.ordinal < right.ordinal);
    const int order = key_of(left).compare(key_of(right));
    return order != 0 ? order < 0 : left.ordinal < right.ordinal;
}

void add_repeated_users(Entries &entries, pg::Faults &faults)
{
    const Entry *first = nullptr;
    for (Entry &entry : entries) {
        if (entry.change.uuid == nullptr)
            return;
        if (first == nullptr || key_of(*first) != key_of(entry)) {
            first = &entry;
            continue;
        }
        faults.set_entry(entry.ordinal);
        faults.add(ERRCODE_INVALID_PARAMETER_VALUE, json_names.uuid,
                   "\"uuid\" names the same user as entry " INT64_FORMAT, first->ordinal);
        entry.at_fault = true;
        entry.is_repeated = true;
    }
}

template <typename Condition> Entries entries_that(const Entries &entries, Condition condition)
{
    Entries result;
    for (const Entry &entry : entries)
        if (condition(entry))
            result.push_back(entry);
    return result;
}

bool is_good(const Entry &entry)
{
    return !entry.at_fault;
}

/*
 * What the entries, each of another user, would do to the rows as they are now.
 * Those that would create a context and lack what that takes are at fault.
 */
Counts compare(Entries &entries, pg::Faults &faults)
{
    const Columns columns(entries);
    const std::uint64_t found = compare_with_stored.read_latest(columns.values());
    enum State : char { New, Same, Different };
    pg::Vector<State> states;
    for (std::size_t at = 0; at < entries.size(); ++at)
        states.push_back(New);
    for (std::uint64_t row = 0; row < found; ++row)
        states[static_cast<std::size_t>(DatumGetInt64(pg::column(1, row)) - 1)] =
            DatumGetBool(pg::column(2, row)) ? Different : Same;

    Counts counts{0, 0, 0};
    for (std::size_t at = 0; at < entries.size(); ++at) {
        Entry &entry = entries[at];
        if (states[at] == New && !entry.change.is_complete()) {
            faults.set_entry(entry.ordinal);
            add_missing(entry.change, json_names, faults);
            entry.at_fault = true;
        }
        if (entry.at_fault)
            continue;
        ++(states[at] == New ? counts.created : states[at] == Same ? counts.unchanged : counts.updated);
    }
    return counts;
}

Counts write(const Entries &entries)
{
    const Columns columns(entries);
    const std::uint64_t created = insert_new.write(columns.values());
    const std::uint64_t updated = update_existing.write(columns.values());
    return {created, updated, entries.size() - created - updated};
}

void write_counts(json::Writer &answer, const Counts &counts)
{
    answer.begin_object();
    answer.key("created").integer(static_cast<std::int64_t>(counts.created));
    answer.key("updated").integer(static_cast<std::int64_t>(counts.updated));
    answer.key("unchanged").integer(static_cast<std::int64_t>(counts.unchanged));
    answer.end_object();
}

Datum set_many(text *body, const Options &options)
{
    return pg::with_spi([&](MemoryContext outer) {
        pg::Faults faults;
        Jsonb *list = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(text_to_cstring(body))));
        Entries entries = entries_from(list, faults);
        std::sort(entries.begin(), entries.end(), comes_before);
        add_repeated_users(entries, faults);
        Entries users = entries_that(
            entries, [](const Entry &entry) { return entry.change.uuid != nullptr && !entry.is_repeated; });
        Counts counts = compare(users, faults);
        faults.sort();
        const bool refused = !faults.empty() && (!options.report || faults.all()[0].ordinal == 0);
        if (!refused && !options.dry_run)
            counts = write(entries_that(users, is_good));

        MemoryContextSwitchTo(outer);
        json::Writer answer;
        answer.begin_object();
        write_errors(answer, faults);
        answer.key("response");
        if (refused)
            answer.null();
        else
            write_counts(answer, counts);
        answer.end_object();
        return answer.json();
    });
}

} // namespace

} // namespace opigno::context

using namespace opigno;

OPIGNO_FUNCTION(opigno_set_user_contexts)
{
    if (PG_ARGISNULL(0))
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("\"body\" is required"));
    const context::Options options = context::options_of(fcinfo);
    return identity::as_owner(fcinfo, [&] { return context::set_many(PG_GETARG_TEXT_PP(0), options); });
}
