/* What is wrong with the entries of a bulk request. */
#pragma once

#include "pg/fault.hpp"
#include "json/value/writer.hpp"

#include <cstdint>
#include <optional>

namespace opigno::bulk {

/* Lower than that of any entry. */
inline constexpr std::int64_t no_ordinal = PG_INT64_MIN;

struct Fault {
    std::int64_t ordinal; /* of its entry, from 1 */
    int sqlstate;
    const text *user_uuid; /* nullptr where it is not told */
    std::optional<std::int32_t> app_id;
    const char *path; /* within the entry: a JSON Pointer */
    const char *message;
};

/* The faults with the lowest ordinals, as many as are wanted; all entries that have some are counted. */
class Faults {
  public:
    explicit Faults(std::size_t max_kept) : max_kept_(max_kept) {}

    /* Copies what it points to. An entry counts once if its faults come in a row; of those the first ten are
     * kept. */
    void add(const Fault &fault);
    /* For an entry that had faults before, which is counted already. */
    void add_further(const Fault &fault);

    [[nodiscard]] std::int64_t failed() const { return failed_; }
    [[nodiscard]] bool empty() const { return failed_ == 0; }

    /* By ordinal and path. */
    const pg::Vector<Fault> &sorted();

    /* What a path points into. */
    enum class Within { list, entry };

    /* The member `errors`, at most so many. flaw: what ended the body too soon, or nullptr. */
    void write(json::Writer &out, const char *flaw, std::size_t max_listed, Within within = Within::list);

  private:
    void keep(const Fault &fault);
    void drop_highest();

    MemoryContext context_ = CurrentMemoryContext;
    std::size_t max_kept_;
    std::int64_t failed_ = 0;
    std::int64_t last_ordinal_ = no_ordinal;
    int of_entry_ = 0; /* faults of that entry */
    pg::Vector<Fault> faults_;
};

static_assert(std::is_trivially_destructible_v<Faults>);

inline constexpr std::int32_t default_max_errors = 100;

/* The argument max_errors: how many faults are told. One fault (22023) where it is negative. */
std::int32_t max_errors_argument(FunctionCallInfo fcinfo, int number, pg::Faults &faults);

} // namespace opigno::bulk
