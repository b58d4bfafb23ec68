/* Entries of a load that wait in a table, whose every row is one: read with the rights of the caller. */
#pragma once

#include "bulk/progress.hpp"
#include "pg/cursor.hpp"
#include "pg/spi.hpp"
#include "pg/text.hpp"
#include "pg/vector.hpp"
#include "profile/bulk_entry.hpp"
#include "profile/staging_relation.hpp"

#include <cstdint>
#include <optional>
#include <span>

namespace opigno::profile {

/*
 * A table with a unique integer column "ordinal", which orders its rows, and either "line", an entry as JSON
 * text (blank ones are none), or "user_id", "app_id" and "profile_data", as CSV has them.
 */
class StagingTable {
  public:
    /* Raises what open_staging_relation() does. */
    StagingTable(const text *name, StagingUse use)
        : relation_(open_staging_relation(name, use)), deletes_(use.deletes)
    {
    }

    /* The rows behind `after` in their order, at most max_rows. */
    struct Range {
        std::int64_t after = PG_INT64_MIN;
        std::optional<std::int32_t> max_rows;
    };
    struct Found {
        std::int64_t received;     /* rows that are not blank */
        std::int64_t last_ordinal; /* of all rows, or `after` */
        std::int64_t rows = 0;     /* blank ones too */
    };

    /* Once. Calls take(ordinal, read) for each row that is not blank, read(row, errors) being read_entry() or
     * its like, in memory of its own. */
    template <typename Take> Found each_row(const Range &range, bulk::Progress &progress, Take take);

    /* The rows of these errors as they were when they were read, in their order: "ordinal", and the row as
     * JSON text, in SPI_tuptable. */
    void select_lines(std::span<const pg::Error> errors) const;

    /*
     * Deletes the rows that were read, blank ones too, but for those of these errors, which are in the order
     * of their ordinals. Raises PT409 unless exactly these rows are deleted from the table, as they were
     * read. For a table that was opened to delete from it.
     */
    void delete_all_but(std::span<const pg::Error> failed);

    void end();

    /* Schema and name. */
    [[nodiscard]] const char *name() const { return relation_.name; }

  private:
    /* A row, and the version of it that was read. */
    struct Row {
        std::int64_t ordinal;
        Oid table;
        ItemPointerData place;
    };

    [[nodiscard]] Portal open(const Range &range);
    [[nodiscard]] bool is_blank(std::uint64_t at) const;
    [[nodiscard]] bool read(std::uint64_t at, Entry &entry, bulk::Errors &errors) const;
    [[nodiscard]] Row row_at(std::uint64_t at, int first_column) const;
    void remember(std::uint64_t at);
    void leave_out(std::span<const pg::Error> failed);
    void delete_rows() const;
    [[nodiscard]] std::int64_t deleted_so_far() const;
    [[nodiscard]] bool are_deleted() const;
    [[nodiscard]] SPIPlanPtr prepare(const char *sql, std::span<const Oid> types) const;
    [[nodiscard]] const char *only() const { return relation_.is_partitioned ? "" : "ONLY "; }

    StagingRelation relation_;
    bool deletes_;
    Snapshot snapshot_ = nullptr; /* what rows were read by */
    pg::Vector<Row> rows_;        /* where they are to be deleted: by ordinal */
};

static_assert(std::is_trivially_destructible_v<StagingTable>);

template <typename Take>
StagingTable::Found StagingTable::each_row(const Range &range, bulk::Progress &progress, Take take)
{
    constexpr long at_once = 100;
    return pg::with_spi([&](MemoryContext) {
        MemoryContext of_rows =
            AllocSetContextCreateInternal(CurrentMemoryContext, "opigno rows", ALLOCSET_DEFAULT_SIZES);
        Portal portal = open(range);
        Found found{0, range.after};
        do {
            SPI_cursor_fetch(portal, true, at_once);
            MemoryContext before = MemoryContextSwitchTo(of_rows);
            for (std::uint64_t at = 0; at < SPI_processed; ++at, MemoryContextReset(of_rows)) {
                CHECK_FOR_INTERRUPTS();
                found.last_ordinal = DatumGetInt64(pg::column(1, at));
                ++found.rows;
                if (deletes_)
                    remember(at);
                if (is_blank(at))
                    continue;
                ++found.received;
                take(found.last_ordinal,
                     [&](Entry &entry, bulk::Errors &errors) { return read(at, entry, errors); });
            }
            MemoryContextSwitchTo(before);
            SPI_freetuptable(SPI_tuptable);
            progress.read(0, found.received);
        } while (SPI_processed > 0);
        SPI_cursor_close(portal);
        return found;
    });
}

} // namespace opigno::profile
