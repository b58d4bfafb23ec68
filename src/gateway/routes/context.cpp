/* User contexts, with the members of Opigno's GraphQL type. */
#include "gateway/body.hpp"
#include "gateway/conditions.hpp"
#include "gateway/http/headers.hpp"
#include "gateway/query.hpp"
#include "pg/array.hpp"
#include "pg/spi.hpp"
#include "json/text/json_text.hpp"
#include "json/text/repeated_members.hpp"
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
    pg::Errors errors;
    const std::int32_t size = page_size(exchange, errors);
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
    if (rows == static_cast<std::uint64_t>(size))
        add_next_page(exchange, pg::view(DatumGetTextPP(pg::column(1, rows - 1))));
    exchange.answer->body = out.json();
}

/* What is valid JSON and no valid user context. */
constexpr int unprocessable = MAKE_SQLSTATE('P', 'T', '4', '2', '2');

/* Whether the path and the body name the same user: both are written in the same way, or differ in
 * the case of letters of a UUID. */
bool is_uuid_of_path(const Exchange &exchange, const JsonbValue &given)
{
    return given.type == jbvString && is_same_name(json::string_of(given), exchange.captures[0]);
}

std::optional<std::int64_t> read_version(const Exchange &exchange)
{
    const Datum uuid = captured_text(exchange, 0);
    return get_context.read_latest(&uuid) > 0 ? std::optional(DatumGetInt64(pg::column(6))) : std::nullopt;
}

/* Returns the body with the uuid of the path and the version of the condition. The function finds the
 * other errors. In a merge patch, null removes a member, and no user context lacks one. */
Jsonb *payload_of(const Exchange &exchange, pg::Errors &errors)
{
    Jsonb *document = json::read_distinct(body_text(exchange), errors);
    errors.raise();
    const JsonbValue root = json::root_of(document);
    if (!json::is_object(root))
        refuse(422, "the body must be an object");
    json::Writer out;
    out.begin_object();
    out.key("uuid").string(exchange.captures[0]);
    json::each_member(root, [&](std::string_view name, const JsonbValue &value) {
        const char *member = pnstrdup(name.data(), name.size());
        if (name == "version")
            errors.add(unprocessable, member, "unknown member \"version\"");
        else if (name == "uuid" && !is_uuid_of_path(exchange, value))
            errors.add(unprocessable, member, "\"uuid\" must be the one in the path");
        else if (value.type == jbvNull && exchange.route->body == Body::MergePatch)
            errors.add(unprocessable, member, "member \"%s\" cannot be removed", pg::quoted(name));
        else if (name != "uuid")
            out.member(name).value(value);
    });
    if (const std::optional<std::int64_t> expected = expected_version(exchange, {read_version});
        expected.has_value())
        out.key("version").integer(*expected);
    out.end_object();
    return json::read_json(pg::view(DatumGetTextPP(out.json())));
}

pg::Error read_error(const JsonbValue &object)
{
    pg::Error error{unprocessable, "", ""};
    json::each_member(object, [&](std::string_view name, const JsonbValue &value) {
        const std::string_view given = json::string_of(value);
        const char *copy = pnstrdup(given.data(), given.size());
        if (name == "code")
            error.sqlstate =
                given == "22023" ? unprocessable : MAKE_SQLSTATE(copy[0], copy[1], copy[2], copy[3], copy[4]);
        else if (name == "path")
            error.path = copy;
        else if (name == "message")
            error.message = copy;
        else if (name == "hint")
            error.hint = copy;
    });
    return error;
}

/* Adds the errors in an answer of set_user_context_json(). */
void add_errors(std::string_view answer, pg::Errors &errors)
{
    json::each_member(
        json::root_of(json::read_json(answer)), [&](std::string_view name, const JsonbValue &value) {
            if (name == "errors")
                json::each_element(value, [&](const JsonbValue &error) { errors.add(read_error(error)); });
        });
}

void answer_set(Exchange &exchange)
{
    pg::Errors errors;
    const Datum payload = JsonbPGetDatum(payload_of(exchange, errors));
    const Datum uuid = captured_text(exchange, 0);
    const bool exists = get_context.read_latest(&uuid) > 0;
    set_context.write(&payload);
    add_errors(pg::view(DatumGetTextPCopy(pg::column(1))), errors);
    errors.raise();
    answer_context(exchange, true);
    exchange.answer->status = exists ? 200 : 201;
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
