/* Faults that a schema of mode warn has found, until they are stored in opigno.app_schema_fault. */
#pragma once

#include "pg/vector.hpp"
#include "schema/document_kind.hpp"
#include "json/schema/evaluate.hpp"

#include <cstdint>
#include <span>
#include <type_traits>

namespace opigno::schema {

class FaultCounts {
  public:
    /* Faults that have the places and the keyword in common. */
    struct Kind {
        std::int32_t app_id;
        std::int64_t version;
        std::string_view path;
        std::string_view keyword;
        std::string_view schema_path;
        std::int64_t faults;

        [[nodiscard]] bool is_same(const Kind &other) const
        {
            return app_id == other.app_id && version == other.version && path == other.path &&
                   keyword == other.keyword && schema_path == other.schema_path;
        }
    };

    /* kind: of the documents that are judged */
    explicit FaultCounts(DocumentKind kind) : document_kind_(kind) {}

    void add(std::int32_t app_id, std::int64_t version, const json::schema::Fault &fault);

    /* Forgets what was counted. */
    void clear() { kinds_.clear(); }

    [[nodiscard]] std::span<const Kind> kinds() const { return {kinds_.begin(), kinds_.size()}; }

    /* Inserts one row for each kind of fault. Called as the owner, between SPI_connect and SPI_finish. */
    void store();

  private:
    static constexpr std::size_t max_kinds = 1000; /* further ones are not counted */

    DocumentKind document_kind_;
    MemoryContext context_ = CurrentMemoryContext;
    pg::Vector<Kind> kinds_;
};

static_assert(std::is_trivially_destructible_v<FaultCounts>);

} // namespace opigno::schema
