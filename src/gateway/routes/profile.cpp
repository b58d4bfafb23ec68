/* Sentinel's routes of profiles. */
#include "gateway/body.hpp"
#include "gateway/bulk_answer.hpp"
#include "gateway/conditions.hpp"
#include "gateway/query.hpp"
#include "identity/request.hpp"
#include "pg/function.hpp"
#include "pg/jsonb.hpp"
#include "pg/spi.hpp"
#include "json/text/repeated_members.hpp"
#include "json/value/reader.hpp"
#include "json/value/writer.hpp"

namespace opigno::gateway {

namespace {

#define PROFILE_ROW "p.user_uuid, p.app_id, p.profile_data, p.version, p.created_at, p.updated_at"

constexpr Oid key_types[] = {TEXTOID, INT4OID};
constinit pg::CallerStatement get_profile("SELECT " PROFILE_ROW " FROM opigno.get_profile($1, $2) AS p",
                                          key_types);
constexpr Oid app_type[] = {INT4OID};
constinit pg::Function my_profiles("my_profiles", app_type);

constexpr Oid write_types[] = {INT4OID, JSONBOID, INT8OID};
constexpr Oid create_types[] = {INT4OID, JSONBOID};
constinit const pg::Function create_profile("create_my_profile", create_types);
constinit const pg::Function patch_profile("patch_my_profile", write_types);
constexpr Oid delete_types[] = {INT4OID, INT8OID};
constinit const pg::Function delete_profile("delete_my_profile", delete_types);

void write_profile(json::Writer &out, const pg::Row &row)
{
    out.begin_object();
    out.key("user_id").string(pg::view(DatumGetTextPP(row.column(1))));
    out.key("app_id").integer(DatumGetInt32(row.column(2)));
    out.key("profile_data").value(json::root_of(DatumGetJsonbP(row.column(3))));
    out.key("version").integer(DatumGetInt64(row.column(4)));
    out.key("created_at").timestamp(DatumGetTimestampTz(row.column(5)));
    out.key("updated_at").timestamp(DatumGetTimestampTz(row.column(6)));
    out.end_object();
}

/* Profiles that one call creates share a version, and users share the path of their own profiles. So
 * the user is part of the ETag. */
const char *mark_of_user(const text *user_uuid)
{
    return mark_of(user_uuid == nullptr ? std::string_view() : pg::view(user_uuid));
}

void add_tag(Answer &answer, const pg::Row &row)
{
    add_version(answer, DatumGetInt64(row.column(4)), mark_of_user(DatumGetTextPP(row.column(1))));
}

void answer_with(Answer &answer, const pg::Row &row)
{
    json::Writer out;
    write_profile(out, row);
    answer.body = out.json();
    add_tag(answer, row);
}

void answer_get(Exchange &exchange)
{
    const Datum values[] = {captured_text(exchange, 0), Int32GetDatum(captured_app(exchange, 1))};
    if (get_profile.read(values) == 0)
        refuse(404, "the profile does not exist");
    answer_with(*exchange.answer, {SPI_tuptable->vals[0], SPI_tuptable->tupdesc});
}

void answer_own(Exchange &exchange)
{
    json::Writer out;
    out.begin_array();
    const Datum app_id = Int32GetDatum(captured_app(exchange, 0));
    if (const std::optional<pg::Row> row = my_profiles.first_row(&app_id); row.has_value()) {
        write_profile(out, *row);
        add_tag(*exchange.answer, *row);
    }
    out.end_array();
    exchange.answer->body = out.json();
}

/* Answers a write. written: its version and outcome. */
void answer_written(Exchange &exchange, Datum app_id, Datum written, int status)
{
    Answer &answer = *exchange.answer;
    answer.status = status;
    if (exchange.wants_minimal_answer)
        add_version(answer, DatumGetInt64(pg::column_of(written, 1)),
                    mark_of_user(identity::current_request()->user_uuid));
    else if (const std::optional<pg::Row> row = my_profiles.first_row_latest(&app_id); row.has_value())
        answer_with(answer, *row);
}

std::optional<std::int64_t> read_own_version(const Exchange &exchange)
{
    const Datum app_id = Int32GetDatum(captured_app(exchange, 0));
    const std::optional<pg::Row> row = my_profiles.first_row_latest(&app_id);
    return row.has_value() ? std::optional(DatumGetInt64(row->column(4))) : std::nullopt;
}

/* The version that a write of the user's own profile expects. */
std::optional<std::int64_t> expected_own_version(const Exchange &exchange)
{
    return expected_version(exchange,
                            {read_own_version, mark_of_user(identity::current_request()->user_uuid)});
}

void answer_create(Exchange &exchange)
{
    pg::Errors errors;
    Members members(exchange, errors);
    const std::int32_t app_id = members.integer("app_id");
    const JsonbValue *data = members.take("profile_data");
    members.finish();
    const Datum values[] = {Int32GetDatum(app_id),
                            JsonbPGetDatum(JsonbValueToJsonb(const_cast<JsonbValue *>(data)))};
    answer_written(exchange, values[0], create_profile.value(values), 201);
    exchange.answer->header("Location", psprintf("/user/profiles/%d", app_id));
}

void answer_patch(Exchange &exchange)
{
    pg::Errors errors;
    const std::int32_t app_id = captured_app(exchange, 0);
    Jsonb *patch = json::read_distinct(body_text(exchange), errors);
    errors.raise();
    const std::optional<std::int64_t> expected = expected_own_version(exchange);
    const Datum values[] = {Int32GetDatum(app_id), JsonbPGetDatum(patch),
                            Int64GetDatum(expected.value_or(0))};
    const char nulls[] = {' ', ' ', expected.has_value() ? ' ' : 'n'};
    answer_written(exchange, values[0], patch_profile.value(values, nulls), 200);
}

/* What does not exist gets 404, whatever the conditions are (RFC 9110, section 13.2.1). */
void answer_delete(Exchange &exchange)
{
    if (has_condition(exchange) && !read_own_version(exchange).has_value())
        refuse(404, "the profile does not exist");
    const std::optional<std::int64_t> expected = expected_own_version(exchange);
    const Datum values[] = {Int32GetDatum(captured_app(exchange, 0)), Int64GetDatum(expected.value_or(0))};
    const char nulls[] = {' ', expected.has_value() ? ' ' : 'n'};
    if (!DatumGetBool(delete_profile.value(values, nulls)))
        refuse(404, "the profile does not exist");
    exchange.answer->status = 204;
}

constexpr Oid bulk_types[] = {TEXTOID, TEXTOID, TEXTOID, BOOLOID};
constinit pg::CallerStatement create_profiles(
    "SELECT opigno.create_profiles($1, on_conflict => $2, on_error => $3, dry_run => $4)::text", bulk_types);

void answer_bulk(Exchange &exchange)
{
    const std::optional<std::string_view> on_conflict = value_of(exchange.target.query, "on_conflict");
    pg::Errors errors;
    const std::optional<bool> dry_run = flag_of(exchange, "dry_run", errors);
    errors.raise();
    const Datum values[] = {PointerGetDatum(pg::make_text(body_text(exchange))),
                            PointerGetDatum(pg::make_text(on_conflict.value_or(""))),
                            PointerGetDatum(pg::make_text("report")), BoolGetDatum(dry_run.value_or(false))};
    const char nulls[] = {' ', on_conflict.has_value() ? ' ' : 'n', is_lenient(exchange) ? ' ' : 'n',
                          dry_run.has_value() ? ' ' : 'n'};
    create_profiles.write(values, nulls);
    answer_with_counts(exchange);
}

constexpr Route routes[] = {
    {"POST", "/operator/profile/create-bulk", Identity::Operator, Body::Bulk, answer_bulk,
     "on_conflict dry_run"},
    {"GET", "/operator/users/profile/:userid/:appid", Identity::Operator, Body::None, answer_get},
    {"GET", "/user/profiles/:appid", Identity::Request, Body::None, answer_own},
    {"POST", "/user/profiles/create", Identity::Request, Body::Json, answer_create},
    {"PATCH", "/user/profiles/:appid", Identity::Request, Body::MergePatch, answer_patch},
    {"DELETE", "/user/profiles/:appid", Identity::Request, Body::None, answer_delete},
};

} // namespace

constinit const std::span<const Route> profile_routes(routes);

} // namespace opigno::gateway
