#include "gateway/fields/outcome.hpp"

#include "gateway/number.hpp"
#include "gateway/problem.hpp"
#include "pg/error.hpp"
#include "pg/subtransaction.hpp"
#include "pg/text.hpp"
#include "text/time_offset.hpp"

namespace opigno::fields {

namespace {

/* Only errors of the server end the request or fail the field. */
bool is_violation(const ErrorData &error)
{
    const int status = gateway::status_of(error);
    return status != 0 && status < 500;
}

/* The arguments of the SQL functions that have other names here. */
struct Word {
    std::string_view in_sql;
    std::string_view here;
};
constexpr Word words[] = {
    {"user_uuid", "userUuid"},
    {"app_id", "appId"},
    {"profile_data", "profileData"},
    {"expected_version", "expectedVersion"},
    {"training_id", "trainingId"},
    {"is_active", "isActive"},
    {"reported_at", "reportedAt"},
    {"allow_decrease", "allowDecrease"},
    {"app_ids", "appIds"},
    {"new_state", "newState"},
    {"expected_state", "expectedState"},
    {"on_conflict", "onConflict"},
    {"from_uuid", "fromUuid"},
    {"into_uuid", "intoUuid"},
};

const char *translated(const char *text)
{
    const std::string_view given(text);
    if (gateway::lacks_privilege(given))
        return "permission denied";
    for (const Word &word : words) {
        const std::string_view so_far(text);
        if (const std::size_t at = so_far.find(word.in_sql); at != std::string_view::npos)
            text = psprintf("%.*s%.*s%s", static_cast<int>(at), text, static_cast<int>(word.here.size()),
                            word.here.data(), text + at + word.in_sql.size());
    }
    return text;
}

void write_violation(json::Writer &out, const pg::Error &error)
{
    out.begin_object();
    out.key("code").string(unpack_sql_state(error.sqlstate));
    const bool is_of_document = gateway::is_of_document(error.sqlstate);
    out.key("path").string(is_of_document ? error.path : translated(error.path));
    out.key("message").string(is_of_document ? error.message : translated(error.message));
    if (error.hint != nullptr && std::string_view(error.hint).find("opigno.") == std::string_view::npos)
        out.key("hint").string(gateway::with_members(translated(error.hint)));
    out.end_object();
}

/* all: the errors of the mutation if there are several. */
std::string_view violations_of(const ErrorData &error, std::span<const pg::Error> all)
{
    json::Writer out;
    out.begin_array();
    for (const pg::Error &one : all)
        write_violation(out, one);
    const int status = gateway::status_of(error);
    if (gateway::is_internal(error, status))
        write_violation(out, {error.sqlerrcode, "", gateway::reason_of(status)});
    else if (all.empty())
        write_violation(out, {error.sqlerrcode, "", error.message, error.hint});
    out.end_array();
    return pg::view(DatumGetTextPP(out.json()));
}

const Outcome &outcome_of(const Object &object)
{
    return *static_cast<const Outcome *>(object.item);
}

} // namespace

void run_mutation(Resolution &resolution, void (*mutate)(Resolution &resolution, Outcome &outcome))
{
    auto *outcome = static_cast<Outcome *>(palloc(sizeof(Outcome)));
    *outcome = {};
    pg::forget_raised_errors();
    pg::in_subtransaction(
        [&] {
            mutate(resolution, *outcome);
            return true;
        },
        [&](const ErrorData &error) {
            if (!is_violation(error))
                return false;
            graphql::log_error(error, gateway::status_of(error), resolution.name());
            *outcome = {violations_of(error, pg::raised_with(error))};
            return true;
        });
    resolution.item(0, outcome);
}

void write_violations(const graphql::Execution &, const graphql::PlanField &, const Object &object,
                      json::Writer &out)
{
    out.json(outcome_of(object).errors);
}

void resolve_response(Resolution &resolution)
{
    for (std::size_t at = 0; at < resolution.parents().size(); ++at)
        if (const Outcome &outcome = outcome_of(resolution.parents()[at]); outcome.rows != nullptr)
            resolution.object(at, {outcome.rows, 0});
}

std::string_view member_of(std::string_view object, std::string_view name)
{
    std::string_view found = "null";
    json::each_member_text(object, [&](std::string_view member, std::string_view value) {
        if (member != name)
            return true;
        found = value;
        return false;
    });
    return found;
}

std::optional<std::int64_t> version_of(const graphql::Input &input)
{
    if (!input.is_given())
        return std::nullopt;
    json::Writer out;
    write_input(out, input);
    const std::optional<std::int64_t> version = gateway::number_of<std::int64_t>(out.text());
    if (!version.has_value())
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("\"expectedVersion\" must be an integer"));
    return version;
}

void check_time(const graphql::Input &input, const char *argument)
{
    if (input.is_given() && !texts::has_offset(input.text))
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("\"%s\" must be a time with an offset, as 2026-11-28T18:09:13Z", argument));
}

} // namespace opigno::fields
