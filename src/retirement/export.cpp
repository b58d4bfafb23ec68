/*
 * export_user; merge_functions.sql has the contract. It runs with the caller's rights: row security
 * and the functions that it calls decide what the caller sees.
 */
#include "identity/distributed_rows.hpp"
#include "identity/user_uuid.hpp"
#include "pg/acl.hpp"
#include "pg/catalog.hpp"
#include "pg/function.hpp"
#include "pg/spi.hpp"
#include "pg/text.hpp"
#include "json/value/writer.hpp"

namespace opigno::retirement {

namespace {

constexpr Oid bundle_types[] = {TEXTOID, INT4ARRAYOID, TEXTARRAYOID};
constexpr pg::Function get_user_bundle("get_user_bundle", bundle_types);

/* Types and operators are qualified because these statements run with the caller's search_path. */
constexpr Oid user_type[] = {TEXTOID};
constinit pg::CallerStatement select_clients("SELECT u.client_id, u.created_at FROM opigno.client_user AS u"
                                             " WHERE u.user_uuid OPERATOR(pg_catalog.=) $1"
                                             " ORDER BY u.client_id",
                                             user_type, OPIGNO_DISTRIBUTED_CLIENTS);
constinit pg::CallerStatement
    select_merges("SELECT m.from_uuid::pg_catalog.text, m.into_uuid::pg_catalog.text, m.merged_at"
                  " FROM opigno.user_merge AS m WHERE m.from_uuid OPERATOR(pg_catalog.=) $1"
                  "  OR m.into_uuid OPERATOR(pg_catalog.=) $1 ORDER BY m.from_uuid",
                  user_type);
constinit pg::CallerStatement
    select_audit("SELECT a.id, a.recorded_at, a.action, a.outcome, a.session_role, a.acting_role,"
                 " a.request_client, a.request_user, a.user_uuid, a.last_user_uuid, a.row_count,"
                 " a.app_id, a.version, a.subject FROM opigno.audit AS a"
                 " WHERE a.user_uuid OPERATOR(pg_catalog.=) $1 OR a.last_user_uuid OPERATOR(pg_catalog.=) $1"
                 "  OR a.request_user OPERATOR(pg_catalog.=) $1 ORDER BY a.recorded_at, a.id",
                 user_type);
constinit pg::CallerStatement
    select_bulk_errors("SELECT e.id, e.recorded_at, e.staging, e.ordinal, e.user_uuid, e.app_id, e.code,"
                       " e.path, e.message, e.line, e.expires_at FROM opigno.bulk_error AS e"
                       " WHERE e.user_uuid OPERATOR(pg_catalog.=) $1 ORDER BY e.id",
                       user_type);

constinit pg::CallerStatement select_retirements(
    "SELECT r.retirement_id, r.retired_uuid, r.current_state::pg_catalog.text AS current_state,"
    " r.last_state::pg_catalog.text AS last_state, r.responses, r.created_at, r.updated_at"
    " FROM opigno.retirement AS r WHERE r.user_uuid OPERATOR(pg_catalog.=) $1",
    user_type);
constinit pg::CallerStatement
    select_partner_reports("SELECT p.retirement_id, p.display_name, p.created_at, p.updated_at"
                           " FROM opigno.retirement_partner_report AS p"
                           " WHERE p.user_uuid OPERATOR(pg_catalog.=) $1",
                           user_type);

struct Member {
    const char *name;
    const char *table;
    pg::CallerStatement &rows;
};

constexpr Member members[] = {{"clients", "client_user", select_clients},
                              {"merges", "user_merge", select_merges},
                              {"audit", "audit", select_audit},
                              {"bulk_errors", "bulk_error", select_bulk_errors},
                              {"retirements", "retirement", select_retirements},
                              {"partner_reports", "retirement_partner_report", select_partner_reports}};

bool may_read(Oid schema, const char *table)
{
    return pg_class_aclcheck(get_relname_relid(table, schema), GetUserId(), ACL_SELECT) == ACLCHECK_OK;
}

void write_value(const Datum value, Oid type, json::Writer &out)
{
    switch (type) {
    case INT4OID:
        out.integer(DatumGetInt32(value));
        break;
    case INT8OID:
        out.integer(DatumGetInt64(value));
        break;
    case TIMESTAMPTZOID:
        out.timestamp(DatumGetTimestampTz(value));
        break;
    default:
        out.string(pg::view(DatumGetTextPP(value)));
    }
}

/* Writes the rows in SPI_tuptable, as objects of their columns. */
void write_rows(std::uint64_t rows, json::Writer &out)
{
    TupleDesc description = SPI_tuptable->tupdesc;
    out.begin_array();
    for (std::uint64_t row = 0; row < rows; ++row) {
        CHECK_FOR_INTERRUPTS();
        out.begin_object();
        for (int at = 1; at <= description->natts; ++at) {
            const FormData_pg_attribute *column = TupleDescAttr(description, at - 1);
            out.key(NameStr(column->attname));
            const std::optional<Datum> value = pg::nullable_column(at, row);
            if (value.has_value())
                write_value(*value, column->atttypid, out);
            else
                out.null();
        }
        out.end_object();
    }
    out.end_array();
}

void write_member(const Member &member, Oid schema, const Datum *user_uuid, json::Writer &out)
{
    out.key(member.name);
    if (!may_read(schema, member.table)) {
        out.null();
        return;
    }
    pg::with_spi([&](MemoryContext) {
        write_rows(member.rows.read(user_uuid), out);
        return 0;
    });
}

/* The bundle without its last brace, and the other members. */
Datum export_of(Oid schema, text *user_uuid)
{
    const Datum values[] = {PointerGetDatum(user_uuid), Datum{0}, Datum{0}};
    const char nulls[] = {' ', 'n', 'n'};
    const std::string_view bundle = pg::view(DatumGetTextPP(get_user_bundle.value(values, nulls)));
    json::Writer rest;
    rest.begin_object();
    for (const Member &member : members)
        write_member(member, schema, values, rest);
    rest.end_object();
    const std::string_view others = rest.text();
    StringInfoData out;
    initStringInfo(&out);
    appendBinaryStringInfo(&out, bundle.data(), static_cast<int>(bundle.size() - 1));
    appendStringInfoChar(&out, ',');
    appendBinaryStringInfo(&out, others.data() + 1, static_cast<int>(others.size() - 1));
    return PointerGetDatum(pg::make_text({out.data, static_cast<std::size_t>(out.len)}));
}

} // namespace

} // namespace opigno::retirement

using namespace opigno;

OPIGNO_FUNCTION(opigno_export_user)
{
    if (PG_ARGISNULL(0))
        PG_RETURN_NULL();
    return retirement::export_of(get_func_namespace(fcinfo->flinfo->fn_oid),
                                 identity::canonical_user_uuid(PG_GETARG_TEXT_PP(0)));
}
