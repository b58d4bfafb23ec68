/* Reads the rows of a staging table, with the rights of the caller. */
#pragma once

#include "bulk/progress.hpp"
#include "bulk/staging_relation.hpp"
#include "pg/cursor.hpp"
#include "pg/error.hpp"
#include "pg/spi.hpp"
#include "pg/text.hpp"
#include "pg/vector.hpp"

#include <cstdint>
#include <optional>
#include <span>

namespace opigno::bulk {

/* The row that StagingTable::each_row() is at. */
class StagingRow {
  public:
    /* is_first: the row is the first of the table. */
    StagingRow(const StagingRelation &relation, std::uint64_t at, bool is_first)
        : relation_(relation), at_(at), is_first_(is_first)
    {
    }

    /* Whether the entry is in the column "line", as JSON text. */
    [[nodiscard]] bool has_line() const { return relation_.has_lines; }
    [[nodiscard]] std::string_view line() const;

    /* Otherwise: the names and values of the columns, as in StagingRelation::columns. A column that is
     * NULL, or that the table does not have, has no value. */
    [[nodiscard]] std::span<const char *const> columns() const
    {
        return {relation_.columns.begin(), relation_.columns.size()};
    }
    [[nodiscard]] std::optional<std::string_view> value(std::size_t column) const;

  private:
    const StagingRelation &relation_;
    std::uint64_t at_;
    bool is_first_;
};

static_assert(std::is_trivially_destructible_v<StagingRow>);

/*
 * A table whose rows are entries. It has a unique integer column "ordinal", which orders the rows.
 * An entry is either in the column "line" as JSON text, or in columns of its own. Rows with a blank
 * line are ignored.
 */
class StagingTable {
  public:
    /* Raises the errors of open_staging_relation(). */
    StagingTable(const text *name, const StagingColumns &columns, StagingUse use)
        : relation_(open_staging_relation(name, columns, use)), deletes_(use.deletes)
    {
    }

    /* The rows with ordinals greater than `after`, at most max_rows of them. */
    struct Range {
        std::int64_t after = PG_INT64_MIN;
        std::optional<std::int32_t> max_rows;
    };
    struct Found {
        std::int64_t received;     /* number of rows that are not blank */
        std::int64_t last_ordinal; /* ordinal of the last row read; `after` if there was none */
        std::int64_t rows = 0;     /* number of all rows */
    };

    /* Calls take(ordinal, row) for each row that is not blank, in order. Each call has a memory
     * context of its own. To be called once. */
    template <typename Take> Found each_row(const Range &range, Progress &progress, Take take);

    /* Selects the rows of these errors as they were when each_row() read them. SPI_tuptable then
     * has (ordinal, row as JSON text) in the order of the ordinals. */
    void select_lines(std::span<const pg::Error> errors) const;

    /*
     * Deletes all rows that were read, blank ones too, except those of these errors. The errors are
     * in the order of their ordinals. Raises PT409 unless exactly these rows are deleted and none
     * has changed since it was read. The table must have been opened with StagingUse::deletes.
     */
    void delete_all_but(std::span<const pg::Error> failed);

    void end();

    /* Schema and name. */
    [[nodiscard]] const char *name() const { return relation_.name; }
    [[nodiscard]] bool has_lines() const { return relation_.has_lines; }

  private:
    /* A row that was read. table and place identify the version of the row. */
    struct Row {
        std::int64_t ordinal;
        Oid table;
        ItemPointerData place;
    };

    [[nodiscard]] Portal open(const Range &range);
    [[nodiscard]] StagingRow staging_row(std::uint64_t at) const { return {relation_, at, is_first_}; }
    [[nodiscard]] bool is_blank(std::uint64_t at) const;
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
    bool is_first_ = false;       /* the current row is the first of the table */
    Snapshot snapshot_ = nullptr; /* the snapshot that the rows were read with */
    pg::Vector<Row> rows_;        /* if rows are to be deleted: those read, by ordinal */
};

static_assert(std::is_trivially_destructible_v<StagingTable>);

template <typename Take>
StagingTable::Found StagingTable::each_row(const Range &range, Progress &progress, Take take)
{
    constexpr long rows_per_fetch = 100;
    return pg::with_spi([&](MemoryContext) {
        MemoryContext row_context =
            AllocSetContextCreateInternal(CurrentMemoryContext, "opigno rows", ALLOCSET_DEFAULT_SIZES);
        Portal portal = open(range);
        Found found{0, range.after};
        do {
            SPI_cursor_fetch(portal, true, rows_per_fetch);
            MemoryContext before = MemoryContextSwitchTo(row_context);
            for (std::uint64_t at = 0; at < SPI_processed; ++at, MemoryContextReset(row_context)) {
                CHECK_FOR_INTERRUPTS();
                found.last_ordinal = DatumGetInt64(pg::column(1, at));
                ++found.rows;
                is_first_ = found.rows == 1 && range.after == PG_INT64_MIN;
                if (deletes_)
                    remember(at);
                if (is_blank(at))
                    continue;
                ++found.received;
                take(found.last_ordinal, staging_row(at));
            }
            MemoryContextSwitchTo(before);
            SPI_freetuptable(SPI_tuptable);
            progress.read(0, found.received);
        } while (SPI_processed > 0);
        SPI_cursor_close(portal);
        return found;
    });
}

} // namespace opigno::bulk
