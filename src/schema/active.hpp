/* The schemas by which documents of an app are judged now. */
#pragma once

#include "schema/cache.hpp"
#include "schema/document_kind.hpp"

#include <cstdint>

namespace opigno::schema {

struct ActiveSchema {
    std::int64_t version = 0;
    bool applies_defaults = false;
    const Compiled *compiled = nullptr; /* nullptr: there is none */
};

struct Active {
    DocumentKind kind = DocumentKind::Profile;
    ActiveSchema enforced; /* what violates it is refused */
    ActiveSchema tried;    /* mode warn: faults are counted */

    [[nodiscard]] bool is_none() const { return enforced.compiled == nullptr && tried.compiled == nullptr; }
};

static_assert(std::is_trivially_destructible_v<Active>);

/*
 * Returns the schemas that this transaction and those committed have set, also in a transaction with
 * an older snapshot. Sessions learn of a change right after its commit, when they next accept
 * invalidation messages: locks do so, and each statement. A writer calls lock_to_write() before. The
 * result and its programs are valid until the next call; it is cheap to call it before each use.
 * function: the function of the extension that was called, whose owner reads the table.
 */
const Active &active_schemas(Oid function, DocumentKind kind, std::int32_t app_id);

/* Makes active_schemas() read an app's schemas again after a change, which the table announces. */
void watch_schemas();

} // namespace opigno::schema
