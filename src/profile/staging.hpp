/* Entries of a load that wait in a table, whose every row is one: read with the rights of the caller. */
#pragma once

#include "pg/spi.hpp"
#include "pg/text.hpp"
#include "profile/bulk_entry.hpp"

#include <cstdint>
#include <optional>
#include <span>

namespace opigno::profile {

/*
 * A table with a column "ordinal", which orders its rows, and either "line", an entry as JSON text, or
 * "user_id", "app_id" and "profile_data", as CSV has them.
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

    /* Calls take(ordinal, read): read(row, faults) is read_entry() or its like. Between SPI's connect and
     * finish it is in memory that each hundred rows give back. */
    template <typename Take> void each_row(const Range &range, Take take) const;

    /* The rows of these faults in their order: "ordinal", and the row as JSON text, in SPI_tuptable. */
    void select_lines(std::span<const BulkFault> faults) const;

    /* Schema and name. */
    [[nodiscard]] const char *name() const { return name_; }

  private:
    [[nodiscard]] Portal open(const Range &range) const;
    [[nodiscard]] bool read(std::uint64_t at, BulkRow &row, BulkFaults &faults) const;

    const char *name_;
    bool has_lines_;
};

static_assert(std::is_trivially_destructible_v<StagingTable>);

template <typename Take> void StagingTable::each_row(const Range &range, Take take) const
{
    constexpr long at_once = 100;
    pg::with_spi([&](MemoryContext) {
        Portal portal = open(range);
        do {
            SPI_cursor_fetch(portal, true, at_once);
            for (std::uint64_t at = 0; at < SPI_processed; ++at)
                take(DatumGetInt64(pg::column(1, at)),
                     [&](BulkRow &row, BulkFaults &faults) { return read(at, row, faults); });
            SPI_freetuptable(SPI_tuptable);
        } while (SPI_processed > 0);
        SPI_cursor_close(portal);
        return 0;
    });
}

} // namespace opigno::profile
