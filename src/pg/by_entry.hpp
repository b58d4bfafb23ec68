/* A statement over a list of entries, told to one entry: Citus locks and changes rows of several users in
 * one statement by other rules than PostgreSQL, or not at all, and those of one user as PostgreSQL does. */
#pragma once

#include "pg/postgres.hpp"

extern "C" {
#include <lib/stringinfo.h>
}

#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

namespace opigno::pg {

/*
 * Where a statement has its list: unnest($1, $2) WITH ORDINALITY AS i (uuid, name, n). A statement without
 * such a list has no arguments here.
 */
class EntryList {
  public:
    static constexpr std::size_t most = 16;

    EntryList(const char *sql, std::span<const Oid> types);

    [[nodiscard]] bool is_there() const { return arguments_ != 0; }
    /* Whether the statement has the list in WITH, or inserts what is not there yet: Citus fails in the
     * former and counts wrongly in the latter also where whole tables are on every node. */
    [[nodiscard]] bool is_only_for_one() const;
    /* The statement with (SELECT $1 AS uuid, $2 AS name, $3 AS n) AS i in the list's place, or with VALUES,
     * where the number is one more parameter. In memory of the current context. */
    [[nodiscard]] const char *sql_by_entry() const;
    /* The types of its parameters, of which there are as many as of the list, and one. */
    void types_by_entry(std::span<const Oid> types, Oid *result) const;
    /* Whether the parameter, counted from 0, is an array of the list. */
    [[nodiscard]] bool has_argument(std::size_t at) const { return (arguments_ >> at & 1U) != 0; }

  private:
    struct Column {
        std::string_view name;
        int parameter;
    };

    void read_arguments();
    void read_columns(std::span<const Oid> types);
    int take_column(const char *&at) const;
    [[nodiscard]] const char *inserted_values() const;
    [[nodiscard]] const char *sql_of_insert(const char *values) const;
    void append(StringInfoData &text, const char *from, const char *to, bool replaces_all) const;

    const char *sql_;
    const char *list_ = nullptr; /* where "unnest(" begins */
    std::string_view alias_;
    const char *columns_begin_ = nullptr; /* after the bracket */
    const char *end_ = nullptr;           /* after the list */
    std::uint32_t arguments_ = 0;
    Column columns_[most];
    std::size_t size_ = 0;
};

/* The arrays of a list, as the parameters of one entry after the other. */
class EntryArguments {
  public:
    EntryArguments(const EntryList &list, std::span<const Oid> types, const Datum *values, const char *nulls);

    [[nodiscard]] int entries() const { return entries_; }
    void choose(int entry);
    [[nodiscard]] const Datum *values() const { return values_; }
    [[nodiscard]] const char *nulls() const { return nulls_; }

  private:
    std::size_t size_;
    int entries_ = 0;
    Datum values_[EntryList::most];
    char nulls_[EntryList::most];
    Datum *elements_[EntryList::most];
    bool *element_nulls_[EntryList::most];
    int sizes_[EntryList::most];
};

static_assert(std::is_trivially_destructible_v<EntryList> &&
              std::is_trivially_destructible_v<EntryArguments>);

} // namespace opigno::pg
