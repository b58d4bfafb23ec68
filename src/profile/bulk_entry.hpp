/* Entries of a bulk request over profiles: from JSON to rows, and what is wrong with them. */
#pragma once

#include "pg/vector.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace opigno::profile {

struct BulkRow {
    std::int64_t ordinal = 0;  /* of its entry, from 1 */
    text *user_uuid = nullptr; /* canonical */
    std::int32_t app_id = 0;
    Jsonb *document = nullptr; /* nullptr where the request has none */
    bool has_app = false;      /* false: app_id is none of the entry's */
};

struct BulkFault {
    std::int64_t ordinal; /* 0: of the request itself */
    int sqlstate;
    const text *user_uuid; /* nullptr where it is not known */
    std::optional<std::int32_t> app_id;
    const char *path; /* within the entry: a JSON Pointer */
    const char *message;
};

/* The faults with the lowest ordinals, as many as are wanted; all are counted. */
class BulkFaults {
  public:
    explicit BulkFaults(std::size_t max_kept) : max_kept_(max_kept) {}

    /* Copies what it points to. An entry counts once, whatever its faults. */
    void add(const BulkFault &fault);

    [[nodiscard]] std::int64_t failed() const { return failed_; }
    [[nodiscard]] bool empty() const { return failed_ == 0 && faults_.empty(); }
    /* By ordinal and path. */
    const pg::Vector<BulkFault> &sorted();

  private:
    void drop_highest();

    MemoryContext context_ = CurrentMemoryContext;
    std::size_t max_kept_;
    std::int64_t failed_ = 0;
    std::int64_t last_ordinal_ = 0;
    pg::Vector<BulkFault> faults_;
};

static_assert(std::is_trivially_destructible_v<BulkFaults>);

/*
 * The row of an entry, {"user_id", "app_id", and the member `document` unless that is nullptr}, in the
 * current memory; false where it is none, with all its faults.
 */
bool read_entry(std::string_view entry, const char *document, BulkRow &row, BulkFaults &faults);

/* An entry of create_profiles as columns of text; none where it is NULL. */
struct EntryColumns {
    std::optional<std::string_view> user_id;
    std::optional<std::string_view> app_id;
    std::optional<std::string_view> profile_data;
};

/* As read_entry(); the two columns behind user_id are JSON text. */
bool read_columns(const EntryColumns &columns, BulkRow &row, BulkFaults &faults);

} // namespace opigno::profile
