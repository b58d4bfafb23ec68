/* Runs SQL from C++: statements that each backend plans once, and calls between SPI_connect and
 * SPI_finish. */
#pragma once

#include "pg/citus.hpp"
#include "pg/postgres.hpp"

extern "C" {
#include <executor/spi.h>
}

#include <cstdint>
#include <optional>
#include <span>
#include <type_traits>

namespace opigno::pg {

/*
 * One SQL statement, prepared at its first use and kept until the backend exits. It has a generic
 * plan, which the plan cache makes again when the objects that it depends on change. Objects of
 * this class are meant for namespace scope: construction is constant, and nothing is destroyed.
 *
 * A Statement finds rows by their keys, as the owner. It is planned without sequential scans, hash
 * joins and merge joins, so that a plan made while a table is small is still good when the table is
 * large.
 *
 * Over tables that Citus has distributed there is no plan to keep: Citus plans for the given key, and
 * the nodes plan again. There a BatchStatement over tables that are split by user runs once for each
 * element of its arrays, in their order (by_entry.hpp); its rows are then those of all runs.
 */
class Statement {
  public:
    template <std::size_t N> constexpr Statement(const char *sql, const Oid (&types)[N])
        : Statement(sql, {types, N})
    {
    }
    constexpr Statement(const char *sql, std::span<const Oid> types) : Statement(sql, types, Kind::Keyed) {}
    constexpr explicit Statement(const char *sql) : Statement(sql, {}, Kind::Keyed) {}
    /* distributed_sql: what it runs instead once Citus has distributed its tables. */
    constexpr Statement(const char *sql, std::span<const Oid> types, const char *distributed_sql)
        : Statement(sql, types, Kind::Keyed, distributed_sql)
    {
    }

    /* Runs the statement and returns the number of rows, which are in SPI_tuptable. nulls: as for
     * SPI_execute_plan. */
    std::uint64_t write(const Datum *values, const char *nulls = nullptr)
    {
        return run(values, nulls, false);
    }
    std::uint64_t read(const Datum *values, const char *nulls = nullptr) { return run(values, nulls, true); }
    /* Reads within a writing function: sees what this transaction has written since the function
     * was called, and at READ COMMITTED what others have committed. */
    std::uint64_t read_latest(const Datum *values) { return run(values, nullptr, false); }
    /* The same, but sees at every isolation level what others have committed by now. */
    std::uint64_t read_committed(const Datum *values, const char *nulls = nullptr);
    /* The same for reads of one table, also while a parallel query runs. */
    std::uint64_t read_newest(Oid table, const Datum *values = nullptr);

    /* Whether Citus has distributed its tables, as far as the last run has found. */
    [[nodiscard]] bool is_distributed() const { return is_distributed_; }

  protected:
    enum class Kind : char { Keyed, Batch, OfCaller };

    constexpr Statement(const char *sql, std::span<const Oid> types, Kind kind,
                        const char *distributed_sql = nullptr)
        : sql_(sql), distributed_sql_(distributed_sql), types_(types), kind_(kind)
    {
    }

  private:
    std::uint64_t run(const Datum *values, const char *nulls, bool read_only);
    std::uint64_t execute(const Datum *values, const char *nulls, bool read_only);
    std::uint64_t execute_by_entry(const Datum *values, const char *nulls, bool read_only);
    void prepare();
    void prepare_again();
    [[nodiscard]] const char *sql() const { return has_distributed_sql_ ? distributed_sql_ : sql_; }
    [[nodiscard]] Distribution distribution() const;
    void get_plan();
    void make_plan();
    bool find_distribution();
    void make_plan_if_needed();
    [[nodiscard]] bool has_own_plan() const;
    [[nodiscard]] bool is_outgrown() const;
    [[nodiscard]] CachedPlanSource &source() const;

    const char *sql_;
    const char *distributed_sql_; /* nullptr: the same */
    std::span<const Oid> types_;
    Kind kind_;
    bool is_distributed_ = false;
    bool is_by_entry_ = false;
    bool has_distributed_sql_ = false; /* whether the plan is that of distributed_sql_ */
    SPIPlanPtr plan_ = nullptr;
    int plan_number_ = 0;     /* the plan cache's generation of the plan that make_plan() made */
    std::uint64_t pages_ = 0; /* pages of all its tables when the plan was made */
};

/*
 * Joins tables to a list of keys, as the owner. It visits the rows in the list's order or in the
 * order of their primary keys, so that loads that sort their entries by key lock rows in the same
 * order. It is planned like a Statement, and planned again when its tables have doubled in size.
 */
class BatchStatement : public Statement {
  public:
    template <std::size_t N> constexpr BatchStatement(const char *sql, const Oid (&types)[N])
        : BatchStatement(sql, {types, N})
    {
    }
    constexpr BatchStatement(const char *sql, std::span<const Oid> types) : Statement(sql, types, Kind::Batch)
    {
    }
};

/*
 * Runs as the caller: planning may call functions of the site's policies. It is planned with the
 * session's planner settings, and planned again when its tables have doubled in size.
 * distributed_sql: what it runs instead once Citus has distributed its tables; nullptr: the same.
 */
class CallerStatement : public Statement {
  public:
    template <std::size_t N>
    constexpr CallerStatement(const char *sql, const Oid (&types)[N], const char *distributed_sql = nullptr)
        : Statement(sql, {types, N}, Kind::OfCaller, distributed_sql)
    {
    }
    constexpr explicit CallerStatement(const char *sql) : Statement(sql, {}, Kind::OfCaller) {}
};

static_assert(std::is_trivially_destructible_v<Statement> && sizeof(BatchStatement) == sizeof(Statement) &&
              sizeof(CallerStatement) == sizeof(Statement));

void connect();
void finish();

/*
 * Runs body(outer) between SPI_connect and SPI_finish. outer: the memory context that was current
 * before; data that the body returns must be allocated there.
 */
template <typename Body> auto with_spi(Body body)
{
    MemoryContext outer = CurrentMemoryContext;
    connect();
    const auto result = body(outer);
    finish();
    return result;
}

/* Runs a statement without keeping its plan. */
void execute(const char *sql);

/* Returns a column of a row of SPI_tuptable, which must not be NULL. Columns count from 1, rows
 * from 0. */
Datum column(int number, std::uint64_t row = 0);

/* The same for a column that may be NULL. */
std::optional<Datum> nullable_column(int number, std::uint64_t row = 0);

/* All columns of a row of SPI_tuptable. Several columns cost less than by column() one by one. */
class Columns {
  public:
    explicit Columns(std::uint64_t row = 0);

    [[nodiscard]] Datum column(int number) const;
    [[nodiscard]] std::optional<Datum> nullable(int number) const;

  private:
    static constexpr int most_ = 16;

    Datum values_[most_];
    bool nulls_[most_];
};

static_assert(std::is_trivially_destructible_v<Columns>);

/* Raises PT409 because a trigger has suppressed a write. */
[[noreturn]] void refuse_suppressed_write();

/* Returns the row in SPI_tuptable as a composite value in the memory context outside SPI. */
Datum returned_row();

/* Makes the rows in SPI_tuptable the result of a set-returning function. Called after
 * InitMaterializedSRF. */
void return_rows(FunctionCallInfo fcinfo);

} // namespace opigno::pg
