/* Judges the documents of a load, which can be of many apps. */
#pragma once

#include "pg/hash.hpp"
#include "schema/check.hpp"

#include <cstdint>
#include <type_traits>

namespace opigno::schema {

class AppJudge {
  public:
    /* function: the function of the extension that was called */
    AppJudge(Oid function, DocumentKind kind);

    /* Whether the app exists. If so, no other session changes its schemas until the transaction ends.
     * An app that did not exist when it was first asked for does not exist for this load. */
    bool has_app(std::int32_t app_id);

    /* Whether documents of the app are judged. The functions below accept all other documents. */
    bool has_schema(std::int32_t app_id) { return has_app(app_id) && !active(app_id).is_none(); }

    Jsonb *with_defaults(std::int32_t app_id, Jsonb *document);

    /* Whether the document may be stored. */
    bool accepts(std::int32_t app_id, const Jsonb *document);

    /* Returns the errors of a document that may not be stored. prefix: as for violations_of() */
    Violations violations(std::int32_t app_id, const Jsonb *document, const char *prefix);

    /* Counts the faults of a document that was accepted, by the schema of mode warn. */
    void count_faults(std::int32_t app_id, Jsonb *document);

    /* Stores what was counted. Called as the owner, between SPI_connect and SPI_finish. */
    void store_counts() { counts_.store(); }

  private:
    struct App {
        std::int32_t app_id;
        bool exists;
    };

    const Active &active(std::int32_t app_id) { return active_schemas(function_, kind_, app_id); }
    [[nodiscard]] bool find_and_lock(std::int32_t app_id) const;

    Oid function_;
    DocumentKind kind_;
    HTAB *apps_; /* by app_id */
    App last_{-1, false};
    FaultCounts counts_;
};

static_assert(std::is_trivially_destructible_v<AppJudge>);

} // namespace opigno::schema
