#include "context/store.hpp"

#include "pg/spi.hpp"

namespace opigno::context {

namespace {

#define ROW "c.uuid::text, c.id, c.display_name, c.is_active, c.scope, c.created_at, c.updated_at"

constexpr Oid key_type[] = {TEXTOID};
constexpr Oid change_types[] = {TEXTOID, TEXTOID, BOOLOID, TEXTARRAYOID, TIMESTAMPTZOID};

/* Operators are qualified because this one also runs under the caller's search_path. */
constinit pg::Statement
    select_context("SELECT " ROW " FROM opigno.user_context AS c WHERE c.uuid OPERATOR(pg_catalog.=) $1",
                   key_type);

/* The sub-select spares an id of the sequence for each update. */
constinit pg::Statement
    upsert_context("INSERT INTO opigno.user_context AS c"
                   " (uuid, id, display_name, is_active, scope, created_at, updated_at)"
                   " VALUES ($1, coalesce((SELECT o.id FROM opigno.user_context AS o WHERE o.uuid = $1),"
                   "  nextval('opigno.user_context_id_seq')), $2, $3, coalesce($4, '{}'), $5, $5)"
                   " ON CONFLICT (uuid) DO UPDATE SET display_name = excluded.display_name,"
                   "  is_active = excluded.is_active, scope = coalesce($4, c.scope),"
                   "  updated_at = excluded.updated_at"
                   " WHERE c.display_name <> excluded.display_name OR c.is_active <> excluded.is_active"
                   "  OR c.scope <> coalesce($4, c.scope)"
                   " RETURNING " ROW,
                   change_types);

constinit pg::Statement
    update_context("UPDATE opigno.user_context AS c SET display_name = coalesce($2, c.display_name),"
                   "  is_active = coalesce($3, c.is_active), scope = coalesce($4, c.scope), updated_at = $5"
                   " WHERE c.uuid = $1 AND (c.display_name <> coalesce($2, c.display_name)"
                   "  OR c.is_active <> coalesce($3, c.is_active) OR c.scope <> coalesce($4, c.scope))"
                   " RETURNING " ROW,
                   change_types);

struct Parameters {
    Datum values[5];
    char nulls[5];
};

Parameters parameters_of(const Change &change)
{
    return {{PointerGetDatum(change.uuid), PointerGetDatum(change.display_name),
             BoolGetDatum(change.is_active.value_or(false)), PointerGetDatum(change.scope),
             TimestampTzGetDatum(GetCurrentTransactionStartTimestamp())},
            {' ', change.display_name == nullptr ? 'n' : ' ', change.is_active.has_value() ? ' ' : 'n',
             change.scope == nullptr ? 'n' : ' ', ' '}};
}

bool reread(text *user_uuid)
{
    const Datum key = PointerGetDatum(user_uuid);
    return select_context.read_latest(&key) > 0;
}

void upsert(const Change &change)
{
    const Parameters parameters = parameters_of(change);
    if (upsert_context.write(parameters.values, parameters.nulls) == 0 && !reread(change.uuid))
        elog(ERROR, "user context is not there after it was written");
}

} // namespace

bool read_row(text *user_uuid)
{
    const Datum key = PointerGetDatum(user_uuid);
    return select_context.read(&key) > 0;
}

/*
 * The look first makes "there is none" certain: an UPDATE that changes no row would
 * also be one whose snapshot is older than another session's insert.
 */
bool update(const Change &change)
{
    const Parameters parameters = parameters_of(change);
    return reread(change.uuid) &&
           (update_context.write(parameters.values, parameters.nulls) > 0 || reread(change.uuid));
}

bool create_or_update(const Change &change, const Spelling &spelling, pg::Faults &faults)
{
    if (faults.empty() && change.is_complete()) {
        upsert(change);
        return true;
    }
    if (faults.empty() && update(change))
        return true;
    if (change.uuid != nullptr && (faults.empty() || !reread(change.uuid)))
        add_missing(change, spelling, faults);
    return false;
}

Datum returned_row()
{
    return HeapTupleHeaderGetDatum(SPI_returntuple(SPI_tuptable->vals[0], SPI_tuptable->tupdesc));
}

} // namespace opigno::context
