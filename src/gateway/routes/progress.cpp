/* Progress in trainings, enrolment and ranks, of the request's user and, for operators, of any user. */
#include "gateway/body.hpp"
#include "gateway/bulk_answer.hpp"
#include "gateway/conditions.hpp"
#include "gateway/query.hpp"
#include "identity/access.hpp"
#include "pg/spi.hpp"
#include "text/time_offset.hpp"
#include "json/value/reader.hpp"
#include "json/value/writer.hpp"

namespace opigno::gateway {

namespace {

#define PROGRESS_ROW                                                                                         \
    "p.user_uuid, p.training_id, p.is_enrolled, p.status, p.progress::text, p.score::text, p.details,"       \
    " p.reported_at, p.version, p.created_at, p.updated_at"

constexpr Oid own_types[] = {TEXTOID};
constinit pg::CallerStatement my_progress("SELECT " PROGRESS_ROW " FROM opigno.my_progress($1) AS p",
                                          own_types);
constexpr Oid key_types[] = {TEXTOID, TEXTOID};
constinit pg::CallerStatement get_progress("SELECT " PROGRESS_ROW " FROM opigno.get_progress($1, $2) AS p",
                                           key_types);
constexpr Oid list_types[] = {TEXTOID, TEXTOID, INT4OID, TEXTOID};
constinit pg::CallerStatement
    list_progress("SELECT " PROGRESS_ROW " FROM opigno.list_progress($1, $2, $3, $4) AS p", list_types);
constinit pg::CallerStatement get_training("SELECT t.training_id FROM opigno.get_training($1) AS t",
                                           own_types);
constexpr Oid report_types[] = {TEXTOID,    TEXTOID, TEXTOID,  NUMERICOID,
                                NUMERICOID, TEXTOID, JSONBOID, BOOLOID};
constinit pg::CallerStatement report_progress("SELECT p.user_uuid FROM opigno.report_progress($1, $2,"
                                              " status => $3, progress => $4, score => $5,"
                                              " reported_at => $6::timestamptz, details => $7,"
                                              " allow_decrease => $8) AS p",
                                              report_types);
constinit pg::CallerStatement
    enrol("SELECT p.outcome, p.user_uuid, p.training_id FROM opigno.enrol_user($1, $2) AS p", key_types);
constinit pg::CallerStatement
    remove("SELECT p.outcome, p.user_uuid, p.training_id FROM opigno.remove_enrolment($1, $2) AS p",
           key_types);
constinit pg::CallerStatement get_rank("SELECT r.rank, trim_scale(r.average_score)::text, "
                                       "r.passed_trainings_number, r.completed_trainings_number,"
                                       "  r.ranked_at"
                                       " FROM opigno.passed_trainings_ranking($1) AS r",
                                       own_types);
constexpr Oid bulk_types[] = {TEXTOID, TEXTOID, BOOLOID, BOOLOID};
constinit pg::CallerStatement
    report_many("SELECT opigno.report_progress_many($1, on_error => $2, dry_run => $3,"
                " create_missing_users => $4)::text",
                bulk_types);

constexpr const char *not_enrolled = "the user is not enrolled in this training";

bool is_of_any_user(const Exchange &exchange)
{
    return exchange.route->pattern.starts_with("/operator/");
}

/* An operator's request reads the progress of its user also if the user cannot act. */
bool reads_any_user(const Exchange &exchange)
{
    return is_of_any_user(exchange) || identity::check_request().acts_on_all;
}

Datum user_of(const Exchange &exchange)
{
    return is_of_any_user(exchange) ? captured_text(exchange, 0)
                                    : PointerGetDatum(identity::check_request_user());
}

Datum training_of(const Exchange &exchange)
{
    return captured_text(exchange, exchange.captures.size() - 1);
}

void write_number(json::Writer &out, std::optional<Datum> number)
{
    if (number.has_value())
        out.json(pg::view(DatumGetTextPP(*number)));
    else
        out.null();
}

void write_time(json::Writer &out, std::optional<Datum> time)
{
    if (time.has_value())
        out.timestamp(DatumGetTimestampTz(*time));
    else
        out.null();
}

void write_progress(json::Writer &out, std::uint64_t row)
{
    out.begin_object();
    out.key("user_uuid").string(pg::view(DatumGetTextPP(pg::column(1, row))));
    out.key("training_id").string(pg::view(DatumGetTextPP(pg::column(2, row))));
    out.key("is_enrolled").boolean(DatumGetBool(pg::column(3, row)));
    out.key("status").string(pg::view(DatumGetTextPP(pg::column(4, row))));
    out.key("progress");
    write_number(out, pg::nullable_column(5, row));
    out.key("score");
    write_number(out, pg::nullable_column(6, row));
    out.key("details");
    if (const std::optional<Datum> details = pg::nullable_column(7, row); details.has_value())
        out.value(json::root_of(DatumGetJsonbP(*details)));
    else
        out.null();
    out.key("reported_at");
    write_time(out, pg::nullable_column(8, row));
    out.key("version").integer(DatumGetInt64(pg::column(9, row)));
    out.key("created_at").timestamp(DatumGetTimestampTz(pg::column(10, row)));
    out.key("updated_at").timestamp(DatumGetTimestampTz(pg::column(11, row)));
    out.end_object();
}

void answer_with_rows(Answer &answer, std::uint64_t rows)
{
    json::Writer out;
    out.begin_array();
    for (std::uint64_t row = 0; row < rows; ++row)
        write_progress(out, row);
    out.end_array();
    answer.body = out.json();
}

/* Users share the path of their own progress, so the user is part of the ETag. */
void add_tag(Answer &answer)
{
    add_version(answer, DatumGetInt64(pg::column(9)), mark_of(pg::view(DatumGetTextPP(pg::column(1)))));
}

void answer_with_row(Answer &answer)
{
    json::Writer out;
    write_progress(out, 0);
    answer.body = out.json();
    add_tag(answer);
}

std::uint64_t read_own(const Datum *training)
{
    const Datum none[] = {Datum{0}};
    return my_progress.read(training == nullptr ? none : training, training == nullptr ? "n" : " ");
}

void answer_all(Exchange &exchange)
{
    if (!reads_any_user(exchange))
        return answer_with_rows(*exchange.answer, read_own(nullptr));
    const Datum values[] = {user_of(exchange), Datum{0}};
    answer_with_rows(*exchange.answer, get_progress.read(values, " n"));
}

std::uint64_t read_one(const Exchange &exchange)
{
    const Datum training = training_of(exchange);
    if (!reads_any_user(exchange))
        return read_own(&training);
    const Datum values[] = {user_of(exchange), training};
    return get_progress.read(values);
}

void answer_one(Exchange &exchange)
{
    if (read_one(exchange) == 0)
        refuse(404, "there is no progress in this training");
    answer_with_row(*exchange.answer);
}

void answer_list(Exchange &exchange)
{
    const Parameters &query = exchange.target.query;
    pg::Errors errors;
    const std::int32_t size = page_size(exchange, errors);
    const std::optional<std::string_view> status = value_of(query, "status");
    if (status.has_value() && *status != "not_started" && *status != "in_progress" && *status != "failed" &&
        *status != "passed")
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, nullptr,
                   "parameter \"status\" must be not_started, in_progress, failed or passed");
    errors.raise();
    const std::optional<std::string_view> after = value_of(query, "after");
    const Datum values[] = {training_of(exchange), PointerGetDatum(pg::make_text(after.value_or(""))),
                            Int32GetDatum(size), PointerGetDatum(pg::make_text(status.value_or("")))};
    const char nulls[] = {' ', after.has_value() ? ' ' : 'n', ' ', status.has_value() ? ' ' : 'n'};
    if (get_training.read(values) == 0)
        refuse(404, "the training does not exist");
    const std::uint64_t rows = list_progress.read(values, nulls);
    answer_with_rows(*exchange.answer, rows);
    if (rows == static_cast<std::uint64_t>(size))
        add_next_page(exchange, pg::view(DatumGetTextPP(pg::column(1, rows - 1))));
}

/* The body is a report. A member that is missing or null is left as it is. */
void answer_report(Exchange &exchange)
{
    pg::Errors errors;
    Members members(exchange, errors);
    const text *status = members.string("status", false);
    const std::optional<Datum> progress = members.number("progress");
    const std::optional<Datum> score = members.number("score");
    const text *reported_at = members.string("reported_at", false);
    const JsonbValue *details = members.take("details", false);
    const std::optional<bool> allow_decrease = members.flag("allow_decrease");
    if (reported_at != nullptr && !texts::has_offset(pg::view(reported_at)))
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "reported_at",
                   "\"reported_at\" must be a time with an offset, as 2026-11-28T18:09:13Z");
    members.finish();
    const bool has_details = details != nullptr && details->type != jbvNull;
    const Datum values[] = {user_of(exchange),
                            training_of(exchange),
                            PointerGetDatum(status),
                            progress.value_or(Datum{0}),
                            score.value_or(Datum{0}),
                            PointerGetDatum(reported_at),
                            has_details ? JsonbPGetDatum(JsonbValueToJsonb(const_cast<JsonbValue *>(details)))
                                        : Datum{0},
                            BoolGetDatum(allow_decrease.value_or(false))};
    const char nulls[] = {' ',
                          ' ',
                          status == nullptr ? 'n' : ' ',
                          progress.has_value() ? ' ' : 'n',
                          score.has_value() ? ' ' : 'n',
                          reported_at == nullptr ? 'n' : ' ',
                          has_details ? ' ' : 'n',
                          allow_decrease.has_value() ? ' ' : 'n'};
    report_progress.write(values, nulls);
    /* A report for a user who was merged into another one has reached that one. */
    const Datum keys[] = {PointerGetDatum(DatumGetTextPCopy(pg::column(1))), values[1]};
    if (get_progress.read_latest(keys) > 0)
        answer_with_row(*exchange.answer);
}

/* An enrolment has no version: its ETag says only that it exists. */
const char *mark_of_enrolment(Datum user_uuid, Datum training_id)
{
    const std::string_view user = pg::view(DatumGetTextPP(user_uuid));
    const std::string_view training = pg::view(DatumGetTextPP(training_id));
    return mark_of(psprintf("%.*s/%.*s", static_cast<int>(user.size()), user.data(),
                            static_cast<int>(training.size()), training.data()));
}

void answer_enrolment(Exchange &exchange)
{
    if (read_one(exchange) == 0 || !DatumGetBool(pg::column(3)))
        refuse(404, not_enrolled);
    json::Writer out;
    out.begin_object();
    out.key("user_uuid").string(pg::view(DatumGetTextPP(pg::column(1))));
    out.key("training_id").string(pg::view(DatumGetTextPP(pg::column(2))));
    out.end_object();
    exchange.answer->body = out.json();
    add_mark(*exchange.answer, mark_of_enrolment(pg::column(1), pg::column(2)));
}

/*
 * Enrols the user or removes the enrolment. Conditions are checked by what the write has found, so that
 * no other write comes in between; an answer of 412 or 404 undoes it.
 */
void write_enrolment(Exchange &exchange, pg::Statement &write, bool existed_if_unchanged)
{
    const bool has_conditions = has_condition(exchange);
    const Datum values[] = {user_of(exchange), training_of(exchange)};
    write.write(values);
    const std::string_view outcome = pg::view(DatumGetTextPP(pg::column(1)));
    const bool is_unchanged = outcome == "unchanged" || outcome == "missing";
    const bool existed = is_unchanged == existed_if_unchanged;
    if (!existed && !existed_if_unchanged)
        refuse(404, not_enrolled);
    if (has_conditions)
        check_conditions(exchange, existed ? mark_of_enrolment(pg::column(2), pg::column(3)) : nullptr);
    exchange.answer->status = existed ? 204 : 201;
}

void answer_enrol(Exchange &exchange)
{
    write_enrolment(exchange, enrol, true);
}

void answer_remove(Exchange &exchange)
{
    write_enrolment(exchange, remove, false);
}

void answer_rank(Exchange &exchange)
{
    const Datum user = user_of(exchange);
    if (get_rank.read(&user) == 0)
        refuse(404, "the user has no rank");
    json::Writer out;
    out.begin_object();
    out.key("rank");
    if (const std::optional<Datum> rank = pg::nullable_column(1); rank.has_value())
        out.integer(DatumGetInt64(*rank));
    else
        out.null();
    out.key("average_score");
    write_number(out, pg::nullable_column(2));
    out.key("passed_trainings_number").integer(DatumGetInt32(pg::column(3)));
    out.key("completed_trainings_number").integer(DatumGetInt32(pg::column(4)));
    out.key("ranked_at");
    write_time(out, pg::nullable_column(5));
    out.end_object();
    exchange.answer->body = out.json();
}

void answer_bulk(Exchange &exchange)
{
    pg::Errors errors;
    const std::optional<bool> dry_run = flag_of(exchange, "dry_run", errors);
    const std::optional<bool> creates = flag_of(exchange, "create_missing_users", errors);
    errors.raise();
    const Datum values[] = {PointerGetDatum(pg::make_text(body_text(exchange))),
                            PointerGetDatum(pg::make_text("report")), BoolGetDatum(dry_run.value_or(false)),
                            BoolGetDatum(creates.value_or(false))};
    const char nulls[] = {' ', is_lenient(exchange) ? ' ' : 'n', dry_run.has_value() ? ' ' : 'n',
                          creates.has_value() ? ' ' : 'n'};
    report_many.write(values, nulls);
    answer_with_counts(exchange);
}

constexpr Route routes[] = {
    {"GET", "/user/progress", Identity::Request, Body::None, answer_all},
    {"GET", "/user/progress/:training", Identity::Request, Body::None, answer_one},
    {"POST", "/user/progress/:training", Identity::Request, Body::Json, answer_report},
    {"GET", "/user/enrolments/:training", Identity::Request, Body::None, answer_enrolment},
    {"PUT", "/user/enrolments/:training", Identity::Request, Body::None, answer_enrol},
    {"DELETE", "/user/enrolments/:training", Identity::Request, Body::None, answer_remove},
    {"GET", "/user/ranking", Identity::Request, Body::None, answer_rank},
    {"GET", "/trainings/:training/progress", Identity::Operator, Body::None, answer_list,
     "after limit status"},
    {"GET", "/operator/users/progress/:userid", Identity::Operator, Body::None, answer_all},
    {"GET", "/operator/users/progress/:userid/:training", Identity::Operator, Body::None, answer_one},
    {"POST", "/operator/users/progress/:userid/:training", Identity::Operator, Body::Json, answer_report},
    {"GET", "/operator/users/enrolments/:userid/:training", Identity::Operator, Body::None, answer_enrolment},
    {"PUT", "/operator/users/enrolments/:userid/:training", Identity::Operator, Body::None, answer_enrol},
    {"DELETE", "/operator/users/enrolments/:userid/:training", Identity::Operator, Body::None, answer_remove},
    {"GET", "/operator/users/ranking/:userid", Identity::Operator, Body::None, answer_rank},
    {"POST", "/operator/progress/report-bulk", Identity::Operator, Body::Bulk, answer_bulk,
     "dry_run create_missing_users"},
};

} // namespace

constinit const std::span<const Route> progress_routes(routes);

} // namespace opigno::gateway
