/* announce_schema_change and may_read_app_schema; announce.sql has the contracts. */
#include "identity/level.hpp"
#include "pg/catalog.hpp"
#include "pg/invalidation.hpp"
#include "pg/text.hpp"
#include "schema/document_kind.hpp"

OPIGNO_FUNCTION(opigno_announce_schema_change)
{
    const Oid table = get_relname_relid("app_schema", get_func_namespace(fcinfo->flinfo->fn_oid));
    if (OidIsValid(table))
        CacheInvalidateRelcacheByRelid(table);
    PG_RETURN_BOOL(true);
}

OPIGNO_STRICT_FUNCTION(opigno_may_read_app_schema)
{
    using namespace opigno;
    const identity::Access access = identity::Access::of(fcinfo->flinfo->fn_oid);
    const bool is_of_trainings =
        pg::view(PG_GETARG_TEXT_PP(0)) == schema::word_of(schema::DocumentKind::TrainingProfile);
    PG_RETURN_BOOL(is_of_trainings ? access.reads_all_progress() : access.reads_all());
}
