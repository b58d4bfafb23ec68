/* Trainings. Members and parameters have the names of the SQL functions. */
#include "gateway/body.hpp"
#include "gateway/bulk_answer.hpp"
#include "gateway/conditions.hpp"
#include "gateway/http/headers.hpp"
#include "gateway/query.hpp"
#include "pg/spi.hpp"
#include "json/value/writer.hpp"

#include <limits>

namespace opigno::gateway {

namespace {

#define TRAINING_ROW "t.training_id, t.title, t.is_active, t.version, t.created_at, t.updated_at"

constexpr Oid key_type[] = {TEXTOID};
constinit pg::CallerStatement get_training("SELECT " TRAINING_ROW " FROM opigno.get_training($1) AS t",
                                           key_type);
constexpr Oid list_types[] = {TEXTOID, INT4OID, BOOLOID};
constinit pg::CallerStatement
    list_trainings("SELECT " TRAINING_ROW " FROM opigno.list_trainings($1, $2, $3) AS t", list_types);
constexpr Oid find_types[] = {TEXTOID, INT4OID, INT4OID};
constinit pg::CallerStatement
    find_trainings("SELECT " TRAINING_ROW
                   " FROM opigno.find_trainings($1, $2, $3) WITH ORDINALITY AS f (training_id, title, place),"
                   "  opigno.get_training(f.training_id) AS t"
                   " ORDER BY f.place",
                   find_types);
constexpr Oid set_types[] = {TEXTOID, TEXTOID, BOOLOID, INT8OID};
constinit pg::CallerStatement
    set_training("SELECT " TRAINING_ROW " FROM opigno.set_training($1, $2, $3, $4) AS t", set_types);
constexpr Oid delete_types[] = {TEXTOID, INT8OID};
constinit pg::CallerStatement delete_training("SELECT opigno.delete_training($1, $2)", delete_types);
constexpr Oid bulk_types[] = {TEXTOID, TEXTOID, BOOLOID, TEXTOID};
constinit pg::CallerStatement
    set_trainings("SELECT opigno.set_trainings($1, on_error => $2, dry_run => $3, on_duplicate => $4)::text",
                  bulk_types);

void write_training(json::Writer &out, std::uint64_t row)
{
    out.begin_object();
    out.key("training_id").string(pg::view(DatumGetTextPP(pg::column(1, row))));
    out.key("title").string(pg::view(DatumGetTextPP(pg::column(2, row))));
    out.key("is_active").boolean(DatumGetBool(pg::column(3, row)));
    out.key("version").integer(DatumGetInt64(pg::column(4, row)));
    out.key("created_at").timestamp(DatumGetTimestampTz(pg::column(5, row)));
    out.key("updated_at").timestamp(DatumGetTimestampTz(pg::column(6, row)));
    out.end_object();
}

void answer_with_row(Answer &answer)
{
    json::Writer out;
    write_training(out, 0);
    answer.body = out.json();
    add_version(answer, DatumGetInt64(pg::column(4)));
}

void answer_with_rows(Answer &answer, std::uint64_t rows)
{
    json::Writer out;
    out.begin_array();
    for (std::uint64_t row = 0; row < rows; ++row)
        write_training(out, row);
    out.end_array();
    answer.body = out.json();
}

void answer_get(Exchange &exchange)
{
    const Datum key = captured_text(exchange, 0);
    if (get_training.read(&key) == 0)
        refuse(404, "the training does not exist");
    answer_with_row(*exchange.answer);
}

constexpr std::int32_t max_size = 1000;
constexpr std::int32_t max_app_id = std::numeric_limits<std::int32_t>::max();

void refuse_with_prefix(const Exchange &exchange, const char *name, pg::Errors &errors)
{
    if (value_of(exchange.target.query, name).has_value())
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, nullptr,
                   "parameter \"%s\" cannot be used with \"prefix\"", name);
}

/* The matches for an autocomplete field, the best first. They have no further page. */
void answer_find(Exchange &exchange, std::string_view prefix)
{
    constexpr std::int32_t default_size = 20;
    pg::Errors errors;
    const std::int32_t size = number_in(exchange, "limit", 1, max_size, errors).value_or(default_size);
    const std::optional<std::int32_t> app_id = number_in(exchange, "app_id", 0, max_app_id, errors);
    refuse_with_prefix(exchange, "after", errors);
    refuse_with_prefix(exchange, "is_active", errors);
    errors.raise();
    const Datum values[] = {PointerGetDatum(pg::make_text(prefix)), Int32GetDatum(app_id.value_or(0)),
                            Int32GetDatum(size)};
    const char nulls[] = {' ', app_id.has_value() ? ' ' : 'n', ' '};
    answer_with_rows(*exchange.answer, find_trainings.read(values, nulls));
}

void answer_list(Exchange &exchange)
{
    const Parameters &query = exchange.target.query;
    if (const std::optional<std::string_view> prefix = value_of(query, "prefix"); prefix.has_value())
        return answer_find(exchange, *prefix);
    constexpr std::int32_t default_size = 100;
    pg::Errors errors;
    const std::int32_t size = number_in(exchange, "limit", 1, max_size, errors).value_or(default_size);
    const std::optional<bool> is_active = flag_of(exchange, "is_active", errors);
    if (value_of(query, "app_id").has_value())
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, nullptr,
                   "parameter \"app_id\" can be used only with \"prefix\"");
    errors.raise();
    const std::optional<std::string_view> after = value_of(query, "after");
    const Datum values[] = {PointerGetDatum(pg::make_text(after.value_or(""))), Int32GetDatum(size),
                            BoolGetDatum(is_active.value_or(false))};
    const char nulls[] = {after.has_value() ? ' ' : 'n', ' ', is_active.has_value() ? ' ' : 'n'};
    const std::uint64_t rows = list_trainings.read(values, nulls);
    answer_with_rows(*exchange.answer, rows);
    if (rows == static_cast<std::uint64_t>(size))
        add_next_page(exchange, pg::view(DatumGetTextPP(pg::column(1, rows - 1))));
}

std::optional<std::int64_t> read_version(const Exchange &exchange)
{
    const Datum key = captured_text(exchange, 0);
    return get_training.read_latest(&key) > 0 ? std::optional(DatumGetInt64(pg::column(4))) : std::nullopt;
}

void answer_set(Exchange &exchange)
{
    pg::Errors errors;
    Members members(exchange, errors);
    const text *training_id = members.string("training_id", false);
    const text *title = members.string("title", false);
    const std::optional<bool> is_active = members.flag("is_active");
    if (training_id != nullptr && !is_same_name(pg::view(training_id), exchange.captures[0]))
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "training_id",
                   "\"training_id\" must be the one in the path");
    members.finish();
    const bool exists = read_version(exchange).has_value();
    const std::optional<std::int64_t> expected = expected_version(exchange, {read_version});
    const Datum values[] = {captured_text(exchange, 0), PointerGetDatum(title),
                            BoolGetDatum(is_active.value_or(false)), Int64GetDatum(expected.value_or(0))};
    const char nulls[] = {' ', title == nullptr ? 'n' : ' ', is_active.has_value() ? ' ' : 'n',
                          expected.has_value() ? ' ' : 'n'};
    set_training.write(values, nulls);
    answer_with_row(*exchange.answer);
    exchange.answer->status = exists ? 200 : 201;
}

/* What does not exist gets 404, whatever the conditions are (RFC 9110, section 13.2.1). */
void answer_delete(Exchange &exchange)
{
    if (has_condition(exchange) && !read_version(exchange).has_value())
        refuse(404, "the training does not exist");
    const std::optional<std::int64_t> expected = expected_version(exchange, {read_version});
    const Datum values[] = {captured_text(exchange, 0), Int64GetDatum(expected.value_or(0))};
    const char nulls[] = {' ', expected.has_value() ? ' ' : 'n'};
    delete_training.write(values, nulls);
    if (!DatumGetBool(pg::column(1)))
        refuse(404, "the training does not exist");
    exchange.answer->status = 204;
}

void answer_bulk(Exchange &exchange)
{
    const std::optional<std::string_view> on_duplicate = value_of(exchange.target.query, "on_duplicate");
    pg::Errors errors;
    const std::optional<bool> dry_run = flag_of(exchange, "dry_run", errors);
    errors.raise();
    const Datum values[] = {PointerGetDatum(pg::make_text(body_text(exchange))),
                            PointerGetDatum(pg::make_text("report")), BoolGetDatum(dry_run.value_or(false)),
                            PointerGetDatum(pg::make_text(on_duplicate.value_or("")))};
    const char nulls[] = {' ', is_lenient(exchange) ? ' ' : 'n', dry_run.has_value() ? ' ' : 'n',
                          on_duplicate.has_value() ? ' ' : 'n'};
    set_trainings.write(values, nulls);
    answer_with_counts(exchange);
}

constexpr Route routes[] = {
    {"GET", "/trainings", Identity::Request, Body::None, answer_list, "after limit is_active prefix app_id"},
    {"GET", "/trainings/:training", Identity::Request, Body::None, answer_get},
    {"PUT", "/trainings/:training", Identity::Operator, Body::Json, answer_set},
    {"DELETE", "/trainings/:training", Identity::Operator, Body::None, answer_delete},
    {"POST", "/operator/training/set-bulk", Identity::Operator, Body::Bulk, answer_bulk,
     "dry_run on_duplicate"},
};

} // namespace

constinit const std::span<const Route> training_routes(routes);

} // namespace opigno::gateway
