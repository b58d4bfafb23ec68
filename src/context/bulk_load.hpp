/* One load of many user contexts: its entries, what became of them, and what was wrong. */
#pragma once

#include "bulk/entries.hpp"
#include "context/bulk_store.hpp"
#include "identity/audit.hpp"
#include "pg/spi.hpp"
#include "pg/text.hpp"
#include "json/value/writer.hpp"

namespace opigno::context {

struct Options {
    bool report;
    bool dry_run;
    std::int32_t max_errors;
};

class Load {
  public:
    Load(const Options &options, std::string_view body, bulk::Progress &progress)
        : options_(options), body_(body), progress_(progress),
          of_last_(
              AllocSetContextCreateInternal(CurrentMemoryContext, "opigno entry", ALLOCSET_DEFAULT_SIZES)),
          results_(static_cast<std::size_t>(options.max_errors))
    {
    }

    /* All entries, sorted. Writes nothing. */
    void read()
    {
        identity::ScopeRegistry registry(identity::ScopeRegistry::View::Transaction);
        read_ = bulk::for_each_entry(body_, "userContexts", progress_,
                                     [&](std::int64_t ordinal, std::string_view text) {
                                         Entry entry;
                                         entry.ordinal = ordinal;
                                         if (read_entry(text, registry, entry, results_.faults))
                                             sort_.add(entry);
                                     });
        sort_.sort();
    }

    void write()
    {
        if (read_.flaw != nullptr)
            return;
        progress_.enter(bulk::Progress::Phase::writing);
        report_writing();
        EntrySort existing;
        for_each_batch(
            sort_, [&](const Entry &entry) { return !is_repeated(entry); },
            [&](const Entries &entries) { create_new(entries, results_, existing); });
        existing.sort();
        for_each_batch(
            existing, [](const Entry &) { return true; },
            [&](const Entries &entries) { change_existing(entries, results_); });
        existing.end();
    }

    void end() { sort_.end(); }

    [[nodiscard]] bool is_refused() const
    {
        return read_.flaw != nullptr || (!options_.report && !results_.faults.empty());
    }
    [[nodiscard]] bool changed() const { return changed_rows() > 0; }

    /* One row for the whole list: the first and the last user that were written, and how many were. */
    void record(const identity::Caller &caller) const
    {
        identity::Event event;
        event.outcome = results_.updated == 0   ? "created"
                        : results_.created == 0 ? "updated"
                                                : "created or updated";
        event.user_uuid = results_.range.first();
        event.last_user_uuid = results_.range.last();
        event.row_count = changed_rows();
        identity::record(caller, event);
    }

    void write_answer(json::Writer &out)
    {
        out.begin_object();
        results_.faults.write(out, read_.flaw, static_cast<std::size_t>(options_.max_errors));
        out.key("failed").integer(results_.faults.failed());
        out.key("response");
        if (is_refused())
            out.null();
        else
            write_counts(out);
        out.end_object();
    }

  private:
    [[nodiscard]] std::int64_t changed_rows() const { return results_.created + results_.updated; }

    /* Each entry ends as one of these. */
    void report_writing()
    {
        const std::int64_t failed = results_.faults.failed();
        progress_.wrote(changed_rows() + results_.unchanged + failed, changed_rows(), failed);
    }

    /* Of those that are wanted, in memory of its own. */
    template <typename IsWanted, typename Body>
    void for_each_batch(EntrySort &sort, IsWanted is_wanted, Body body)
    {
        constexpr std::size_t max_entries = 1000;
        Entry entry;
        bool is_left = sort.next(entry);
        while (is_left) {
            pg::with_spi([&](MemoryContext) {
                Entries entries;
                for (; is_left && entries.size() < max_entries; is_left = sort.next(entry)) {
                    CHECK_FOR_INTERRUPTS();
                    if (is_wanted(entry))
                        entries.push_back(copy_of(entry));
                }
                if (!entries.empty())
                    body(entries);
                return 0;
            });
            report_writing();
        }
    }

    /* Whether an entry without faults came before for the same user; if it wanted something else this is a
     * fault. */
    bool is_repeated(const Entry &entry)
    {
        if (last_.ordinal == 0 || pg::view(entry.change.uuid) != pg::view(last_.change.uuid)) {
            if (!entry.at_fault)
                remember(entry);
            return false;
        }
        if (entry.at_fault)
            return true;
        if (is_same(entry.change, last_.change))
            ++results_.unchanged;
        else
            results_.faults.add(
                {entry.ordinal, ERRCODE_INVALID_PARAMETER_VALUE, nullptr, std::nullopt, "",
                 psprintf("differs from entry " INT64_FORMAT ", which is for the same user", last_.ordinal)});
        return true;
    }

    /* Across batches. */
    void remember(const Entry &entry)
    {
        MemoryContextReset(of_last_);
        MemoryContext before = MemoryContextSwitchTo(of_last_);
        last_ = copy_of(entry);
        MemoryContextSwitchTo(before);
    }

    void write_counts(json::Writer &out) const
    {
        out.begin_object();
        out.key("received").integer(read_.received);
        out.key("created").integer(results_.created);
        out.key("updated").integer(results_.updated);
        out.key("unchanged").integer(results_.unchanged);
        out.key("failed").integer(results_.faults.failed());
        out.end_object();
    }

    const Options &options_;
    std::string_view body_;
    bulk::Progress &progress_;
    bulk::Read read_{};
    EntrySort sort_;
    MemoryContext of_last_;
    Entry last_; /* without faults; ordinal 0: none yet */
    Results results_;
};

static_assert(std::is_trivially_destructible_v<Load>);

} // namespace opigno::context
