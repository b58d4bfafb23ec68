/* SQL from C++: a statement planned once a backend, and a bracket around SPI. */
#pragma once

#include "pg/postgres.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <type_traits>

namespace opigno::pg {

/*
 * One SQL statement, prepared at its first use and kept for the backend's life; the plan cache plans it, once
 * for all values and for large tables (pg/planner.hpp), and anew when what it depends on changes. Meant for
 * namespace scope: construction is constant, nothing is destroyed.
 */
class Statement {
  public:
    template <std::size_t N> constexpr Statement(const char *sql, const Oid (&types)[N])
        : sql_(sql), types_(types, N)
    {
    }
    constexpr Statement(const char *sql, std::span<const Oid> types) : sql_(sql), types_(types) {}
    constexpr explicit Statement(const char *sql) : sql_(sql) {}

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

  private:
    std::uint64_t run(const Datum *values, const char *nulls, bool read_only);
    void prepare();

    const char *sql_;
    std::span<const Oid> types_;
    SPIPlanPtr plan_ = nullptr;
};

static_assert(std::is_trivially_destructible_v<Statement>);

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
