/* SQL from C++: a statement planned once a backend, and a bracket around SPI. */
#pragma once

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
 * One SQL statement, prepared at its first use and kept for the backend's life. The plan cache plans it once
 * for all values, and again when what it depends on changes. Meant for namespace scope: construction is
 * constant, nothing is destroyed.
 *
 * Statement: finds rows by their keys, as the owner. It is planned without sequential scans, hash joins and
 * merge joins, so that a plan made while a table is small serves when the table is large.
 */
class Statement {
  public:
    template <std::size_t N> constexpr Statement(const char *sql, const Oid (&types)[N])
        : Statement(sql, {types, N})
    {
    }
    constexpr Statement(const char *sql, std::span<const Oid> types) : Statement(sql, types, Kind::Keyed) {}
    constexpr explicit Statement(const char *sql) : Statement(sql, {}, Kind::Keyed) {}

    /* Runs it and gives the number of rows; they are in SPI_tuptable. nulls: 'n' or ' ' each. */
    std::uint64_t write(const Datum *values, const char *nulls = nullptr)
    {
        return run(values, nulls, false);
    }
    std::uint64_t read(const Datum *values, const char *nulls = nullptr) { return run(values, nulls, true); }
    /* For a reader inside a writing function: sees what was done since its call, by this transaction and, at
     * READ COMMITTED, others. */
    std::uint64_t read_latest(const Datum *values) { return run(values, nullptr, false); }
    /* The same at every isolation level: sees what others have committed by now. */
    std::uint64_t read_committed(const Datum *values);

  protected:
    enum class Kind : char { Keyed, Batch, OfCaller };

    constexpr Statement(const char *sql, std::span<const Oid> types, Kind kind)
        : sql_(sql), types_(types), kind_(kind)
    {
    }

  private:
    std::uint64_t run(const Datum *values, const char *nulls, bool read_only);
    void prepare();
    void get_plan();
    void make_plan();
    void make_plan_if_needed();
    [[nodiscard]] bool has_own_plan() const;
    [[nodiscard]] bool is_outgrown() const;
    [[nodiscard]] CachedPlanSource &source() const;

    const char *sql_;
    std::span<const Oid> types_;
    Kind kind_;
    SPIPlanPtr plan_ = nullptr;
    int plan_number_ = 0;     /* the plan cache's, of the plan that make_plan() made */
    std::uint64_t pages_ = 0; /* of all tables, when it was made */
};

/*
 * Joins tables to a list of keys, as the owner. It meets the rows in the list's order or in the order of
 * their primary keys: loads that sort their entries by key lock rows in one order. It is planned like a
 * Statement, and again when its tables have doubled in size.
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
 * Runs as the caller, so that planning may run functions of a site's policies. It is planned by the session's
 * settings, and again when its tables have doubled in size.
 */
class CallerStatement : public Statement {
  public:
    template <std::size_t N> constexpr CallerStatement(const char *sql, const Oid (&types)[N])
        : Statement(sql, {types, N}, Kind::OfCaller)
    {
    }
    constexpr explicit CallerStatement(const char *sql) : Statement(sql, {}, Kind::OfCaller) {}
};

static_assert(std::is_trivially_destructible_v<Statement> && sizeof(BatchStatement) == sizeof(Statement) &&
              sizeof(CallerStatement) == sizeof(Statement));

void connect();
void finish();

/*
 * Runs `body(outer)` between SPI_connect and SPI_finish, `outer` being the
 * memory context that was current before: what the body returns must live there.
 */
template <typename Body> auto with_spi(Body body)
{
    MemoryContext outer = CurrentMemoryContext;
    connect();
    const auto result = body(outer);
    finish();
    return result;
}

/* Runs a statement that is put together anew each time. */
void execute(const char *sql);

/* One column, never NULL, of a row of SPI_tuptable; columns count from 1, rows from 0. */
Datum column(int number, std::uint64_t row = 0);

/* The same where it may be NULL. */
std::optional<Datum> nullable_column(int number, std::uint64_t row = 0);

/* Raises PT409: what was written is not there. */
[[noreturn]] void refuse_suppressed_write();

/* The row in SPI_tuptable as a composite value in the memory outside SPI. */
Datum returned_row();

/* The rows in SPI_tuptable as the result of a set-returning function, after InitMaterializedSRF. */
void return_rows(FunctionCallInfo fcinfo);

} // namespace opigno::pg
