/* One load of many profiles: its rows, what became of them, and what was wrong. */
#pragma once

#include "bulk/entries.hpp"
#include "identity/audit.hpp"
#include "pg/spi.hpp"
#include "pg/text.hpp"
#include "profile/bulk_sort.hpp"
#include "profile/bulk_store.hpp"
#include "profile/reference_triggers.hpp"
#include "profile/staging.hpp"
#include "json/merge/merge_patch.hpp"
#include "json/value/writer.hpp"

#include <algorithm>
#include <cstring>

namespace opigno::profile {

using bulk::Progress;
using identity::Caller;

enum class Task { Create, Patch, Delete };

struct Options {
    Task task;
    Oid profile; /* the table */
    OnConflict on_conflict = OnConflict::Error;
    bool report = false;
    bool dry_run = false;
    bool create_missing_users = false;
    std::int32_t max_errors = bulk::default_max_errors; /* in the answer */
    std::int32_t min_kept = 0;                          /* errors to be kept besides */
};

/* What a load may hold in memory at a time. */
inline constexpr std::size_t max_rows = 1000;
inline constexpr std::size_t max_bytes = 4194304;

/* The member of an entry that is its document. */
inline const char *document_of(Task task)
{
    switch (task) {
    case Task::Create:
        return "profile_data";
    case Task::Patch:
        return "patch";
    case Task::Delete:
        break;
    }
    return nullptr;
}

/* One load: its rows, what became of them, and what was wrong. */
class Load {
  public:
    Load(const Options &options, Progress &progress)
        : options_(options), progress_(progress),
          faults_(static_cast<std::size_t>(std::max(options.max_errors, options.min_kept)))
    {
    }

    /* All entries, sorted. Writes nothing. */
    void read(std::string_view body)
    {
        const bulk::Read read = bulk::for_each_entry(
            body, "profiles", progress_, [&](std::int64_t ordinal, std::string_view entry) {
                BulkRow row;
                row.ordinal = ordinal;
                if (read_entry(entry, document_of(options_.task), row, faults_))
                    sort_.add(row);
            });
        counts_.received = read.received;
        flaw_ = read.flaw;
        sort_.sort();
    }

    /* With the rights of the caller. */
    void read(StagingTable &staging, const StagingTable::Range &range)
    {
        within_ = BulkFaults::Within::entry;
        const auto found = staging.each_row(range, progress_, [&](std::int64_t ordinal, auto read_row) {
            BulkRow row;
            row.ordinal = ordinal;
            if (read_row(row, faults_))
                sort_.add(row);
        });
        counts_.received = found.received;
        counts_.last_ordinal = found.last_ordinal;
        read_all_ = !range.max_rows.has_value() || found.rows < *range.max_rows;
        sort_.sort();
    }

    void write()
    {
        if (flaw_ != nullptr)
            return;
        if (options_.create_missing_users) {
            progress_.enter(Progress::Phase::creating_users);
            for_each_batch([&](const BulkRows &rows) { create_missing_users(rows); });
        }
        is_writing_ = true;
        done_ = faults_.failed();
        progress_.enter(Progress::Phase::writing);
        const auto write_all = [&] { for_each_batch([&](const BulkRows &rows) { write_batch(rows); }); };
        is_plain_ = options_.task != Task::Delete && has_reference_triggers_only(options_.profile);
        if (is_plain_)
            without_triggers(write_all);
        else
            write_all();
    }

    void end() { sort_.end(); }

    [[nodiscard]] const BulkCounts &counts() const { return counts_; }
    [[nodiscard]] BulkFaults &faults() { return faults_; }

    [[nodiscard]] bool is_refused() const
    {
        return flaw_ != nullptr || (!options_.report && !faults_.empty());
    }
    [[nodiscard]] bool changed() const { return changed_rows() > 0; }

    void record(const Caller &caller) const
    {
        identity::Event event;
        event.outcome = options_.task == Task::Delete            ? "deleted"
                        : counts_.replaced + counts_.merged == 0 ? "created"
                        : counts_.created == 0
                            ? (options_.on_conflict == OnConflict::Merge ? "merged" : "replaced")
                            : "created or updated";
        event.user_uuid = first_user_;
        event.last_user_uuid = last_user_;
        event.row_count = changed_rows();
        identity::record(caller, event);
    }

    [[nodiscard]] bool has_read_all() const { return read_all_; }

    void write_answer(json::Writer &out)
    {
        out.begin_object();
        faults_.write(out, flaw_, static_cast<std::size_t>(options_.max_errors), within_);
        out.key("failed").integer(faults_.failed());
        out.key("response");
        if (is_refused())
            out.null();
        else
            write_counts(out);
        out.end_object();
    }

  private:
    [[nodiscard]] std::int64_t changed_rows() const
    {
        return counts_.created + counts_.replaced + counts_.merged + counts_.deleted;
    }

    // ---- writing ---------------------------------------------------------------------------------

    template <typename Body> void for_each_batch(Body body)
    {
        sort_.rewind();
        last_ordinal_ = bulk::no_ordinal;
        BulkRow row;
        bool is_left = sort_.next(row);
        while (is_left) {
            pg::with_spi([&](MemoryContext) {
                BulkRows rows;
                std::size_t bytes = 0;
                while (is_left && rows.size() < max_rows && bytes < max_bytes) {
                    CHECK_FOR_INTERRUPTS();
                    ++done_;
                    bytes += take(row, rows);
                    is_left = sort_.next(row);
                }
                if (!rows.empty())
                    body(rows);
                return 0;
            });
            progress_.wrote(done_, changed_rows(), faults_.failed());
        }
    }

    /* Copies a row unless it repeats the one before, and gives its bytes. */
    std::size_t take(const BulkRow &row, BulkRows &rows)
    {
        if (last_ordinal_ != bulk::no_ordinal && row.app_id == last_app_ &&
            pg::view(row.user_uuid) == pg::view(last_user_))
            return is_writing_ ? repeat(row) : 0;
        remember(row);
        rows.push_back(
            {row.ordinal, pg::make_text(pg::view(row.user_uuid)), row.app_id, copy_of(row.document)});
        return pg::view(row.user_uuid).size() + (row.document == nullptr ? 0 : VARSIZE(row.document));
    }

    static Jsonb *copy_of(const Jsonb *document)
    {
        if (document == nullptr)
            return nullptr;
        return static_cast<Jsonb *>(std::memcpy(palloc(VARSIZE(document)), document, VARSIZE(document)));
    }

    std::size_t repeat(const BulkRow &row)
    {
        const bool is_equal = row.document == nullptr || json::is_same(row.document, last_document_);
        if (is_equal)
            ++counts_.unchanged;
        else
            faults_.add({row.ordinal, ERRCODE_INVALID_PARAMETER_VALUE, row.user_uuid, row.app_id, "",
                         psprintf("differs from entry " INT64_FORMAT ", which is for the same user and app",
                                  last_ordinal_)});
        return 0;
    }

    /* Across batches, in memory of its own. */
    void remember(const BulkRow &row)
    {
        MemoryContext before = MemoryContextSwitchTo(context_);
        if (last_user_ != nullptr && last_user_ != first_user_)
            pfree(last_user_);
        if (last_document_ != nullptr)
            pfree(last_document_);
        last_user_ = pg::make_text(pg::view(row.user_uuid));
        if (first_user_ == nullptr)
            first_user_ = last_user_;
        last_document_ = copy_of(row.document);
        last_app_ = row.app_id;
        last_ordinal_ = row.ordinal;
        MemoryContextSwitchTo(before);
    }

    /* What a trigger or constraint of the site raises says where to look. */
    void write_batch(const BulkRows &rows)
    {
        ErrorContextCallback place{error_context_stack, tell_place, const_cast<BulkRows *>(&rows)};
        error_context_stack = &place;
        write_rows(rows);
        error_context_stack = place.previous;
    }

    static void tell_place(void *rows)
    {
        const auto *batch = static_cast<const BulkRows *>(rows);
        const auto [first, last] =
            std::minmax_element(batch->begin(), batch->end(), [](const BulkRow &left, const BulkRow &right) {
                return left.ordinal < right.ordinal;
            });
        errcontext("writing %zu entries, the first of them entry " INT64_FORMAT " and the last " INT64_FORMAT,
                   batch->size(), first->ordinal, last->ordinal);
    }

    void write_rows(const BulkRows &rows)
    {
        if (options_.task == Task::Delete) {
            delete_batch(rows, counts_);
            return;
        }
        const BulkRows left = is_plain_ && updates() ? update_existing(rows, merges(), counts_) : rows;
        const BulkRows good = with_known_references(left, faults_);
        if (!good.empty())
            profile::write_batch(good, options_.on_conflict, options_.task == Task::Patch, counts_, faults_);
    }

    [[nodiscard]] bool merges() const { return options_.on_conflict == OnConflict::Merge; }
    [[nodiscard]] bool updates() const { return merges() || options_.on_conflict == OnConflict::Replace; }

    // ---- the answer ------------------------------------------------------------------------------

    void write_last_ordinal(json::Writer &out) const
    {
        if (counts_.last_ordinal == bulk::no_ordinal)
            out.null();
        else
            out.integer(counts_.last_ordinal);
    }

    void write_counts(json::Writer &out) const
    {
        out.begin_object();
        out.key("received").integer(counts_.received);
        if (options_.task == Task::Delete) {
            out.key("deleted").integer(counts_.deleted);
            out.key("missing").integer(counts_.missing);
        } else {
            out.key("created").integer(counts_.created);
            out.key("replaced").integer(counts_.replaced);
            out.key("merged").integer(counts_.merged);
        }
        out.key("unchanged").integer(counts_.unchanged);
        out.key("skipped").integer(counts_.skipped);
        out.key("failed").integer(faults_.failed());
        if (within_ == BulkFaults::Within::entry)
            write_last_ordinal(out.key("last_ordinal"));
        out.end_object();
    }

    const Options &options_;
    Progress &progress_;
    MemoryContext context_ = CurrentMemoryContext;
    BulkFaults::Within within_ = BulkFaults::Within::list;
    BulkSort sort_;
    BulkFaults faults_;
    BulkCounts counts_;
    const char *flaw_ = nullptr;
    bool is_writing_ = false;
    bool is_plain_ = false; /* into the table as it is shipped */
    bool read_all_ = false; /* to the end of the staging table */
    std::int64_t done_ = 0; /* rows that were taken from the sort to be written, or failed before */
    text *first_user_ = nullptr;
    text *last_user_ = nullptr;
    Jsonb *last_document_ = nullptr;
    std::int32_t last_app_ = 0;
    std::int64_t last_ordinal_ = bulk::no_ordinal;
};

static_assert(std::is_trivially_destructible_v<Load>);

} // namespace opigno::profile
