#include "profile/bulk_store.hpp"

#include "pg/spi.hpp"
#include "pg/text.hpp"
#include "json/document_limit.hpp"
#include "json/merge_patch.hpp"

#include <algorithm>

namespace opigno::profile {

namespace {

#define INPUT_KEYS "unnest($1, $2) WITH ORDINALITY AS i (user_uuid, app_id, n)"
#define INPUT_ROWS "unnest($1, $2, $3) WITH ORDINALITY AS i (user_uuid, app_id, document, n)"

constexpr Oid types[] = {TEXTARRAYOID, INT4ARRAYOID, JSONBARRAYOID, TIMESTAMPTZOID};
constexpr Oid user_types[] = {TEXTARRAYOID, TIMESTAMPTZOID};

constinit pg::BatchStatement insert_users(
    "INSERT INTO opigno.user_context (uuid, display_name, is_active, scope, created_at, updated_at)"
    " SELECT i.uuid, 'Anonymous User', true, '{}', $2, $2 FROM unnest($1) WITH ORDINALITY AS i (uuid, n)"
    " WHERE NOT EXISTS (SELECT FROM opigno.user_context AS c WHERE c.uuid = i.uuid)"
    " ORDER BY i.n ON CONFLICT (uuid) DO NOTHING",
    user_types);
constinit pg::BatchStatement
    lock_users("SELECT i.n FROM unnest($1) WITH ORDINALITY AS i (uuid, n)"
               " JOIN opigno.user_context AS c ON c.uuid = i.uuid FOR KEY SHARE OF c",
               {user_types, 1});
constexpr Oid app_types[] = {INT4ARRAYOID};
constinit pg::BatchStatement
    lock_apps("SELECT a.app_id FROM opigno.app AS a WHERE a.app_id = ANY ($1) FOR KEY SHARE OF a", app_types);
#define INSERT_ROWS                                                                                          \
    "INSERT INTO opigno.profile AS p (user_uuid, app_id, profile_data, version, created_at, updated_at)"     \
    " SELECT i.user_uuid, i.app_id, i.document, 1, $4, $4 FROM " INPUT_ROWS                                  \
    " ORDER BY i.n ON CONFLICT (user_uuid, app_id) "
#define TELL_INSERTED " RETURNING p.user_uuid::text, p.app_id"
constinit pg::BatchStatement insert_new(INSERT_ROWS "DO NOTHING" TELL_INSERTED, types);
/* Locks, in the rows' order, those that are there: two loads whose batches end elsewhere do not deadlock. */
constinit pg::BatchStatement
    insert_or_lock(INSERT_ROWS "DO UPDATE SET version = p.version WHERE false" TELL_INSERTED, types);
constinit pg::BatchStatement
    lock_existing("SELECT i.n, p.profile_data FROM " INPUT_KEYS
                  " JOIN opigno.profile AS p ON p.user_uuid = i.user_uuid AND p.app_id = i.app_id"
                  " ORDER BY i.n FOR NO KEY UPDATE OF p",
                  {types, 2});
constinit pg::BatchStatement read_existing(
    "SELECT i.n, p.profile_data FROM " INPUT_KEYS
    " JOIN opigno.profile AS p ON p.user_uuid = i.user_uuid AND p.app_id = i.app_id ORDER BY i.n",
    {types, 2});
constinit pg::BatchStatement
    update_locked("UPDATE opigno.profile AS p SET profile_data = i.document, version = p.version + 1,"
                  "  updated_at = greatest(p.updated_at, $4)"
                  " FROM " INPUT_ROWS " WHERE p.user_uuid = i.user_uuid AND p.app_id = i.app_id",
                  types);
/* Which of the keys are there. */
constinit pg::BatchStatement find_existing(
    "SELECT i.n FROM " INPUT_KEYS
    " JOIN opigno.profile AS p ON p.user_uuid = i.user_uuid AND p.app_id = i.app_id ORDER BY i.n",
    {types, 2});
/* In the rows' order, as pg::BatchStatement does: they are sorted by their keys. */
#define UPDATE_ROWS(document, changes)                                                                       \
    "UPDATE opigno.profile AS p SET profile_data = " document ", version = p.version + 1,"                   \
    "  updated_at = greatest(p.updated_at, $4) FROM " INPUT_ROWS                                             \
    " WHERE p.user_uuid = i.user_uuid AND p.app_id = i.app_id"                                               \
    "  AND " changes " RETURNING i.n"
constinit pg::BatchStatement
    replace_existing(UPDATE_ROWS("i.document", "NOT opigno.jsonb_is_same(p.profile_data, i.document)"),
                     types);
#define MERGED "opigno.merged_profile(p.profile_data, i.document)"
/* What comes of a merge unchanged or too large is left out here, and read and decided by those after. */
constinit pg::BatchStatement merge_existing(UPDATE_ROWS(MERGED, MERGED " IS NOT NULL"), types);
constinit pg::BatchStatement
    delete_keys("WITH i AS MATERIALIZED (SELECT i.* FROM " INPUT_KEYS
                "  JOIN opigno.profile AS p ON p.user_uuid = i.user_uuid AND p.app_id = i.app_id"
                "  ORDER BY i.n FOR UPDATE OF p)"
                " DELETE FROM opigno.profile AS p USING i"
                " WHERE p.user_uuid = i.user_uuid AND p.app_id = i.app_id",
                {types, 2});

ArrayType *array_of(const pg::Vector<Datum> &values, Oid type, int length, bool by_value, char alignment)
{
    return construct_array(const_cast<Datum *>(values.begin()), static_cast<int>(values.size()), type, length,
                           by_value, alignment);
}

/* The rows as the statements' parameters. */
class Columns {
  public:
    explicit Columns(const BulkRows &rows)
    {
        pg::Vector<Datum> users;
        pg::Vector<Datum> apps;
        pg::Vector<Datum> documents;
        for (const BulkRow &row : rows) {
            users.push_back(PointerGetDatum(row.user_uuid));
            apps.push_back(Int32GetDatum(row.app_id));
            if (row.document != nullptr)
                documents.push_back(PointerGetDatum(row.document));
        }
        values_[0] = PointerGetDatum(array_of(users, TEXTOID, -1, false, TYPALIGN_INT));
        values_[1] = PointerGetDatum(array_of(apps, INT4OID, 4, true, TYPALIGN_INT));
        values_[2] = PointerGetDatum(array_of(documents, JSONBOID, -1, false, TYPALIGN_INT));
        values_[3] = TimestampTzGetDatum(GetCurrentTransactionStartTimestamp());
    }
    [[nodiscard]] const Datum *values() const { return values_; }

  private:
    Datum values_[4];
};

static_assert(std::is_trivially_destructible_v<Columns>);

bool is_same_key(const BulkRow &row, std::string_view user_uuid, std::int32_t app_id)
{
    return row.app_id == app_id && pg::view(row.user_uuid) == user_uuid;
}

/* Those of the rows that the statement in SPI_tuptable does not tell of; it tells of (user_uuid, app_id) in
 * the rows' order. */
BulkRows not_inserted(const BulkRows &rows)
{
    BulkRows left;
    std::uint64_t told = 0;
    for (const BulkRow &row : rows) {
        if (told < SPI_processed && is_same_key(row, pg::view(DatumGetTextPP(pg::column(1, told))),
                                                DatumGetInt32(pg::column(2, told))))
            ++told;
        else
            left.push_back(row);
    }
    return left;
}

/* What is to be stored where there is no profile yet. */
BulkRows as_new(const BulkRows &rows, bool is_patch)
{
    BulkRows made;
    for (BulkRow row : rows) {
        if (is_patch)
            row.document = json::merge_patch(nullptr, row.document);
        made.push_back(row);
    }
    return made;
}

/* Gives the rows whose profiles are there already. */
BulkRows insert(const BulkRows &rows, bool is_patch, bool locks, BulkCounts &counts)
{
    const Columns columns(as_new(rows, is_patch));
    counts.created +=
        static_cast<std::int64_t>((locks ? insert_or_lock : insert_new).write(columns.values()));
    return not_inserted(rows);
}

/* A profile as stored, and what becomes of it. */
enum class Fate { Gone, Unchanged, Changed, TooLarge };

/* Merges or replaces one row whose profile is the next of those found; those are in the rows' order. */
Fate decide(BulkRow &row, std::int64_t number, std::uint64_t &next, std::uint64_t found, bool merges)
{
    if (next == found || DatumGetInt64(pg::column(1, next)) != number)
        return Fate::Gone;
    Jsonb *stored = DatumGetJsonbP(pg::column(2, next++));
    const Jsonb *given = row.document;
    if (merges)
        row.document = json::merge_patch(stored, row.document);
    if (json::is_same(stored, row.document))
        return Fate::Unchanged;
    /* What replaces was measured when it was read. */
    return merges && json::excess_of(given, row.document, stored, json::max_document) != json::Excess::None
               ? Fate::TooLarge
               : Fate::Changed;
}

void add_too_large(const BulkRow &row, BulkFaults &faults)
{
    faults.add({row.ordinal, ERRCODE_PROGRAM_LIMIT_EXCEEDED, row.user_uuid, row.app_id, "",
                json::message_of(json::Excess::Size, json::max_document)});
}

/* Writes what differs of these, and adds the rows whose profiles went away meanwhile. */
void update_some(const BulkRows &rows, bool merges, BulkCounts &counts, BulkFaults &faults, BulkRows &gone)
{
    const std::uint64_t found = lock_existing.write(Columns(rows).values());
    BulkRows changed;
    std::uint64_t next = 0;
    for (std::size_t at = 0; at < rows.size(); ++at) {
        CHECK_FOR_INTERRUPTS();
        BulkRow row = rows[at];
        const Fate fate = decide(row, static_cast<std::int64_t>(at + 1), next, found, merges);
        if (fate == Fate::Changed)
            changed.push_back(row);
        else if (fate == Fate::Gone)
            gone.push_back(rows[at]);
        else if (fate == Fate::TooLarge)
            add_too_large(rows[at], faults);
        else
            ++counts.unchanged;
    }
    if (!changed.empty() && update_locked.write(Columns(changed).values()) != changed.size())
        pg::refuse_suppressed_write();
    (merges ? counts.merged : counts.replaced) += static_cast<std::int64_t>(changed.size());
}

/* A few at a time, with memory of their own: stored documents may be large where patches are small. */
template <typename Body> void in_fews(const BulkRows &rows, Body body)
{
    constexpr std::size_t a_few = 100;
    for (std::size_t from = 0; from < rows.size(); from += a_few) {
        BulkRows some;
        for (std::size_t at = from; at < std::min(from + a_few, rows.size()); ++at)
            some.push_back(rows[at]);
        pg::with_spi([&](MemoryContext) {
            body(some);
            return 0;
        });
    }
}

BulkRows update(const BulkRows &rows, bool merges, BulkCounts &counts, BulkFaults &faults)
{
    BulkRows gone;
    in_fews(rows, [&](const BulkRows &some) { update_some(some, merges, counts, faults, gone); });
    return gone;
}

void add_existing(const BulkRows &rows, BulkFaults &faults)
{
    for (const BulkRow &row : rows)
        faults.add({row.ordinal, ERRCODE_UNIQUE_VIOLATION, row.user_uuid, row.app_id, "",
                    "the profile exists already"});
}

/* Whether each of the rows' users is there, in their order; they are locked. */
pg::Vector<bool> known_users(const BulkRows &rows)
{
    pg::Vector<Datum> users;
    pg::Vector<bool> known;
    for (const BulkRow &row : rows) {
        users.push_back(PointerGetDatum(row.user_uuid));
        known.push_back(false);
    }
    const Datum list = PointerGetDatum(array_of(users, TEXTOID, -1, false, TYPALIGN_INT));
    const std::uint64_t found = lock_users.write(&list);
    for (std::uint64_t row = 0; row < found; ++row)
        known[static_cast<std::size_t>(DatumGetInt64(pg::column(1, row)) - 1)] = true;
    return known;
}

/* The ids of the rows that are apps, sorted; they are locked. */
pg::Vector<std::int32_t> known_apps(const BulkRows &rows)
{
    pg::Vector<Datum> apps;
    for (const BulkRow &row : rows)
        apps.push_back(Int32GetDatum(row.app_id));
    std::sort(apps.begin(), apps.end());
    pg::Vector<Datum> each;
    for (const Datum app : apps)
        if (each.empty() || each[each.size() - 1] != app)
            each.push_back(app);
    const Datum list = PointerGetDatum(array_of(each, INT4OID, 4, true, TYPALIGN_INT));
    const std::uint64_t found = lock_apps.write(&list);
    pg::Vector<std::int32_t> known;
    for (std::uint64_t row = 0; row < found; ++row)
        known.push_back(DatumGetInt32(pg::column(1, row)));
    std::sort(known.begin(), known.end());
    return known;
}

/* A quick look at one row: where it is new the others need not be looked for. */
bool is_there(const BulkRow &row)
{
    BulkRows one;
    one.push_back(row);
    return find_existing.read_latest(Columns(one).values()) == 1;
}

/* Those of the rows that the statement in SPI_tuptable does not tell of; it tells of their numbers. */
BulkRows not_told(const BulkRows &rows)
{
    pg::Vector<bool> is_told;
    for (std::size_t at = 0; at < rows.size(); ++at)
        is_told.push_back(false);
    for (std::uint64_t told = 0; told < SPI_processed; ++told)
        is_told[static_cast<std::size_t>(DatumGetInt64(pg::column(1, told)) - 1)] = true;
    BulkRows left;
    for (std::size_t at = 0; at < rows.size(); ++at)
        if (!is_told[at])
            left.push_back(rows[at]);
    return left;
}

/* Leaves those that are not stored as wanted: other sessions deleted them, or made them anew. */
void leave_unchanged_out(const BulkRows &rows, bool merges, BulkCounts &counts, BulkRows &left)
{
    const std::uint64_t found = read_existing.read_latest(Columns(rows).values());
    std::uint64_t next = 0;
    for (std::size_t at = 0; at < rows.size(); ++at) {
        CHECK_FOR_INTERRUPTS();
        BulkRow row = rows[at];
        if (decide(row, static_cast<std::int64_t>(at + 1), next, found, merges) == Fate::Unchanged)
            ++counts.unchanged;
        else
            left.push_back(rows[at]);
    }
}

/* Another round is needed only where other sessions delete and create the same profiles meanwhile. */
constexpr int max_rounds = 100;

} // namespace

BulkRows update_existing(const BulkRows &rows, bool merges, BulkCounts &counts)
{
    const Columns columns(rows);
    if (!is_there(rows[0]) || find_existing.read_latest(columns.values()) < rows.size())
        return rows;
    const std::uint64_t changed = (merges ? merge_existing : replace_existing).write(columns.values());
    (merges ? counts.merged : counts.replaced) += static_cast<std::int64_t>(changed);
    BulkRows left;
    in_fews(not_told(rows), [&](const BulkRows &some) { leave_unchanged_out(some, merges, counts, left); });
    return left;
}

void create_missing_users(const BulkRows &rows)
{
    const pg::Vector<std::int32_t> apps = known_apps(rows);
    pg::Vector<Datum> users;
    std::string_view last;
    for (const BulkRow &row : rows) {
        if (pg::view(row.user_uuid) == last || !std::binary_search(apps.begin(), apps.end(), row.app_id))
            continue;
        last = pg::view(row.user_uuid);
        users.push_back(PointerGetDatum(row.user_uuid));
    }
    const Datum parameters[] = {PointerGetDatum(array_of(users, TEXTOID, -1, false, TYPALIGN_INT)),
                                TimestampTzGetDatum(GetCurrentTransactionStartTimestamp())};
    if (!users.empty())
        insert_users.write(parameters);
}

BulkRows with_known_references(const BulkRows &rows, BulkFaults &faults)
{
    const pg::Vector<bool> users = known_users(rows);
    const pg::Vector<std::int32_t> apps = known_apps(rows);
    BulkRows good;
    for (std::size_t at = 0; at < rows.size(); ++at) {
        const BulkRow &row = rows[at];
        const bool has_app = std::binary_search(apps.begin(), apps.end(), row.app_id);
        if (!users[at])
            faults.add({row.ordinal, ERRCODE_FOREIGN_KEY_VIOLATION, row.user_uuid, row.app_id, "/user_id",
                        "user context does not exist"});
        if (!has_app)
            faults.add({row.ordinal, ERRCODE_FOREIGN_KEY_VIOLATION, row.user_uuid, row.app_id, "/app_id",
                        "app does not exist"});
        if (users[at] && has_app)
            good.push_back(row);
    }
    return good;
}

void write_batch(const BulkRows &rows, OnConflict on_conflict, bool is_patch, BulkCounts &counts,
                 BulkFaults &faults)
{
    const bool updates = on_conflict == OnConflict::Replace || on_conflict == OnConflict::Merge;
    BulkRows left = rows;
    for (int round = 0; round < max_rounds && !left.empty(); ++round) {
        CHECK_FOR_INTERRUPTS();
        left = insert(left, is_patch, updates, counts);
        if (left.empty())
            return;
        switch (on_conflict) {
        case OnConflict::Error:
            add_existing(left, faults);
            return;
        case OnConflict::Skip:
            counts.skipped += static_cast<std::int64_t>(left.size());
            return;
        case OnConflict::Replace:
        case OnConflict::Merge:
            left = update(left, on_conflict == OnConflict::Merge, counts, faults);
        }
    }
    if (!left.empty())
        pg::refuse_suppressed_write();
}

void delete_batch(const BulkRows &rows, BulkCounts &counts)
{
    const auto deleted = static_cast<std::int64_t>(delete_keys.write(Columns(rows).values()));
    counts.deleted += deleted;
    counts.missing += static_cast<std::int64_t>(rows.size()) - deleted;
}

} // namespace opigno::profile
