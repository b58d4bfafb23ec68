#include "profile/bulk_store.hpp"

#include "document/expected_version.hpp"
#include "identity/user.hpp"
#include "identity/user_uuid.hpp"
#include "pg/array.hpp"
#include "pg/jsonb.hpp"
#include "pg/pointer.hpp"
#include "pg/spi.hpp"
#include "pg/text.hpp"
#include "pg/time.hpp"
#include "pg/vector.hpp"
#include "pg/version.hpp"
#include "json/merge/merge_patch.hpp"
#include "json/value/document_limit.hpp"

#include <algorithm>

namespace opigno::profile {

using bulk::Outcome;

namespace {

#define INPUT_KEYS "unnest($1, $2) WITH ORDINALITY AS i (user_uuid, app_id, n)"
#define INPUT_ROWS "unnest($1, $2, $3) WITH ORDINALITY AS i (user_uuid, app_id, document, n)"

constexpr Oid types[] = {TEXTARRAYOID, INT4ARRAYOID, JSONBARRAYOID, TIMESTAMPTZOID, INT8OID};
constexpr Oid user_types[] = {TEXTARRAYOID, TIMESTAMPTZOID, INT8OID};

constinit pg::BatchStatement
    insert_users("INSERT INTO opigno.user_context"
                 " (uuid, display_name, is_active, scope, version, account_version, created_at, updated_at)"
                 " SELECT i.uuid, 'Anonymous User', true, '{}', $3, $3, $2, $2 FROM unnest($1) WITH "
                 "ORDINALITY AS i (uuid, n)"
                 " WHERE NOT EXISTS (SELECT FROM opigno.user_context AS c WHERE c.uuid = i.uuid)"
                 " ORDER BY i.n ON CONFLICT (uuid) DO NOTHING RETURNING uuid::text",
                 user_types);
constexpr Oid app_types[] = {INT4ARRAYOID};
constinit pg::BatchStatement
    lock_apps("SELECT a.app_id FROM opigno.app AS a WHERE a.app_id = ANY ($1) FOR KEY SHARE OF a", app_types);
#define INSERT_ROWS                                                                                          \
    "INSERT INTO opigno.profile AS p (user_uuid, app_id, profile_data, version, created_at, updated_at)"     \
    " SELECT i.user_uuid, i.app_id, i.document, $5, $4, $4 FROM " INPUT_ROWS                                 \
    " ORDER BY i.n ON CONFLICT (user_uuid, app_id) "
#define RETURNING_KEYS " RETURNING p.user_uuid::text, p.app_id"
constinit pg::BatchStatement insert_new(INSERT_ROWS "DO NOTHING" RETURNING_KEYS, types);
/* Also locks existing profiles, in the entries' order, so that loads with different batches do not
 * deadlock. */
constinit pg::BatchStatement
    insert_or_lock(INSERT_ROWS "DO UPDATE SET version = p.version WHERE false" RETURNING_KEYS, types);
constinit pg::BatchStatement
    lock_existing("SELECT i.n, p.profile_data, p.version FROM " INPUT_KEYS
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
                  {types, 4});
/* Returns the numbers of the keys whose profiles exist, and their versions. */
constinit pg::BatchStatement find_existing(
    "SELECT i.n, p.version FROM " INPUT_KEYS
    " JOIN opigno.profile AS p ON p.user_uuid = i.user_uuid AND p.app_id = i.app_id ORDER BY i.n",
    {types, 2});
/* Updates the rows in the entries' order, which is that of their keys: pg::BatchStatement. */
#define UPDATE_ROWS(document, changes)                                                                       \
    "UPDATE opigno.profile AS p SET profile_data = " document ", version = p.version + 1,"                   \
    "  updated_at = greatest(p.updated_at, $4) FROM " INPUT_ROWS                                             \
    " WHERE p.user_uuid = i.user_uuid AND p.app_id = i.app_id"                                               \
    "  AND " changes " RETURNING i.n"
constinit pg::BatchStatement
    replace_existing(UPDATE_ROWS("i.document", "NOT opigno.jsonb_is_same(p.profile_data, i.document)"),
                     {types, 4});
#define MERGED "opigno.merged_profile(p.profile_data, i.document)"
/* Skips profiles that the merge does not change, makes too large, or would lose: update_existing()
 * looks at these later. */
constinit pg::BatchStatement merge_existing(UPDATE_ROWS(MERGED, MERGED " IS NOT NULL"), {types, 4});
constexpr Oid delete_types[] = {TEXTARRAYOID, INT4ARRAYOID, INT8ARRAYOID};
constinit pg::BatchStatement
    delete_keys("WITH i AS MATERIALIZED (SELECT i.*"
                "  FROM unnest($1, $2, $3) WITH ORDINALITY AS i (user_uuid, app_id, expected, n)"
                "  JOIN opigno.profile AS p ON p.user_uuid = i.user_uuid AND p.app_id = i.app_id"
                "  ORDER BY i.n FOR UPDATE OF p)"
                " DELETE FROM opigno.profile AS p USING i"
                " WHERE p.user_uuid = i.user_uuid AND p.app_id = i.app_id"
                "  AND (i.expected IS NULL OR p.version = i.expected) RETURNING i.n, p.version",
                delete_types);

/* The entries as the statements' parameters. New profiles of one statement have one version. */
class Columns {
  public:
    explicit Columns(const Entries &entries)
    {
        pg::ArrayColumn users;
        pg::ArrayColumn apps;
        pg::ArrayColumn documents;
        for (const Entry &entry : entries) {
            users.add(entry.user_uuid);
            apps.add(Int32GetDatum(entry.app_id));
            if (entry.document != nullptr)
                documents.add(PointerGetDatum(entry.document));
        }
        values_[0] = users.text_array();
        values_[1] = apps.integer_array();
        values_[2] = documents.array(JSONBOID, -1, false, TYPALIGN_INT);
        values_[3] = TimestampTzGetDatum(GetCurrentTransactionStartTimestamp());
        values_[4] = Int64GetDatum(pg::first_version());
    }
    [[nodiscard]] const Datum *values() const { return values_; }

  private:
    Datum values_[5];
};

static_assert(std::is_trivially_destructible_v<Columns>);

bool expects_versions(const Entries &entries)
{
    return std::any_of(entries.begin(), entries.end(),
                       [](const Entry &entry) { return entry.expected.has_value(); });
}

/* Counts entries whose rows were written, and adds their users to changed_users. The entries are in
 * the order of their keys. */
void count_written(const Entries &written, Outcome outcome, bulk::Run &run)
{
    if (written.empty())
        return;
    run.count_written(outcome, written.size(), written[0].user_uuid, written[written.size() - 1].user_uuid);
}

/* Entries that a statement has written, and the others. */
struct Split {
    Entries written;
    Entries left;
};

/* The result in SPI_tuptable has the keys (user_uuid, app_id) of the written entries, in their
 * order. */
Split split_by_keys(const Entries &entries)
{
    Split split;
    for (const Entry &entry : entries) {
        const std::uint64_t row = split.written.size();
        const bool is_written = row < SPI_processed && DatumGetInt32(pg::column(2, row)) == entry.app_id &&
                                pg::view(DatumGetTextPP(pg::column(1, row))) == pg::view(entry.user_uuid);
        (is_written ? split.written : split.left).push_back(entry);
    }
    return split;
}

/* The result in SPI_tuptable has the numbers of the written entries, which start at 1. */
Split split_by_numbers(const Entries &entries)
{
    pg::Vector<bool> is_written;
    for (std::size_t at = 0; at < entries.size(); ++at)
        is_written.push_back(false);
    for (std::uint64_t row = 0; row < SPI_processed; ++row)
        is_written[static_cast<std::size_t>(DatumGetInt64(pg::column(1, row)) - 1)] = true;
    Split split;
    for (std::size_t at = 0; at < entries.size(); ++at)
        (is_written[at] ? split.written : split.left).push_back(entries[at]);
    return split;
}

/* Returns the entries with the documents to store if no profile exists. */
Entries as_new(const Entries &entries, bool merges)
{
    Entries made;
    for (Entry entry : entries) {
        if (merges)
            entry.document = json::merge_patch(nullptr, entry.document);
        made.push_back(entry);
    }
    return made;
}

/* Inserts profiles. Returns the entries whose profiles exist already. locks: whether to lock
 * these. */
Entries insert(const Entries &entries, bool merges, bool locks, bulk::Run &run)
{
    const Columns columns(as_new(entries, merges));
    (locks ? insert_or_lock : insert_new).write(columns.values());
    const Split split = split_by_keys(entries);
    count_written(split.written, Outcome::Created, run);
    return split.left;
}

/* What to do with a stored profile. */
enum class Decision { Deleted, Unchanged, Changed, LosesObject, TooLarge };

/*
 * Compares the entry with its stored profile, which is the next row in SPI_tuptable unless it was
 * deleted: rows are in the entries' order. Puts the result of a merge into the entry.
 */
Decision decide(Entry &entry, std::int64_t number, std::uint64_t &next, std::uint64_t found, bool merges)
{
    if (next == found || DatumGetInt64(pg::column(1, next)) != number)
        return Decision::Deleted;
    Jsonb *stored = DatumGetJsonbP(pg::column(2, next++));
    const Jsonb *given = entry.document;
    if (merges && json::loses_object(stored, given))
        return Decision::LosesObject;
    if (merges)
        entry.document = json::merge_patch(stored, entry.document);
    if (json::is_same(stored, entry.document))
        return Decision::Unchanged;
    /* The size of a document that replaces the stored one was checked when the entry was read. */
    return merges && json::excess_of(given, entry.document, stored, json::max_document) != json::Excess::None
               ? Decision::TooLarge
               : Decision::Changed;
}

Outcome outcome_of(bool merges)
{
    return merges ? Outcome::Merged : Outcome::Replaced;
}

/* Updates the profiles that change. Adds the entries whose profiles were deleted meanwhile to
 * `deleted`. */
void update_chunk(const Entries &entries, bool merges, const char *document, bulk::Run &run, Entries &deleted)
{
    const std::uint64_t found = lock_existing.write(Columns(entries).values());
    Entries changed;
    std::uint64_t next = 0;
    for (std::size_t at = 0; at < entries.size(); ++at) {
        CHECK_FOR_INTERRUPTS();
        Entry entry = entries[at];
        switch (decide(entry, static_cast<std::int64_t>(at + 1), next, found, merges)) {
        case Decision::Changed:
            changed.push_back(entry);
            break;
        case Decision::Deleted:
            deleted.push_back(entries[at]);
            break;
        case Decision::LosesObject:
            run.errors.add(entry.error(ERRCODE_INVALID_PARAMETER_VALUE, pg::pointer_to(document),
                                       json::message_of_lost_object(entry.document)));
            break;
        case Decision::TooLarge:
            run.errors.add(entry.error(ERRCODE_PROGRAM_LIMIT_EXCEEDED, "",
                                       json::message_of(json::Excess::Size, json::max_document)));
            break;
        case Decision::Unchanged:
            run.count(Outcome::Unchanged);
            break;
        }
    }
    if (!changed.empty() && update_locked.write(Columns(changed).values()) != changed.size())
        pg::refuse_suppressed_write();
    count_written(changed, outcome_of(merges), run);
}

/* Calls body for small chunks of the entries, each in its own memory context: stored documents can
 * be much larger than patches. */
template <typename Body> void for_each_chunk(const Entries &entries, Body body)
{
    constexpr std::size_t chunk_size = 100;
    for (std::size_t from = 0; from < entries.size(); from += chunk_size) {
        Entries chunk;
        for (std::size_t at = from; at < std::min(from + chunk_size, entries.size()); ++at)
            chunk.push_back(entries[at]);
        pg::with_spi([&](MemoryContext) {
            body(chunk);
            return 0;
        });
    }
}

Entries update(const Entries &entries, bool merges, const char *document, bulk::Run &run)
{
    Entries deleted;
    for_each_chunk(entries,
                   [&](const Entries &chunk) { update_chunk(chunk, merges, document, run, deleted); });
    return deleted;
}

/* Locks the users of the entries. Returns for each entry whether its user exists. */
pg::Vector<bool> known_users(const Entries &entries)
{
    pg::ArrayColumn users;
    for (const Entry &entry : entries)
        users.add(entry.user_uuid);
    return identity::lock_users(DatumGetArrayTypeP(users.text_array()));
}

/* Locks the apps of the entries. Returns the ids of those that exist, sorted. */
pg::Vector<std::int32_t> known_apps(const Entries &entries)
{
    pg::Vector<std::int32_t> apps;
    for (const Entry &entry : entries)
        apps.push_back(entry.app_id);
    std::sort(apps.begin(), apps.end());
    pg::ArrayColumn distinct;
    std::for_each(apps.begin(), std::unique(apps.begin(), apps.end()),
                  [&](std::int32_t app) { distinct.add(Int32GetDatum(app)); });
    const Datum list = distinct.integer_array();
    const std::uint64_t found = lock_apps.write(&list);
    pg::Vector<std::int32_t> known;
    for (std::uint64_t row = 0; row < found; ++row)
        known.push_back(DatumGetInt32(pg::column(1, row)));
    std::sort(known.begin(), known.end());
    return known;
}

/* Whether the profile of one entry exists. */
bool exists(const Entry &entry)
{
    Entries one;
    one.push_back(entry);
    return find_existing.read_latest(Columns(one).values()) == 1;
}

/* Counts the entries whose profiles need no change. Adds the others to `left`: another session has
 * deleted or created their profiles, or a merge makes them too large or would lose them. */
void leave_unchanged_out(const Entries &entries, bool merges, bulk::Run &run, Entries &left)
{
    const std::uint64_t found = read_existing.read_latest(Columns(entries).values());
    std::uint64_t next = 0;
    for (std::size_t at = 0; at < entries.size(); ++at) {
        CHECK_FOR_INTERRUPTS();
        Entry entry = entries[at];
        if (decide(entry, static_cast<std::int64_t>(at + 1), next, found, merges) == Decision::Unchanged)
            run.count(Outcome::Unchanged);
        else
            left.push_back(entries[at]);
    }
}

/* Another round is needed only if other sessions delete and create the same profiles at the same
 * time. */
constexpr int max_rounds = 100;

/* What to do with entries whose profiles exist. Returns those whose profiles were deleted meanwhile. */
Entries write_over(const Entries &entries, OnConflict on_conflict, const char *document, bulk::Run &run)
{
    switch (on_conflict) {
    case OnConflict::Error:
        for (const Entry &entry : entries)
            run.errors.add(entry.error(ERRCODE_UNIQUE_VIOLATION, "", "the profile exists already"));
        return {};
    case OnConflict::Skip:
        run.count(Outcome::Skipped, entries.size());
        return {};
    case OnConflict::Replace:
    case OnConflict::Merge:
        break;
    }
    return update(entries, on_conflict == OnConflict::Merge, document, run);
}

/* Writes entries that expect no versions. */
void write_together(const Entries &entries, OnConflict on_conflict, const char *document, bulk::Run &run)
{
    const bool merges = on_conflict == OnConflict::Merge;
    Entries left = entries;
    for (int round = 0; round < max_rounds && !left.empty(); ++round) {
        CHECK_FOR_INTERRUPTS();
        left = insert(left, merges, merges || on_conflict == OnConflict::Replace, run);
        if (!left.empty())
            left = write_over(left, on_conflict, document, run);
    }
    if (!left.empty())
        pg::refuse_suppressed_write();
}

void add_other_version(const Entry &entry, std::int64_t version, bulk::Run &run)
{
    run.errors.add(entry.error(ERRCODE_OTHER_VERSION, pg::pointer_to(document::version_member),
                               pg::message_of_version("profile", version, *entry.expected)));
}

/* Writes one entry that expects a version. An existing profile is locked before its version is
 * compared. */
void write_expecting(const Entries &one, OnConflict on_conflict, const char *document, bulk::Run &run)
{
    const Entry &entry = one[0];
    for (int round = 0; round < max_rounds; ++round) {
        CHECK_FOR_INTERRUPTS();
        if (*entry.expected == 0 && insert(one, on_conflict == OnConflict::Merge, false, run).empty())
            return;
        const bool is_found = lock_existing.write(Columns(one).values()) > 0;
        const std::int64_t version = is_found ? DatumGetInt64(pg::column(3)) : 0;
        if (!pg::is_expected(version, entry.expected)) {
            add_other_version(entry, version, run);
            return;
        }
        if (is_found && write_over(one, on_conflict, document, run).empty())
            return;
    }
    pg::refuse_suppressed_write();
}

/* Writes each entry by itself, in their order, with memory of its own. */
void write_in_turn(const Entries &entries, OnConflict on_conflict, const char *document, bulk::Run &run)
{
    for (const Entry &entry : entries)
        pg::with_spi([&](MemoryContext) {
            Entries one;
            one.push_back(entry);
            (entry.expected.has_value() ? write_expecting : write_together)(one, on_conflict, document, run);
            return 0;
        });
}

/* Counts entries that the statement has not deleted. Returns those whose profiles exist and have the
 * expected version: they were created after the statement began, or a trigger suppresses the deletion. */
Entries count_not_deleted(const Entries &entries, bulk::Run &run)
{
    pg::Vector<std::int64_t> versions;
    for (std::size_t at = 0; at < entries.size(); ++at)
        versions.push_back(0);
    const std::uint64_t found = entries.empty() ? 0 : find_existing.read_latest(Columns(entries).values());
    for (std::uint64_t row = 0; row < found; ++row)
        versions[static_cast<std::size_t>(DatumGetInt64(pg::column(1, row)) - 1)] =
            DatumGetInt64(pg::column(2, row));
    Entries left;
    for (std::size_t at = 0; at < entries.size(); ++at) {
        if (!pg::is_expected(versions[at], entries[at].expected))
            add_other_version(entries[at], versions[at], run);
        else if (versions[at] != 0)
            left.push_back(entries[at]);
        else
            run.count(Outcome::Missing);
    }
    return left;
}

/* Returns the entries that are still to be deleted. */
Entries delete_once(const Entries &entries, bulk::Run &run)
{
    pg::ArrayColumn versions;
    for (const Entry &entry : entries) {
        const std::int64_t expected = entry.expected.value_or(pg::any_version);
        versions.add(Int64GetDatum(expected), expected == pg::any_version);
    }
    const Columns columns(entries);
    const Datum values[] = {columns.values()[0], columns.values()[1],
                            versions.array(INT8OID, 8, true, TYPALIGN_DOUBLE)};
    const std::uint64_t deleted = delete_keys.write(values);
    for (std::uint64_t row = 0; row < deleted; ++row)
        pg::note_deleted_version(DatumGetInt64(pg::column(2, row)));
    const Split split = split_by_numbers(entries);
    count_written(split.written, Outcome::Deleted, run);
    return count_not_deleted(split.left, run);
}

} // namespace

Entries update_existing(const Entries &entries, bool merges, bulk::Run &run)
{
    const Columns columns(entries);
    if (expects_versions(entries) || !exists(entries[0]) ||
        find_existing.read_latest(columns.values()) < entries.size())
        return entries;
    (merges ? merge_existing : replace_existing).write(columns.values());
    const Split split = split_by_numbers(entries);
    count_written(split.written, outcome_of(merges), run);
    Entries left;
    for_each_chunk(split.left, [&](const Entries &chunk) { leave_unchanged_out(chunk, merges, run, left); });
    return left;
}

/* Whether the entry is for a profile that exists. */
static bool expects_profile(const Entry &entry)
{
    return entry.expected.value_or(0) != 0 || entry.created_at.has_value() || entry.updated_at.has_value();
}

void create_missing_users(const Entries &entries, bulk::Run &run)
{
    const pg::Vector<std::int32_t> apps = known_apps(entries);
    pg::ArrayColumn users;
    std::string_view last;
    for (const Entry &entry : entries) {
        if (pg::view(entry.user_uuid) == last ||
            !std::binary_search(apps.begin(), apps.end(), entry.app_id) || expects_profile(entry) ||
            identity::flaw_of_new_user_uuid(entry.user_uuid) != nullptr)
            continue;
        last = pg::view(entry.user_uuid);
        users.add(entry.user_uuid);
    }
    const Datum parameters[] = {users.text_array(),
                                TimestampTzGetDatum(GetCurrentTransactionStartTimestamp()),
                                Int64GetDatum(pg::first_version())};
    const std::uint64_t created = last.empty() ? 0 : insert_users.write(parameters);
    if (created == 0)
        return;
    run.new_users += static_cast<std::int64_t>(created);
    run.created_users.include(DatumGetTextPP(pg::column(1, 0)));
    run.created_users.include(DatumGetTextPP(pg::column(1, created - 1)));
}

Entries with_known_references(const Entries &entries, bool creates_users, bulk::Run &run)
{
    const pg::Vector<bool> users = known_users(entries);
    const pg::Vector<std::int32_t> apps = known_apps(entries);
    Entries good;
    for (std::size_t at = 0; at < entries.size(); ++at) {
        const Entry &entry = entries[at];
        const bool has_app = std::binary_search(apps.begin(), apps.end(), entry.app_id);
        const auto add_unknown = [&](const char *path, const char *message) {
            run.errors.add(entry.error(ERRCODE_FOREIGN_KEY_VIOLATION, path, message));
        };
        const char *flaw =
            !users[at] && creates_users ? identity::flaw_of_new_user_uuid(entry.user_uuid) : nullptr;
        if (flaw != nullptr)
            run.errors.add(
                entry.error(ERRCODE_INVALID_PARAMETER_VALUE, "/user_id", psprintf("\"user_id\" %s", flaw)));
        else if (!users[at])
            add_unknown("/user_id", identity::user_does_not_exist);
        if (!has_app)
            add_unknown("/app_id", "app does not exist");
        if (users[at] && has_app)
            good.push_back(entry);
    }
    return good;
}

void write_entries(const Entries &entries, OnConflict on_conflict, const char *document, bulk::Run &run)
{
    (expects_versions(entries) ? write_in_turn : write_together)(entries, on_conflict, document, run);
}

void delete_entries(const Entries &entries, bulk::Run &run)
{
    Entries left = entries;
    for (int round = 0; round < max_rounds && !left.empty(); ++round) {
        CHECK_FOR_INTERRUPTS();
        left = delete_once(left, run);
    }
    if (!left.empty())
        pg::refuse_suppressed_write();
}

} // namespace opigno::profile
