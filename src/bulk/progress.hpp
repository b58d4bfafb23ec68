/* How far a bulk call is, as pg_stat_progress_copy shows it: bytes of the body read, and then rows written.
 */
#pragma once

#include "pg/postgres.hpp"

#include <cstdint>
#include <type_traits>

namespace opigno::bulk {

class Progress {
  public:
    Progress(Oid relation, std::size_t bytes)
    {
        pgstat_progress_start_command(PROGRESS_COMMAND_COPY, relation);
        const int parameters[] = {PROGRESS_COPY_COMMAND, PROGRESS_COPY_TYPE, PROGRESS_COPY_BYTES_TOTAL};
        const std::int64_t values[] = {PROGRESS_COPY_COMMAND_FROM, PROGRESS_COPY_TYPE_CALLBACK,
                                       static_cast<std::int64_t>(bytes)};
        pgstat_progress_update_multi_param(3, parameters, values);
    }
    void read(std::size_t bytes)
    {
        pgstat_progress_update_param(PROGRESS_COPY_BYTES_PROCESSED, static_cast<std::int64_t>(bytes));
    }
    void wrote(std::int64_t rows) { pgstat_progress_update_param(PROGRESS_COPY_TUPLES_PROCESSED, rows); }
    void failed(std::int64_t rows) { pgstat_progress_update_param(PROGRESS_COPY_TUPLES_EXCLUDED, rows); }
    void end() { pgstat_progress_end_command(); }
};

static_assert(std::is_trivially_destructible_v<Progress>);

} // namespace opigno::bulk
