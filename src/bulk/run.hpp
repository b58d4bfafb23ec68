/* The state of one load: its options, its counts and errors, its audit row and its answer. */
#pragma once

#include "bulk/errors.hpp"
#include "bulk/key_range.hpp"
#include "bulk/name_list.hpp"
#include "bulk/options.hpp"
#include "bulk/progress.hpp"
#include "identity/audit.hpp"
#include "identity/outcome.hpp"
#include "json/error_list.hpp"
#include "json/value/writer.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace opigno::bulk {

using identity::Outcome;

/* What the first column of the keys of the written table names. The audit trail has a range of users in
 * columns of its own, and one of trainings as its subject. */
enum class Owner { User, Training };

/* A member of the answer that holds a count. */
struct CountMember {
    Outcome outcome;
    const char *name;
};

/* Finds the table of this name in the schema of the extension. */
Oid table_of(const identity::Caller &caller, const char *name);

class Run {
  public:
    /* written_table: the table that the load writes. body: empty if there is none. max_kept: how
     * many errors to keep, if that is more than the answer lists. */
    Run(const Options &given, Oid written_table, std::string_view body, std::size_t max_kept = 0);

    Options options;
    Oid table;
    Owner owner = Owner::User;
    Progress progress;
    Errors errors;
    KeyRange changed_keys; /* the first columns of the changed rows' keys */
    NameList not_shown;    /* fields that were stored and that no account shows */
    std::int64_t received = 0;
    std::int64_t new_rows = 0;     /* rows that this load has added to its table */
    bool may_create_users = false; /* the answer has "users_created" */
    std::int64_t new_users = 0;    /* rows added to opigno.user_context, if that is another table */
    KeyRange created_users;
    std::int64_t taken = 0;        /* entries read from the sort in the current phase */
    std::optional<pg::Error> flaw; /* what is malformed in the body */
    bool is_of_flawed = false;     /* the body is a part of a malformed one, for which others answer */

    void count(Outcome outcome, std::size_t entries = 1)
    {
        counts_[static_cast<std::size_t>(outcome)] += static_cast<std::int64_t>(entries);
        if (outcome == Outcome::Created)
            new_rows += static_cast<std::int64_t>(entries);
    }
    /* Counts entries whose rows were written; first and last: the first columns of
     * their keys, in the order of the keys. */
    void count_written(Outcome outcome, std::size_t entries, const text *first, const text *last);
    [[nodiscard]] std::int64_t counted(Outcome outcome) const
    {
        return counts_[static_cast<std::size_t>(outcome)];
    }
    [[nodiscard]] std::int64_t changed_rows() const;
    /* The number of entries with errors. An error of the body counts as an entry: a refused load
     * has failures. */
    [[nodiscard]] std::int64_t failed() const { return errors.failed() + (flaw.has_value() ? 1 : 0); }

    /* Whether errors keep the load from writing anything. */
    [[nodiscard]] bool is_refused() const { return is_flawed() || (!options.report && !errors.empty()); }
    [[nodiscard]] bool is_flawed() const { return flaw.has_value() || is_of_flawed; }

    void enter(Progress::Phase phase);
    void report_progress();

    /* Writes a row of the audit trail for the rows that the load has changed, and one for the users
     * that it has created, if there are any. */
    void record(const identity::Caller &caller) const;

    /* Runs ANALYZE on the key columns of the tables that the load has made four times as large or
     * larger: the site's own queries need the statistics. */
    void analyze_grown_tables(const char *key_columns) const;

    /* Returns {"errors", "refused", "failed", "response": {"received", the counts, "failed"}}.
     * tail(writer) adds members to the response. */
    template <typename Tail> Datum answer(std::span<const CountMember> counts, Tail tail)
    {
        json::Writer out;
        write_head(out);
        if (is_refused()) {
            out.null();
        } else {
            write_counts(out, counts);
            tail(out);
            out.end_object();
        }
        out.end_object();
        return out.json();
    }
    Datum answer(std::span<const CountMember> counts)
    {
        return answer(counts, [](json::Writer & /*out*/) {});
    }

  private:
    void write_head(json::Writer &out);
    void write_counts(json::Writer &out, std::span<const CountMember> counts) const;

    Progress::Phase phase_ = Progress::Phase::reading;
    std::int64_t counts_[identity::outcomes] = {};
};

static_assert(std::is_trivially_destructible_v<Run>);

} // namespace opigno::bulk
