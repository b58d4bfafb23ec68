/* Calls SQL functions of the extension from C++. */
#pragma once

#include "pg/postgres.hpp"

extern "C" {
#include <access/htup.h>
#include <access/tupdesc.h>
}

#include <optional>
#include <span>
#include <type_traits>

namespace opigno::pg {

/* A row and its columns, which count from 1. */
struct Row {
    HeapTuple tuple;
    TupleDesc description;

    [[nodiscard]] Datum column(int number) const;
};

static_assert(std::is_trivially_destructible_v<Row>);

/*
 * One function of schema opigno, found by its name and the types of its arguments. As in SQL, the
 * current role needs EXECUTE, and the function can be written in any language. USAGE of the schema is
 * not checked, and object access hooks are not called. A call needs no plan and no executor, so it
 * costs less than a statement. Functions that the planner inlines belong
 * into a statement. The function sees what the calling query sees; a function that writes sees what
 * is committed, as in every call.
 */
class Function {
  public:
    template <std::size_t N> constexpr Function(const char *name, const Oid (&types)[N])
        : name_(name), types_(types, N)
    {
    }

    /* Returns the result, or nothing for NULL. nulls: as for SPI_execute_plan. */
    std::optional<Datum> call(const Datum *values, const char *nulls = nullptr) const;

    /* Raises 42501 if the current role may not call it. */
    void check() const { find(); }

    /* As call(). Raises an error for NULL. */
    Datum value(const Datum *values, const char *nulls = nullptr) const;

    /* The same for a function that returns a set of rows at once. Returns its first row, in the
     * current memory context. */
    std::optional<Row> first_row(const Datum *values);

    /* The same after a write: sees what this transaction has written since the query began, and at
     * READ COMMITTED what others have committed. */
    std::optional<Datum> call_latest(const Datum *values) const;
    std::optional<Row> first_row_latest(const Datum *values);

  private:
    Oid find() const;
    TupleDesc description_of(Oid function);

    const char *name_;
    std::span<const Oid> types_;
    Oid described_ = InvalidOid; /* the function whose rows have the description */
    TupleDesc description_ = nullptr;
};

static_assert(std::is_trivially_destructible_v<Function>);

/* Returns a column of the result of a function with several OUT arguments. It must not be
 * NULL. */
Datum column_of(Datum row, int number);

} // namespace opigno::pg
