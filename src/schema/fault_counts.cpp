#include "schema/fault_counts.hpp"

#include "pg/array.hpp"
#include "pg/spi.hpp"
#include "pg/time.hpp"
#include "pg/transaction.hpp"

#include <algorithm>

namespace opigno::schema {

namespace {

constexpr Oid insert_types[] = {INT4ARRAYOID, INT8ARRAYOID, TEXTARRAYOID,   TEXTARRAYOID,
                                TEXTARRAYOID, INT8ARRAYOID, TIMESTAMPTZOID, TEXTOID};
constinit pg::Statement
    insert_counts("INSERT INTO opigno.app_schema_fault"
                  " (app_id, version, path, keyword, schema_path, faults, first_at, last_at, document_kind)"
                  " SELECT f.*, $7, $7, $8 FROM unnest($1, $2, $3, $4, $5, $6) AS f RETURNING id",
                  insert_types);

/* Replaces the rows of an app by one for each kind. It skips locked rows, so no write waits for
 * another. */
constexpr Oid sum_types[] = {INT4OID, INT8OID, TEXTOID};
constinit pg::Statement
    add_up("WITH counted AS (SELECT f.id FROM opigno.app_schema_fault AS f"
           "   WHERE f.app_id = $1 AND f.document_kind = $3 AND f.version = $2 FOR UPDATE SKIP LOCKED),"
           "  gone AS (DELETE FROM opigno.app_schema_fault AS f USING counted AS c WHERE f.id = c.id"
           "   RETURNING f.path, f.keyword, f.schema_path, f.faults, f.first_at, f.last_at)"
           " INSERT INTO opigno.app_schema_fault"
           "  (app_id, document_kind, version, path, keyword, schema_path, faults, first_at, last_at)"
           " SELECT $1, $3, $2, g.path, g.keyword, g.schema_path, sum(g.faults)::bigint, min(g.first_at),"
           "  max(g.last_at) FROM gone AS g GROUP BY g.path, g.keyword, g.schema_path",
           sum_types);

std::string_view copy_of(std::string_view text)
{
    return {pnstrdup(text.data(), text.size()), text.size()};
}

/* Whether a multiple of that number is among the ids. */
bool is_time_to_add_up(std::int64_t first_id, std::int64_t last_id)
{
    constexpr std::int64_t interval = 256;
    return last_id / interval != (first_id - 1) / interval;
}

} // namespace

void FaultCounts::add(std::int32_t app_id, std::int64_t version, const json::schema::Fault &fault)
{
    Kind kind{app_id, version, fault.generalized, fault.keyword, fault.schema, 1};
    Kind *known =
        std::find_if(kinds_.begin(), kinds_.end(), [&](const Kind &each) { return each.is_same(kind); });
    if (known != kinds_.end()) {
        ++known->faults;
        return;
    }
    if (kinds_.size() >= max_kinds)
        return;
    MemoryContext before = MemoryContextSwitchTo(context_);
    kind.path = copy_of(kind.path);
    kind.keyword = copy_of(kind.keyword);
    kind.schema_path = copy_of(kind.schema_path);
    MemoryContextSwitchTo(before);
    kinds_.push_back(kind);
}

void FaultCounts::store()
{
    if (kinds_.empty())
        return;
    pg::ArrayColumn apps, versions, paths, keywords, schema_paths, faults;
    for (const Kind &kind : kinds_) {
        apps.add(Int32GetDatum(kind.app_id));
        versions.add(Int64GetDatum(kind.version));
        paths.add(pg::make_text(kind.path));
        keywords.add(pg::make_text(kind.keyword));
        schema_paths.add(pg::make_text(kind.schema_path));
        faults.add(Int64GetDatum(kind.faults));
    }
    const Datum kind_word = PointerGetDatum(pg::make_text(word_of(document_kind_)));
    const Datum values[] = {apps.integer_array(),
                            versions.array(INT8OID, 8, true, TYPALIGN_DOUBLE),
                            paths.text_array(),
                            keywords.text_array(),
                            schema_paths.text_array(),
                            faults.array(INT8OID, 8, true, TYPALIGN_DOUBLE),
                            TimestampTzGetDatum(GetCurrentTransactionStartTimestamp()),
                            kind_word};
    const std::uint64_t rows = insert_counts.write(values);
    if (rows == 0)
        return;
    const bool is_due =
        is_time_to_add_up(DatumGetInt64(pg::column(1)), DatumGetInt64(pg::column(1, rows - 1)));
    /* Above READ COMMITTED a concurrent delete would be a serialization failure. */
    if (!is_due || IsolationUsesXactSnapshot())
        return;
    for (std::size_t at = 0; at < kinds_.size(); ++at) {
        const auto is_same_schema = [&](const Kind &kind) {
            return kind.app_id == kinds_[at].app_id && kind.version == kinds_[at].version;
        };
        const Datum key[] = {Int32GetDatum(kinds_[at].app_id), Int64GetDatum(kinds_[at].version), kind_word};
        if (std::find_if(kinds_.begin(), kinds_.end(), is_same_schema) == &kinds_[at])
            add_up.write(key);
    }
}

} // namespace opigno::schema
