#include "gateway/fields/progress.hpp"

#include "gateway/fields/context.hpp"
#include "gateway/fields/outcome.hpp"
#include "gateway/fields/training.hpp"
#include "pg/text.hpp"

namespace opigno::fields {

using graphql::boolean_type;
using graphql::float_type;
using graphql::id_type;
using graphql::Input;
using graphql::int_type;
using graphql::string_type;
using graphql::TypeKind;

namespace {

/* jsonb shows a numeric with all its digits. */
#define PROGRESS_ROW                                                                                         \
    "p.user_uuid, p.training_id, p.is_enrolled, p.status, to_jsonb(p.progress), to_jsonb(p.score),"          \
    " p.details, p.reported_at, p.version, p.created_at, p.updated_at"
#define RANKING_ROW                                                                                          \
    "r.rank, to_jsonb(coalesce(trim_scale(r.average_score), 0)), r.passed_trainings_number, "                \
    "r.completed_trainings_number"
/* Without an argument, the user is the one that the request names: the functions refuse a user who
 * cannot act. */
#define USER "coalesce($1, opigno.request_named_user())"

constexpr Oid key_types[] = {TEXTOID, TEXTOID};
constinit pg::CallerStatement
    get_progress("SELECT " PROGRESS_ROW " FROM opigno.get_progress(" USER ", $2) AS p", key_types);
constexpr Oid list_types[] = {TEXTARRAYOID, TEXTOID};
constinit pg::CallerStatement
    all_of_each("SELECT " PROGRESS_ROW ", u.place::integer"
                " FROM unnest($1) WITH ORDINALITY AS u (uuid, place), opigno.get_progress(u.uuid, $2) AS p"
                " ORDER BY u.place, p.training_id COLLATE pg_catalog.\"C\"",
                list_types);
constexpr int progress_place_column = 12;
constexpr int status_column = 4;

constexpr Oid uuids_type[] = {TEXTARRAYOID};
constinit pg::CallerStatement rank_of_each("SELECT " RANKING_ROW ", u.place::integer"
                                           " FROM unnest($1) WITH ORDINALITY AS u (uuid, place),"
                                           "  opigno.passed_trainings_ranking(u.uuid) AS r"
                                           " WHERE r.rank IS NOT NULL",
                                           uuids_type);
constexpr int rank_place_column = 5;
constexpr Oid user_type[] = {TEXTOID};
constinit pg::CallerStatement get_rank("SELECT " RANKING_ROW " FROM opigno.passed_trainings_ranking(" USER
                                       ") AS r"
                                       " WHERE r.rank IS NOT NULL",
                                       user_type);

constexpr Oid bundle_types[] = {TEXTARRAYOID, TEXTOID, TEXTOID};
constinit pg::CallerStatement get_bundles(
    "SELECT b.bundle::text, u.place::integer"
    " FROM unnest($1) WITH ORDINALITY AS u (uuid, place)"
    "  JOIN opigno.get_user_bundles($1,"
    "    CASE WHEN $2 IS NOT NULL THEN"
    "     ARRAY(SELECT a.app_id::integer FROM json_array_elements_text($2::json) AS a (app_id)) END,"
    "    CASE WHEN $3 IS NOT NULL THEN"
    "     ARRAY(SELECT lower(m.name COLLATE pg_catalog.\"C\") FROM json_array_elements_text($3::json) AS m "
    "(name)) END) AS b"
    "   ON b.user_uuid = u.uuid",
    bundle_types);

constexpr Oid report_types[] = {TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, JSONBOID, BOOLOID};
constinit pg::CallerStatement report_progress(
    "SELECT p.version FROM opigno.report_progress(" USER ", $2,"
    " status => lower($3 COLLATE pg_catalog.\"C\"), progress => $4::numeric, score => $5::numeric,"
    " reported_at => $6::timestamptz, details => $7, allow_decrease => $8) AS p",
    report_types);
constinit pg::CallerStatement enrol_user("SELECT p.version FROM opigno.enrol_user(" USER ", $2) AS p",
                                         key_types);
constinit pg::CallerStatement
    remove_enrolment("SELECT p.version FROM opigno.remove_enrolment(" USER ", $2) AS p", key_types);

Datum text_of(const Input &input)
{
    return PointerGetDatum(pg::make_text(input.text));
}

char null_of(const Input &input)
{
    return input.is_given() ? ' ' : 'n';
}

void resolve_list(Resolution &resolution)
{
    const Input &training = resolution.argument("trainingId");
    const Datum values[] = {uuids_of(resolution.parents()), text_of(training)};
    const char nulls[] = {' ', null_of(training)};
    const SPITupleTable *rows = resolution.read(all_of_each, values, nulls);
    for (std::size_t at = 0; at < resolution.parents().size(); ++at)
        resolution.list(at);
    for (std::uint64_t row = 0; row < rows->numvals; ++row) {
        const Object found{rows, row};
        const std::int32_t place = DatumGetInt32(*graphql::column(found, progress_place_column));
        resolution.object(static_cast<std::size_t>(place) - 1, found);
    }
}

/* The values of the enum are those of SQL in upper case. */
void write_status(const graphql::Execution &, const graphql::PlanField &, const Object &object,
                  json::Writer &out)
{
    const std::string_view status = pg::view(DatumGetTextPP(*graphql::column(object, status_column)));
    char *name = pnstrdup(status.data(), status.size());
    for (char *at = name; *at != '\0'; ++at)
        *at = static_cast<char>(pg_ascii_toupper(static_cast<unsigned char>(*at)));
    out.string(name);
}

void resolve_rank(Resolution &resolution)
{
    const Input &user = resolution.argument("userContextId");
    const Datum values[] = {text_of(user)};
    const char nulls[] = {null_of(user)};
    if (const SPITupleTable *rows = resolution.read(get_rank, values, nulls); rows->numvals > 0)
        resolution.object(0, {rows, 0});
}

void resolve_ranks(Resolution &resolution)
{
    const Datum uuids = uuids_of(resolution.parents());
    const SPITupleTable *rows = resolution.read(rank_of_each, &uuids);
    for (std::uint64_t row = 0; row < rows->numvals; ++row) {
        const Object found{rows, row};
        const std::int32_t place = DatumGetInt32(*graphql::column(found, rank_place_column));
        resolution.object(static_cast<std::size_t>(place) - 1, found);
    }
}

/* Returns a list as JSON text. A single value is a list, too. */
Datum list_of_input(const Input &input)
{
    json::Writer out;
    write_input(out, input);
    return out.json();
}

void resolve_bundle(Resolution &resolution)
{
    const Input &app_ids = resolution.argument("appIds");
    const Input &include = resolution.argument("include");
    const Datum values[] = {uuids_of(resolution.parents()), list_of_input(app_ids), list_of_input(include)};
    const char nulls[] = {' ', null_of(app_ids), null_of(include)};
    const SPITupleTable *rows = resolution.read(get_bundles, values, nulls);
    for (std::uint64_t row = 0; row < rows->numvals; ++row) {
        const std::optional<Datum> bundle = graphql::column({rows, row}, 1);
        const std::int32_t place = DatumGetInt32(*graphql::column({rows, row}, 2));
        if (bundle.has_value())
            resolution.json(static_cast<std::size_t>(place) - 1, pg::view(DatumGetTextPP(*bundle)));
    }
}

/* ---- mutations ---- */

void read_response(Resolution &resolution, Outcome &outcome, const Datum *key, const char *nulls)
{
    if (!resolution.selects("response"))
        return;
    if (const SPITupleTable *rows = resolution.read(get_progress, key, nulls); rows->numvals > 0)
        outcome.rows = rows;
}

void report(Resolution &resolution, Outcome &outcome)
{
    const Input &user = resolution.argument("userUuid");
    const Input &status = resolution.argument("status");
    const Input &progress = resolution.argument("progress");
    const Input &score = resolution.argument("score");
    const Input &reported_at = resolution.argument("reportedAt");
    const Input &details = resolution.argument("details");
    const Input &allow_decrease = resolution.argument("allowDecrease");
    check_time(reported_at, "reportedAt");
    const Datum values[] = {text_of(user),
                            text_of(resolution.argument("trainingId")),
                            text_of(status),
                            text_of(progress),
                            text_of(score),
                            text_of(reported_at),
                            details.is_given() ? JsonbPGetDatum(to_jsonb(details)) : Datum{0},
                            BoolGetDatum(allow_decrease.is_true())};
    const char nulls[] = {null_of(user),    ' ',
                          null_of(status),  null_of(progress),
                          null_of(score),   null_of(reported_at),
                          null_of(details), null_of(allow_decrease)};
    resolution.read(report_progress, values, nulls);
    read_response(resolution, outcome, values, nulls);
}

template <const char *user_name, const char *training_name>
void enrol(Resolution &resolution, Outcome &outcome)
{
    const Input &user = resolution.argument(user_name);
    const Datum values[] = {text_of(user), text_of(resolution.argument(training_name))};
    const char nulls[] = {null_of(user), ' '};
    resolution.read(enrol_user, values, nulls);
    read_response(resolution, outcome, values, nulls);
}

template <const char *user_name, const char *training_name>
void remove(Resolution &resolution, Outcome &outcome)
{
    const Input &user = resolution.argument(user_name);
    const Datum values[] = {text_of(user), text_of(resolution.argument(training_name))};
    const char nulls[] = {null_of(user), ' '};
    resolution.read(remove_enrolment, values, nulls);
    outcome.answer = "true";
}

constexpr const char user_uuid[] = "userUuid";
constexpr const char training_id[] = "trainingId";
constexpr const char user_context_id[] = "userContextId";
constexpr const char lp_id[] = "lpId";

template <void (*mutate)(Resolution &resolution, Outcome &outcome)>
void resolve_mutation(Resolution &resolution)
{
    run_mutation(resolution, mutate);
}

void write_success(const graphql::Execution &, const graphql::PlanField &, const Object &object,
                   json::Writer &out)
{
    const std::string_view answer = static_cast<const Outcome *>(object.item)->answer;
    out.json(answer.empty() ? "null" : answer);
}

void write_membership_id(const graphql::Execution &, const graphql::PlanField &, const Object &object,
                         json::Writer &out)
{
    const std::string_view user = pg::view(DatumGetTextPP(*graphql::column(object, 1)));
    const std::string_view training = pg::view(DatumGetTextPP(*graphql::column(object, 2)));
    /* The size of the first part makes the pair unambiguous: both can contain any character. */
    out.string(psprintf("%zu:%.*s/%.*s", user.size(), static_cast<int>(user.size()), user.data(),
                        static_cast<int>(training.size()), training.data()));
}

/* The learning path of a membership is the same row. */
void resolve_learning_path(Resolution &resolution)
{
    for (std::size_t at = 0; at < resolution.parents().size(); ++at)
        resolution.object(at, resolution.parents()[at]);
}

constexpr Resolver resolvers[] = {
    {resolve_list},
    {nullptr, write_status},
    {resolve_mutation<report>},
    {resolve_mutation<enrol<user_uuid, training_id>>},
    {resolve_mutation<remove<user_uuid, training_id>>},
    {resolve_mutation<enrol<user_context_id, lp_id>>},
    {resolve_mutation<remove<user_context_id, lp_id>>},
    {nullptr, write_violations},
    {resolve_response},
    {nullptr, write_success},
    {resolve_rank},
    {resolve_ranks},
    {resolve_bundle},
    {nullptr, write_membership_id},
    {resolve_learning_path},
};

constexpr Field training_progress_fields[] = {
    {"userUuid", non_null(string_type), "The user.", {}, {}, property(1, Form::Text)},
    {"trainingId", non_null(string_type), "The training.", {}, {}, property(2, Form::Text)},
    {"training",
     training_type,
     "The training itself.",
     {},
     {},
     resolver(training_room, training::of_progress)},
    {"isEnrolled",
     non_null(boolean_type),
     "Whether the user is enrolled.",
     {},
     {},
     property(3, Form::Boolean)},
    {"status",
     non_null(training_status_type),
     "What the user has reached.",
     {},
     {},
     resolver(progress_room, progress::status)},
    {"progress", non_null(float_type), "Percent, from 0 to 100.", {}, {}, property(5, Form::Document)},
    {"score", float_type, "Score points; null if none were reported.", {}, {}, property(6, Form::Document)},
    {"details", json_type, "What the report says beside these.", {}, {}, property(7, Form::Document)},
    {"reportedAt",
     date_time_type,
     "The time that the newest report gives; null if there is none.",
     {},
     {},
     property(8, Form::Time)},
    {"version",
     non_null(big_int_type),
     "Increases with each change, and never repeats.",
     {},
     {},
     property(9, Form::Version)},
    {"createdAt",
     non_null(date_time_type),
     "When the user was enrolled or the first report came.",
     {},
     {},
     property(10, Form::Time)},
    {"updatedAt", non_null(date_time_type), "When this was last changed.", {}, {}, property(11, Form::Time)},
};

constexpr int errors = resolver(progress_room, progress::errors);
constexpr int response = resolver(progress_room, progress::response);
constexpr Field training_progress_response_fields[] = {
    {"errors",
     list_of(violation_type),
     "What is wrong with the request; empty after a success.",
     {},
     {},
     errors},
    {"response", training_progress_type, "The progress; null if there are errors.", {}, {}, response},
};

constexpr Field success_response_fields[] = {
    {"errors",
     list_of(violation_type),
     "What is wrong with the request; empty after a success.",
     {},
     {},
     errors},
    {"response",
     boolean_type,
     "True; null if there are errors.",
     {},
     {},
     resolver(progress_room, progress::success)},
};

constexpr Field individual_membership_response_fields[] = {
    {"errors",
     list_of(violation_type),
     "What is wrong with the request; empty after a success.",
     {},
     {},
     errors},
    {"response", individual_membership_type, "The membership; null if there are errors.", {}, {}, response},
};

constexpr Field individual_membership_fields[] = {
    {"id",
     non_null(id_type),
     "The user and the training in one text.",
     {},
     {},
     resolver(progress_room, progress::membership_id)},
    {"learningPath",
     non_null(learning_path_type),
     "The training as the user sees it.",
     {},
     {},
     resolver(progress_room, progress::learning_path)},
};

constexpr Field learning_path_fields[] = {
    {"id", non_null(id_type), "The key of the training.", {}, {}, property(2, Form::Text)},
    {"training", training_type, "The training.", {}, {}, resolver(training_room, training::of_progress)},
    {"userEnrolled",
     non_null(boolean_type),
     "Whether the user is enrolled.",
     {},
     {},
     property(3, Form::Boolean)},
};

constexpr Field ranking_fields[] = {
    {"rank",
     non_null(int_type),
     "The place by the number of passed trainings, then by the average score.",
     {},
     {},
     property(1, Form::Version)},
    {"averageScore",
     non_null(float_type),
     "The average score; 0 if there is none.",
     {},
     {},
     property(2, Form::Document)},
    {"passedTrainingsNumber",
     non_null(int_type),
     "The number of trainings that the user has passed.",
     {},
     {},
     property(3, Form::Integer)},
    {"completedTrainingsNumber",
     non_null(int_type),
     "The number of trainings that the user has passed or failed.",
     {},
     {},
     property(4, Form::Integer)},
};

constexpr EnumValue statuses[] = {
    {"NOT_STARTED", "The user has not begun.", {}},
    {"IN_PROGRESS", "The user has begun.", {}},
    {"FAILED", "The user has completed the training without success.", {}},
    {"PASSED", "The user has completed the training with success.", {}},
};

constexpr EnumValue bundle_members[] = {
    {"USER_CONTEXT", "The user context.", {}},
    {"PROFILES", "The profiles.", {}},
    {"ACCOUNT", "The account.", {}},
    {"PREFERENCES", "The preferences.", {}},
    {"TRAININGS", "The progress in trainings, with their titles.", {}},
    {"ENTITIES", "The rows of attached tables of the site.", {}},
};

} // namespace

constinit const std::span<const Resolver> progress_resolvers(resolvers);

constinit const Type training_progress_type = {
    TypeKind::Object, "TrainingProgress", "What a user has reached in a training.", training_progress_fields};
constinit const Type training_progress_response_type = {
    TypeKind::Object, "TrainingProgressResponse",
    "The result of reportProgress and createTrainingMembership.", training_progress_response_fields};
constinit const Type success_response_type = {TypeKind::Object, "SuccessResponse",
                                              "The result of a mutation that returns no object.",
                                              success_response_fields};
constinit const Type individual_membership_response_type = {TypeKind::Object, "IndividualMembershipResponse",
                                                            "The result of createLpIndividualMembership.",
                                                            individual_membership_response_fields};
constinit const Type individual_membership_type = {TypeKind::Object, "IndividualMembership",
                                                   "The enrolment of a user in a training.",
                                                   individual_membership_fields};
constinit const Type learning_path_type = {TypeKind::Object, "LearningPath",
                                           "A training as Opigno's clients know it.", learning_path_fields};
constinit const Type ranking_type = {TypeKind::Object, "PassedTrainingsRanking",
                                     "The place of a user among all users.", ranking_fields};
constinit const Type training_status_type = {.kind = TypeKind::Enum,
                                             .name = "TrainingStatus",
                                             .description = "What a user has reached in a training.",
                                             .values = statuses};
constinit const Type bundle_member_type = {.kind = TypeKind::Enum,
                                           .name = "BundleMember",
                                           .description = "A member of a bundle.",
                                           .values = bundle_members};

} // namespace opigno::fields
