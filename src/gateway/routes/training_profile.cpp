/* Profiles of trainings. The members are those of user profiles, with training_id. */
#include "gateway/body.hpp"
#include "gateway/bulk_answer.hpp"
#include "gateway/conditions.hpp"
#include "gateway/http/headers.hpp"
#include "gateway/query.hpp"
#include "pg/function.hpp"
#include "pg/jsonb.hpp"
#include "pg/spi.hpp"
#include "json/text/repeated_members.hpp"
#include "json/value/integer.hpp"
#include "json/value/reader.hpp"
#include "json/value/writer.hpp"

namespace opigno::gateway {

namespace {

#define PROFILE_ROW "p.training_id, p.app_id, p.profile_data, p.version, p.created_at, p.updated_at"

constexpr Oid key_types[] = {TEXTOID, INT4OID};
constinit pg::CallerStatement
    get_profile("SELECT " PROFILE_ROW " FROM opigno.get_training_profile($1, $2) AS p", key_types);
constexpr Oid list_types[] = {INT4OID, TEXTOID, INT4OID};
constinit pg::CallerStatement
    list_profiles("SELECT " PROFILE_ROW " FROM opigno.list_training_profiles($1, $2, $3) AS p", list_types);

constexpr Oid write_types[] = {TEXTOID, INT4OID, JSONBOID, INT8OID};
constinit const pg::Function upsert_profile("upsert_training_profile", write_types);
constinit const pg::Function patch_profile("patch_training_profile", write_types);
constexpr Oid delete_types[] = {TEXTOID, INT4OID, INT8OID};
constinit const pg::Function delete_profile("delete_training_profile", delete_types);

constexpr Oid bulk_types[] = {TEXTOID, TEXTOID, TEXTOID, BOOLOID};
constinit pg::CallerStatement
    create_profiles("SELECT opigno.create_training_profiles($1, on_conflict => $2, on_error => $3,"
                    " dry_run => $4)::text",
                    bulk_types);

void write_profile(json::Writer &out, std::uint64_t row)
{
    out.begin_object();
    out.key("training_id").string(pg::view(DatumGetTextPP(pg::column(1, row))));
    out.key("app_id").integer(DatumGetInt32(pg::column(2, row)));
    out.key("profile_data").value(json::root_of(DatumGetJsonbP(pg::column(3, row))));
    out.key("version").integer(DatumGetInt64(pg::column(4, row)));
    out.key("created_at").timestamp(DatumGetTimestampTz(pg::column(5, row)));
    out.key("updated_at").timestamp(DatumGetTimestampTz(pg::column(6, row)));
    out.end_object();
}

void answer_with_row(Answer &answer)
{
    json::Writer out;
    write_profile(out, 0);
    answer.body = out.json();
    add_version(answer, DatumGetInt64(pg::column(4)));
}

/* The training and the app in the path. */
struct Key {
    Datum values[2];
};

Key key_of(const Exchange &exchange)
{
    return {{captured_text(exchange, 0), Int32GetDatum(captured_app(exchange, 1))}};
}

void answer_get(Exchange &exchange)
{
    if (get_profile.read(key_of(exchange).values) == 0)
        refuse(404, "the training profile does not exist");
    answer_with_row(*exchange.answer);
}

void answer_list(Exchange &exchange)
{
    const std::int32_t app_id = captured_app(exchange, 0);
    pg::Errors errors;
    const std::int32_t size = page_size(exchange, errors);
    errors.raise();
    const std::optional<std::string_view> after = value_of(exchange.target.query, "after");
    const Datum values[] = {Int32GetDatum(app_id), PointerGetDatum(pg::make_text(after.value_or(""))),
                            Int32GetDatum(size)};
    const char nulls[] = {' ', after.has_value() ? ' ' : 'n', ' '};
    const std::uint64_t rows = list_profiles.read(values, nulls);
    json::Writer out;
    out.begin_array();
    for (std::uint64_t row = 0; row < rows; ++row)
        write_profile(out, row);
    out.end_array();
    exchange.answer->body = out.json();
    if (rows == static_cast<std::uint64_t>(size))
        add_next_page(exchange, pg::view(DatumGetTextPP(pg::column(1, rows - 1))));
}

std::optional<std::int64_t> read_version(const Exchange &exchange)
{
    return get_profile.read_latest(key_of(exchange).values) > 0 ? std::optional(DatumGetInt64(pg::column(4)))
                                                                : std::nullopt;
}

/* Writes a document, and answers with what is stored then. */
void answer_write(Exchange &exchange, const pg::Function &write, Datum document)
{
    const std::optional<std::int64_t> expected = expected_version(exchange, {read_version});
    const Key key = key_of(exchange);
    const Datum values[] = {key.values[0], key.values[1], document, Int64GetDatum(expected.value_or(0))};
    const char nulls[] = {' ', ' ', ' ', expected.has_value() ? ' ' : 'n'};
    const Datum written = write.value(values, nulls);
    Answer &answer = *exchange.answer;
    const std::string_view outcome = pg::view(DatumGetTextPP(pg::column_of(written, 2)));
    answer.status = outcome == "created" ? 201 : 200;
    if (exchange.wants_minimal_answer)
        add_version(answer, DatumGetInt64(pg::column_of(written, 1)));
    else if (get_profile.read_latest(key.values) > 0)
        answer_with_row(answer);
}

/* A body that names a training or an app must name those of the path. */
void check_names(const Exchange &exchange, Members &members, pg::Errors &errors)
{
    const text *training_id = members.string("training_id", false);
    if (training_id != nullptr && !is_same_name(pg::view(training_id), exchange.captures[0]))
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "training_id",
                   "\"training_id\" must be the one in the path");
    const JsonbValue *app_id = members.take("app_id", false);
    if (app_id != nullptr && app_id->type != jbvNull &&
        json::integer_of(*app_id) != captured_app(exchange, 1))
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "app_id", "\"app_id\" must be the one in the path");
}

void answer_set(Exchange &exchange)
{
    captured_app(exchange, 1);
    has_condition(exchange); /* a missing one is refused before the body is read */
    pg::Errors errors;
    Members members(exchange, errors);
    const JsonbValue *data = members.take("profile_data");
    check_names(exchange, members, errors);
    members.finish();
    answer_write(exchange, upsert_profile, JsonbPGetDatum(JsonbValueToJsonb(const_cast<JsonbValue *>(data))));
}

void answer_patch(Exchange &exchange)
{
    captured_app(exchange, 1);
    pg::Errors errors;
    Jsonb *patch = json::read_distinct(body_text(exchange), errors);
    errors.raise();
    answer_write(exchange, patch_profile, JsonbPGetDatum(patch));
}

/* What does not exist gets 404, whatever the conditions are (RFC 9110, section 13.2.1). */
void answer_delete(Exchange &exchange)
{
    if (has_condition(exchange) && !read_version(exchange).has_value())
        refuse(404, "the training profile does not exist");
    const std::optional<std::int64_t> expected = expected_version(exchange, {read_version});
    const Key key = key_of(exchange);
    const Datum values[] = {key.values[0], key.values[1], Int64GetDatum(expected.value_or(0))};
    const char nulls[] = {' ', ' ', expected.has_value() ? ' ' : 'n'};
    if (!DatumGetBool(delete_profile.value(values, nulls)))
        refuse(404, "the training profile does not exist");
    exchange.answer->status = 204;
}

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
    {"GET", "/training-profiles/:appid", Identity::Request, Body::None, answer_list, "after limit"},
    {"GET", "/trainings/:training/profiles/:appid", Identity::Request, Body::None, answer_get},
    {"PUT", "/trainings/:training/profiles/:appid", Identity::Request, Body::Json, answer_set},
    {"PATCH", "/trainings/:training/profiles/:appid", Identity::Request, Body::MergePatch, answer_patch},
    {"DELETE", "/trainings/:training/profiles/:appid", Identity::Request, Body::None, answer_delete},
    {"POST", "/operator/training-profile/create-bulk", Identity::Operator, Body::Bulk, answer_bulk,
     "on_conflict dry_run"},
};

} // namespace

constinit const std::span<const Route> training_profile_routes(routes);

} // namespace opigno::gateway
