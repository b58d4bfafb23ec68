/* Entries of a load that wait in a table, whose every row is one: read with the rights of the caller. */
#pragma once

#include "bulk/progress.hpp"
#include "pg/spi.hpp"
#include "pg/text.hpp"
#include "profile/bulk_entry.hpp"

#include <cstdint>
#include <optional>
#include <span>

namespace opigno::profile {

/*
 * A table with a unique integer column "ordinal", which orders its rows, and either "line", an entry as JSON
 * text, or "user_id", "app_id" and "profile_data", as CSV has them.
 */
class StagingTable {
  public:
    /* By its name in the caller's search_path. Raises 42P01 and 42501, and 42809 where columns are missing.
     */
    explicit StagingTable(const text *name);

    /* The rows behind `after` in their order, at most max_rows. */
    struct Range {
        std::int64_t after = PG_INT64_MIN;
        std::optional<std::int32_t> max_rows;
    };

    /* Calls take(ordinal, read) for each, read(row, faults) being read_entry() or its like, in memory of its
     * own. Gives how many there were. */
    template <typename Take>
    std::int64_t each_row(const Range &range, bulk::Progress &progress, Take take) const;

    /* The rows of these faults in their order: "ordinal", and the row as JSON text, in SPI_tuptable. */
    void select_lines(std::span<const bulk::Fault> faults) const;

    /* Schema and name. */
    [[nodiscard]] const char *name() const { return name_; }

  private:
    [[nodiscard]] Portal open(const Range &range) const;
    [[nodiscard]] bool read(std::uint64_t at, BulkRow &row, BulkFaults &faults) const;

    const char *name_;
    bool has_lines_;
};

static_assert(std::is_trivially_destructible_v<StagingTable>);

template <typename Take>
std::int64_t StagingTable::each_row(const Range &range, bulk::Progress &progress, Take take) const
{
    constexpr long at_once = 100;
    return pg::with_spi([&](MemoryContext) {
        MemoryContext of_rows =
            AllocSetContextCreateInternal(CurrentMemoryContext, "opigno rows", ALLOCSET_DEFAULT_SIZES);
        Portal portal = open(range);
        std::int64_t received = 0;
        do {
            SPI_cursor_fetch(portal, true, at_once);
            MemoryContext before = MemoryContextSwitchTo(of_rows);
            for (std::uint64_t at = 0; at < SPI_processed; ++at, MemoryContextReset(of_rows)) {
                CHECK_FOR_INTERRUPTS();
                take(DatumGetInt64(pg::column(1, at)),
                     [&](BulkRow &row, BulkFaults &faults) { return read(at, row, faults); });
            }
            MemoryContextSwitchTo(before);
            received += static_cast<std::int64_t>(SPI_processed);
            SPI_freetuptable(SPI_tuptable);
            progress.read(0, received);
        } while (SPI_processed > 0);
        SPI_cursor_close(portal);
        return received;
    });
}

} // namespace opigno::profile
