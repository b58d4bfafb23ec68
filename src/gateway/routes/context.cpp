/* User contexts, with the members of Opigno's GraphQL type. */
#include "gateway/body.hpp"
#include "gateway/conditions.hpp"
#include "gateway/http/headers.hpp"
#include "gateway/query.hpp"
#include "pg/array.hpp"
#include "pg/spi.hpp"
#include "json/text/json_text.hpp"
#include "json/value/reader.hpp"
#include "json/value/writer.hpp"

namespace opigno::gateway {

namespace {

#define CONTEXT_ROW "c.uuid, c.id, c.display_name, c.is_active, c.scope, c.version"

constexpr Oid uuid_type[] = {TEXTOID};
constinit pg::CallerStatement get_context("SELECT " CONTEXT_ROW " FROM opigno.get_user_context($1) AS c",
                                          uuid_type);
constexpr Oid list_types[] = {TEXTOID, INT4OID, BOOLOID, TEXTOID};
constinit pg::CallerStatement
    list_contexts("SELECT " CONTEXT_ROW " FROM opigno.list_user_contexts($1, $2, $3, $4) AS c", list_types);
constexpr Oid set_types[] = {JSONBOID};
constinit pg::CallerStatement set_context("SELECT opigno.set_user_context_json($1::json)::text", set_types);

void write_context(json::Writer &out, std::uint64_t row)
{
    out.begin_object();
    out.key("displayName").string(pg::view(DatumGetTextPP(pg::column(3, row))));
    out.key("id").string(psprintf(INT64_FORMAT, DatumGetInt64(pg::column(2, row))));
    out.key("isActive").boolean(DatumGetBool(pg::column(4, row)));
    out.key("scope").begin_array();
    for (const std::string_view name : pg::names_of(DatumGetArrayTypeP(pg::column(5, row))))
        out.string(name);
    out.end_array();
    out.key("uuid").string(pg::view(DatumGetTextPP(pg::column(1, row))));
    out.end_object();
}

bool answer_context(Exchange &exchange, bool is_written)
{
    const Datum uuid = captured_text(exchange, 0);
    if ((is_written ? get_context.read_latest(&uuid) : get_context.read(&uuid)) == 0)
        return false;
    json::Writer out;
    write_context(out, 0);
    exchange.answer->body = out.json();
    add_version(*exchange.answer, DatumGetInt64(pg::column(6)));
    return true;
}

void answer_get(Exchange &exchange)
{
    if (!answer_context(exchange, false))
        refuse(404, "the user context does not exist");
}

Datum text_or_null(const std::optional<std::string_view> &value)
{
    return value.has_value() ? PointerGetDatum(pg::make_text(*value)) : Datum{0};
}

void answer_list(Exchange &exchange)
{
    const Parameters &query = exchange.target.query;
    constexpr std::int32_t default_size = 100;
    constexpr std::int32_t max_size = 1000;
    pg::Errors errors;
    const std::int32_t size = number_in(exchange, "limit", 1, max_size, errors).value_or(default_size);
    const std::optional<bool> is_active = flag_of(exchange, "isActive", errors);
    errors.raise();
    const Datum values[] = {text_or_null(value_of(query, "after")), Int32GetDatum(size),
                            BoolGetDatum(is_active.value_or(false)), text_or_null(value_of(query, "scope"))};
    const char nulls[] = {values[0] == Datum{0} ? 'n' : ' ', ' ', is_active.has_value() ? ' ' : 'n',
                          values[3] == Datum{0} ? 'n' : ' '};
    const std::uint64_t rows = list_contexts.read(values, nulls);
    json::Writer out;
    out.begin_array();
    for (std::uint64_t row = 0; row < rows; ++row)
        write_context(out, row);
    out.end_array();
    exchange.answer->body = out.json();
}

/* The uuid of a body, which may be missing, is that of the path. */
void check_uuid(const Exchange &exchange, const JsonbValue *given, pg::Errors &errors)
{
    if (given != nullptr &&
        (given->type != jbvString || !is_same_name(json::string_of(*given), exchange.captures[0])))
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "uuid", "\"uuid\" must be the one in the path");
}

/* Returns the body with the member uuid from the path. */
Jsonb *payload_of(const Exchange &exchange)
{
    pg::Errors errors;
    Members members(exchange, errors);
    json::Writer out;
    out.begin_object();
    out.key("uuid").string(exchange.captures[0]);
    for (const char *name : {"displayName", "id", "isActive", "scope"})
        if (const JsonbValue *value = members.take(name, false); value != nullptr)
            out.key(name).value(*value);
    if (const std::optional<std::int64_t> expected = expected_version(exchange); expected.has_value())
        out.key("version").integer(*expected);
    check_uuid(exchange, members.take("uuid", false), errors);
    members.finish();
    out.end_object();
    return json::read_json(pg::view(DatumGetTextPP(out.json())));
}

void answer_set(Exchange &exchange)
{
    const Datum payload = JsonbPGetDatum(payload_of(exchange));
    set_context.write(&payload);
    const text *answer = DatumGetTextPCopy(pg::column(1));
    if (pg::view(answer).starts_with(R"({"errors":[])") && answer_context(exchange, true))
        return;
    const bool has_other_version = pg::view(answer).starts_with(R"({"errors":[{"code":"PT412")");
    exchange.answer->status = has_other_version ? 412 : 422;
    exchange.answer->body = PointerGetDatum(answer);
}

constexpr Route routes[] = {
    {"GET", "/user-contexts", Identity::Request, Body::None, answer_list, "after limit isActive scope"},
    {"GET", "/user-contexts/:uuid", Identity::Request, Body::None, answer_get},
    {"PUT", "/user-contexts/:uuid", Identity::Request, Body::Json, answer_set},
    {"PATCH", "/user-contexts/:uuid", Identity::Request, Body::MergePatch, answer_set},
};

} // namespace

constinit const std::span<const Route> context_routes(routes);

} // namespace opigno::gateway
