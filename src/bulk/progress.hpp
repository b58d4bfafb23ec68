/*
 * The progress of a bulk call, for opigno.bulk_progress and pg_stat_progress_copy. It is reported
 * as that of a COPY command, with additional counters after COPY's own. If an error is caught, the
 * server forgets the progress, and the next report restores it.
 */
#pragma once

#include "pg/progress.hpp"
#include "pg/time.hpp"

#include <cstdint>
#include <type_traits>

namespace opigno::bulk {

class Progress {
  public:
    enum class Phase { reading = 1, creating_users, writing };

    /* bytes: size of the input, 0 if it is not known. */
    Progress(Oid relation, std::size_t bytes) : relation_(relation)
    {
        values_[PROGRESS_COPY_COMMAND] = PROGRESS_COPY_COMMAND_FROM;
        values_[PROGRESS_COPY_TYPE] = PROGRESS_COPY_TYPE_CALLBACK;
        values_[PROGRESS_COPY_BYTES_TOTAL] = static_cast<std::int64_t>(bytes);
        values_[is_ours] = marker;
        values_[started_at] = GetCurrentTimestamp();
        values_[current_phase] = static_cast<std::int64_t>(Phase::reading);
        show();
    }

    void enter(Phase phase) { report(current_phase, static_cast<std::int64_t>(phase)); }
    void read(std::size_t bytes, std::int64_t rows)
    {
        set(rows_read, rows);
        report(PROGRESS_COPY_BYTES_PROCESSED, static_cast<std::int64_t>(bytes));
    }
    /* done: rows processed; written, failed: how many of these were written, and how many
     * failed. */
    void wrote(std::int64_t done, std::int64_t written, std::int64_t failed)
    {
        set(rows_done, done);
        set(PROGRESS_COPY_TUPLES_EXCLUDED, failed);
        report(PROGRESS_COPY_TUPLES_PROCESSED, written);
    }
    void end() { pgstat_progress_end_command(); }

  private:
    /* Indexes of the additional counters. is_ours holds the marker, which tells a bulk call from a
     * COPY. bulk/functions.sql reads these counters. */
    static constexpr int rows_read = 15;
    static constexpr int rows_done = 16;
    static constexpr int current_phase = 17;
    static constexpr int started_at = 18;
    static constexpr int is_ours = 19;
    static constexpr std::int64_t marker = 0x6f7069676e6f; /* "opigno" */

    void set(int place, std::int64_t value)
    {
        values_[place] = value;
        if (is_shown())
            pgstat_progress_update_param(place, value);
    }
    void report(int place, std::int64_t value)
    {
        set(place, value);
        if (!is_shown())
            show();
    }
    [[nodiscard]] static bool is_shown()
    {
        return MyBEEntry != nullptr && MyBEEntry->st_progress_command != PROGRESS_COMMAND_INVALID;
    }
    void show()
    {
        pgstat_progress_start_command(PROGRESS_COMMAND_COPY, relation_);
        for (int place = 0; place < PGSTAT_NUM_PROGRESS_PARAM; ++place)
            if (values_[place] != 0)
                pgstat_progress_update_param(place, values_[place]);
    }

    Oid relation_;
    std::int64_t values_[PGSTAT_NUM_PROGRESS_PARAM] = {};
};

static_assert(std::is_trivially_destructible_v<Progress>);

} // namespace opigno::bulk
