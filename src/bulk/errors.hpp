/* The errors of a load's entries. */
#pragma once

#include "pg/error.hpp"
#include "pg/vector.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace opigno::bulk {

/* Keeps up to max_kept errors, those with the lowest ordinals, and counts all entries that have
 * errors. */
class Errors {
  public:
    /* body: the text that the entries are parts of, if there is one. */
    explicit Errors(std::size_t max_kept, std::string_view body = {}) : max_kept_(max_kept), body_(body) {}

    [[nodiscard]] std::string_view body() const { return body_; }
    /* If the body is a part of a larger one: how far the entry that is read is from its place there. */
    [[nodiscard]] std::int64_t offset() const { return offset_; }
    void set_offset(std::int64_t offset) { offset_ = offset; }

    /* Copies the error and what it points to. The errors of one entry must be added one after the
     * other: then the entry is counted once. Only the first ten errors of an entry are kept. */
    void add(const pg::Error &error);
    /* Adds an error of an entry that has been counted already. */
    void add_further(const pg::Error &error);

    [[nodiscard]] std::int64_t failed() const { return failed_; }
    [[nodiscard]] bool empty() const { return failed_ == 0; }

    /* Returns the errors, sorted by ordinal and path. */
    std::span<const pg::Error> sorted();

  private:
    void keep(const pg::Error &error);
    void drop_highest();

    MemoryContext context_ = CurrentMemoryContext;
    std::size_t max_kept_;
    std::string_view body_;
    std::int64_t offset_ = 0;
    std::int64_t failed_ = 0;
    std::int64_t last_ordinal_ = pg::no_ordinal;
    int errors_of_entry_ = 0; /* number of errors of the entry last_ordinal_ */
    pg::Vector<pg::Error> errors_;
};

static_assert(std::is_trivially_destructible_v<Errors>);

} // namespace opigno::bulk
