#include "app_document/bulk_store.hpp"

#include "document/expected_version.hpp"
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

namespace opigno::app_document {

using bulk::Outcome;

namespace {

/* The entries as the statements' parameters. New documents of one statement have one version. */
class Columns {
  public:
    explicit Columns(const Entries &entries)
    {
        pg::ArrayColumn holders;
        pg::ArrayColumn apps;
        pg::ArrayColumn documents;
        for (const Entry &entry : entries) {
            holders.add(entry.holder);
            apps.add(Int32GetDatum(entry.app_id));
            if (entry.document != nullptr)
                documents.add(PointerGetDatum(entry.document));
        }
        values_[0] = holders.text_array();
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

/* Counts entries whose rows were written, and adds their holders to changed_keys. The entries are in
 * the order of their keys. */
void count_written(const Entries &written, Outcome outcome, bulk::Run &run)
{
    if (written.empty())
        return;
    run.count_written(outcome, written.size(), written[0].holder, written[written.size() - 1].holder);
}

/* Entries that a statement has written, and the others. */
struct Split {
    Entries written;
    Entries left;
};

/* The result in SPI_tuptable has the keys (holder, app_id) of the written entries, in their
 * order. */
Split split_by_keys(const Entries &entries)
{
    Split split;
    for (const Entry &entry : entries) {
        const std::uint64_t row = split.written.size();
        const bool is_written = row < SPI_processed && DatumGetInt32(pg::column(2, row)) == entry.app_id &&
                                pg::view(DatumGetTextPP(pg::column(1, row))) == pg::view(entry.holder);
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

/* The document to store if none exists. */
Jsonb *as_new(const Entry &entry, const Store &store)
{
    return store.merges()
               ? store.judge.with_defaults(entry.app_id, json::merge_patch(nullptr, entry.document))
               : entry.document;
}

Entries as_new(const Entries &entries, const Store &store)
{
    Entries made;
    for (Entry entry : entries) {
        entry.document = as_new(entry, store);
        made.push_back(entry);
    }
    return made;
}

/* Whether the entry may create a document. */
bool may_create(const Entry &entry, const Store &store)
{
    return !store.merges() || !store.judge.has_schema(entry.app_id) ||
           store.judge.accepts(entry.app_id, as_new(entry, store));
}

/* Adds the errors of a document that violates its schema. Paths are those of the result of a merge. */
void add_violations(const Entry &entry, const Jsonb *document, const Store &store)
{
    for (const pg::Error &error :
         store.judge.violations(entry.app_id, document, pg::pointer_to(store.document)))
        store.run.errors.add(entry.error(error.sqlstate, error.path, error.message));
}

/* Inserts documents. Returns the entries whose documents exist already. locks: whether to lock
 * these. */
Entries insert(const Entries &entries, bool locks, const Store &store)
{
    const Entries made = as_new(entries, store);
    (locks ? store.kind.batch.insert_or_lock : store.kind.batch.insert_new).write(Columns(made).values());
    const Split split = split_by_keys(entries);
    count_written(split.written, Outcome::Created, store.run);
    if (store.merges())
        for (const Entry &entry : split.written)
            store.judge.count_faults(entry.app_id, as_new(entry, store));
    return split.left;
}

/* What to do with a stored document. */
enum class Decision { Deleted, Unchanged, Changed, LosesObject, TooLarge, ViolatesSchema };

/*
 * Compares the entry with its stored document, which is the next row in SPI_tuptable unless it was
 * deleted: rows are in the entries' order. Puts the result of a merge into the entry.
 */
Decision decide(Entry &entry, std::int64_t number, std::uint64_t &next, std::uint64_t found,
                const Store &store)
{
    const bool merges = store.merges();
    if (next == found || DatumGetInt64(pg::column(1, next)) != number)
        return Decision::Deleted;
    Jsonb *stored = DatumGetJsonbP(pg::column(2, next++));
    const Jsonb *given = entry.document;
    if (merges && json::loses_object(stored, given))
        return Decision::LosesObject;
    if (merges)
        entry.document = store.judge.with_defaults(entry.app_id, json::merge_patch(stored, entry.document));
    if (json::is_same(stored, entry.document))
        return Decision::Unchanged;
    /* A document that replaces the stored one was checked when the entry was read. */
    if (!merges)
        return Decision::Changed;
    if (json::excess_of(given, entry.document, stored, json::max_document) != json::Excess::None)
        return Decision::TooLarge;
    return store.judge.accepts(entry.app_id, entry.document) ? Decision::Changed : Decision::ViolatesSchema;
}

Outcome outcome_of(bool merges)
{
    return merges ? Outcome::Merged : Outcome::Replaced;
}

/* Updates the documents that change. Adds the entries whose documents were deleted meanwhile to
 * `deleted`. */
void update_chunk(const Entries &entries, const Store &store, Entries &deleted)
{
    bulk::Run &run = store.run;
    const std::uint64_t found = store.kind.batch.lock_existing.write(Columns(entries).values());
    Entries changed;
    std::uint64_t next = 0;
    for (std::size_t at = 0; at < entries.size(); ++at) {
        CHECK_FOR_INTERRUPTS();
        Entry entry = entries[at];
        switch (decide(entry, static_cast<std::int64_t>(at + 1), next, found, store)) {
        case Decision::Changed:
            changed.push_back(entry);
            if (store.merges())
                store.judge.count_faults(entry.app_id, entry.document);
            break;
        case Decision::ViolatesSchema:
            add_violations(entry, entry.document, store);
            break;
        case Decision::Deleted:
            deleted.push_back(entries[at]);
            break;
        case Decision::LosesObject:
            run.errors.add(entry.error(ERRCODE_INVALID_PARAMETER_VALUE, pg::pointer_to(store.document),
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
    if (!changed.empty() && store.kind.batch.update_locked.write(Columns(changed).values()) != changed.size())
        pg::refuse_suppressed_write();
    count_written(changed, outcome_of(store.merges()), run);
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

Entries update(const Entries &entries, const Store &store)
{
    Entries deleted;
    for_each_chunk(entries, [&](const Entries &chunk) { update_chunk(chunk, store, deleted); });
    return deleted;
}

/* Whether all apps existed when the load first asked for them, and so are locked. */
bool has_all_apps(const Entries &entries, const Store &store)
{
    return std::all_of(entries.begin(), entries.end(),
                       [&](const Entry &entry) { return store.judge.has_app(entry.app_id); });
}

/* Whether the document of one entry exists. */
bool exists(const Entry &entry, const Kind &kind)
{
    Entries one;
    one.push_back(entry);
    return kind.batch.find_existing.read_latest(Columns(one).values()) == 1;
}

/* Counts the entries whose documents need no change. Adds the others to `left`: another session has
 * deleted or created their documents, or a merge makes them too large, would lose them or would
 * violate a schema. */
void leave_unchanged_out(const Entries &entries, const Store &store, Entries &left)
{
    const std::uint64_t found = store.kind.batch.read_existing.read_latest(Columns(entries).values());
    std::uint64_t next = 0;
    for (std::size_t at = 0; at < entries.size(); ++at) {
        CHECK_FOR_INTERRUPTS();
        Entry entry = entries[at];
        if (decide(entry, static_cast<std::int64_t>(at + 1), next, found, store) == Decision::Unchanged)
            store.run.count(Outcome::Unchanged);
        else
            left.push_back(entries[at]);
    }
}

/* Another round is needed only if other sessions delete and create the same documents at the same
 * time. */
constexpr int max_rounds = 100;

/* What to do with entries whose documents exist. Returns those whose documents were deleted meanwhile. */
Entries write_over(const Entries &entries, const Store &store)
{
    switch (store.on_conflict) {
    case OnConflict::Error:
        for (const Entry &entry : entries)
            store.run.errors.add(entry.error(ERRCODE_UNIQUE_VIOLATION, "",
                                             psprintf("the %s exists already", store.kind.name())));
        return {};
    case OnConflict::Skip:
        store.run.count(Outcome::Skipped, entries.size());
        return {};
    case OnConflict::Replace:
    case OnConflict::Merge:
        break;
    }
    return update(entries, store);
}

/* Writes entries that may create documents. */
void create_or_write_over(const Entries &entries, const Store &store)
{
    const bool locks = store.merges() || store.on_conflict == OnConflict::Replace;
    Entries left = entries;
    for (int round = 0; round < max_rounds && !left.empty(); ++round) {
        CHECK_FOR_INTERRUPTS();
        left = insert(left, locks, store);
        if (!left.empty())
            left = write_over(left, store);
    }
    if (!left.empty())
        pg::refuse_suppressed_write();
}

/* Writes entries that expect no versions. Rows are locked in the entries' order, so those that may
 * create documents and those that may not are written in turn. */
void write_together(const Entries &entries, const Store &store)
{
    for (std::size_t at = 0; at < entries.size();) {
        const bool creates = may_create(entries[at], store);
        Entries alike;
        do
            alike.push_back(entries[at++]);
        while (at < entries.size() && may_create(entries[at], store) == creates);
        if (creates)
            create_or_write_over(alike, store);
        else
            for (const Entry &missing : write_over(alike, store))
                add_violations(missing, as_new(missing, store), store);
    }
}

void add_other_version(const Entry &entry, std::int64_t version, const Store &store)
{
    store.run.errors.add(entry.error(ERRCODE_OTHER_VERSION, pg::pointer_to(document::version_member),
                                     pg::message_of_version(store.kind.name(), version, *entry.expected)));
}

/* Writes one entry that expects a version. An existing document is locked before its version is
 * compared. */
void write_expecting(const Entries &one, const Store &store)
{
    const Entry &entry = one[0];
    const bool creates = may_create(entry, store);
    for (int round = 0; round < max_rounds; ++round) {
        CHECK_FOR_INTERRUPTS();
        if (creates && *entry.expected == 0 && insert(one, false, store).empty())
            return;
        const bool is_found = store.kind.batch.lock_existing.write(Columns(one).values()) > 0;
        const std::int64_t version = is_found ? DatumGetInt64(pg::column(3)) : 0;
        if (!pg::is_expected(version, entry.expected)) {
            add_other_version(entry, version, store);
            return;
        }
        if (!is_found && !creates) {
            add_violations(entry, as_new(entry, store), store);
            return;
        }
        if (is_found && write_over(one, store).empty())
            return;
    }
    pg::refuse_suppressed_write();
}

/* Writes each entry by itself, in their order, with memory of its own. */
void write_in_turn(const Entries &entries, const Store &store)
{
    for (const Entry &entry : entries)
        pg::with_spi([&](MemoryContext) {
            Entries one;
            one.push_back(entry);
            (entry.expected.has_value() ? write_expecting : write_together)(one, store);
            return 0;
        });
}

/* Counts entries that the statement has not deleted. Returns those whose documents exist and have the
 * expected version: they were created after the statement began, or a trigger suppresses the deletion. */
Entries count_not_deleted(const Entries &entries, const Store &store)
{
    pg::Vector<std::int64_t> versions;
    for (std::size_t at = 0; at < entries.size(); ++at)
        versions.push_back(0);
    const std::uint64_t found =
        entries.empty() ? 0 : store.kind.batch.find_existing.read_latest(Columns(entries).values());
    for (std::uint64_t row = 0; row < found; ++row)
        versions[static_cast<std::size_t>(DatumGetInt64(pg::column(1, row)) - 1)] =
            DatumGetInt64(pg::column(2, row));
    Entries left;
    for (std::size_t at = 0; at < entries.size(); ++at) {
        if (!pg::is_expected(versions[at], entries[at].expected))
            add_other_version(entries[at], versions[at], store);
        else if (versions[at] != 0)
            left.push_back(entries[at]);
        else
            store.run.count(Outcome::Missing);
    }
    return left;
}

/* Returns the entries that are still to be deleted. */
Entries delete_once(const Entries &entries, const Store &store)
{
    pg::ArrayColumn versions;
    for (const Entry &entry : entries) {
        const std::int64_t expected = entry.expected.value_or(pg::any_version);
        versions.add(Int64GetDatum(expected), expected == pg::any_version);
    }
    const Columns columns(entries);
    const Datum values[] = {columns.values()[0], columns.values()[1],
                            versions.array(INT8OID, 8, true, TYPALIGN_DOUBLE)};
    const std::uint64_t deleted = store.kind.batch.delete_keys.write(values);
    for (std::uint64_t row = 0; row < deleted; ++row)
        pg::note_deleted_version(DatumGetInt64(pg::column(2, row)));
    const Split split = split_by_numbers(entries);
    count_written(split.written, Outcome::Deleted, store.run);
    return count_not_deleted(split.left, store);
}

} // namespace

Entries update_existing(const Entries &entries, const Store &store)
{
    const Columns columns(entries);
    if (expects_versions(entries) || !has_all_apps(entries, store) || !exists(entries[0], store.kind) ||
        store.kind.batch.find_existing.read_latest(columns.values()) < entries.size())
        return entries;
    (store.merges() ? store.kind.batch.merge_existing : store.kind.batch.replace_existing)
        .write(columns.values());
    const Split split = split_by_numbers(entries);
    count_written(split.written, outcome_of(store.merges()), store.run);
    Entries left;
    for_each_chunk(split.left, [&](const Entries &chunk) { leave_unchanged_out(chunk, store, left); });
    return left;
}

void merge_into_existing(const Entries &entries, const Store &store, bool is_plain)
{
    const Entries left = is_plain ? update_existing(entries, store) : entries;
    store.run.count(Outcome::Missing, update(left, store).size());
}

void write_entries(const Entries &entries, const Store &store)
{
    (expects_versions(entries) ? write_in_turn : write_together)(entries, store);
}

void delete_entries(const Entries &entries, const Store &store)
{
    Entries left = entries;
    for (int round = 0; round < max_rounds && !left.empty(); ++round) {
        CHECK_FOR_INTERRUPTS();
        left = delete_once(left, store);
    }
    if (!left.empty())
        pg::refuse_suppressed_write();
}

} // namespace opigno::app_document
