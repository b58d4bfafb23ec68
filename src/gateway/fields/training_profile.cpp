#include "gateway/fields/training_profile.hpp"

#include "gateway/exchange.hpp"
#include "gateway/fields/context_page.hpp"
#include "gateway/fields/outcome.hpp"
#include "gateway/fields/page.hpp"
#include "gateway/fields/training.hpp"
#include "gateway/number.hpp"
#include "pg/array.hpp"
#include "pg/text.hpp"

namespace opigno::fields {

using graphql::Input;
using graphql::TypeKind;

namespace {

#define PROFILE_ROW "p.training_id, p.app_id, p.profile_data, p.version, p.created_at, p.updated_at"

constexpr Oid one_types[] = {TEXTARRAYOID, INT4OID};
constinit pg::CallerStatement one_of_each("SELECT " PROFILE_ROW ", k.place::integer"
                                          " FROM unnest($1) WITH ORDINALITY AS k (training_id, place),"
                                          "  opigno.get_training_profile(k.training_id, $2) AS p"
                                          " ORDER BY k.place",
                                          one_types);
constexpr Oid all_types[] = {TEXTARRAYOID};
constinit pg::CallerStatement
    all_of_each("SELECT " PROFILE_ROW ", k.place::integer"
                " FROM unnest($1) WITH ORDINALITY AS k (training_id, place), opigno.list_apps() AS a,"
                "  opigno.get_training_profile(k.training_id, a.app_id) AS p"
                " ORDER BY k.place, p.app_id",
                all_types);
constexpr int place_column = 7;

constexpr Oid page_types[] = {INT4OID, TEXTOID, INT4OID};
constinit pg::CallerStatement
    list_forward("SELECT " PROFILE_ROW " FROM opigno.list_training_profiles($1, $2, $3) AS p", page_types);
/* Whether there is a profile before a key is all that is asked: the first one tells. */
constinit pg::CallerStatement
    list_backward("SELECT " PROFILE_ROW " FROM opigno.list_training_profiles($1, NULL, $3) AS p"
                  " WHERE $2 IS NULL OR p.training_id COLLATE pg_catalog.\"C\" < $2",
                  page_types);

constexpr Oid key_types[] = {TEXTOID, INT4OID};
constinit pg::CallerStatement
    get_profile("SELECT " PROFILE_ROW " FROM opigno.get_training_profile($1, $2) AS p", key_types);
constexpr Oid write_types[] = {TEXTOID, INT4OID, JSONBOID, INT8OID};
constinit pg::CallerStatement
    upsert_profile("SELECT w.version FROM opigno.upsert_training_profile($1, $2, $3, $4) AS w", write_types);
constinit pg::CallerStatement
    patch_profile("SELECT w.version FROM opigno.patch_training_profile($1, $2, $3, $4) AS w", write_types);
constexpr Oid delete_types[] = {TEXTOID, INT4OID, INT8OID};
constinit pg::CallerStatement delete_profile("SELECT opigno.delete_training_profile($1, $2, $3)",
                                             delete_types);

Datum text_of(const Input &input)
{
    return PointerGetDatum(pg::make_text(input.text));
}

std::int32_t number_of(const Input &input)
{
    return gateway::number_of<std::int32_t>(input.text).value_or(0);
}

void resolve_list(Resolution &resolution)
{
    const Input &app = resolution.argument("appId");
    pg::ArrayColumn keys;
    for (const Object &training : resolution.parents())
        keys.add(*graphql::column(training, 1));
    const Datum values[] = {keys.text_array(), Int32GetDatum(number_of(app))};
    const SPITupleTable *rows = resolution.read(app.is_given() ? one_of_each : all_of_each, values);
    for (std::size_t at = 0; at < resolution.parents().size(); ++at)
        resolution.list(at);
    for (std::uint64_t row = 0; row < rows->numvals; ++row) {
        const Object profile{rows, row};
        const std::int32_t place = DatumGetInt32(*graphql::column(profile, place_column));
        resolution.object(static_cast<std::size_t>(place) - 1, profile);
    }
}

const SPITupleTable *read_profiles(Resolution &resolution, const Page &page, bool is_backward,
                                   const text *start, std::int32_t rows)
{
    const Datum values[] = {Int32GetDatum(page.app_id), PointerGetDatum(start), Int32GetDatum(rows)};
    const char nulls[] = {' ', start == nullptr ? 'n' : ' ', ' '};
    return resolution.read(is_backward ? list_backward : list_forward, values, nulls);
}

void resolve_profiles(Resolution &resolution)
{
    auto *page = static_cast<Page *>(palloc(sizeof(Page)));
    *page = {};
    page->read = read_profiles;
    page->size = size_of(resolution, default_page_size);
    page->start = start_of(resolution, "after");
    page->app_id = number_of(resolution.argument("appId"));
    resolve_page(resolution, *page);
}

/* ---- mutations ---- */

void write(Resolution &resolution, Outcome &outcome, pg::Statement &statement, const char *document)
{
    const std::optional<std::int64_t> expected = version_of(resolution.argument("expectedVersion"));
    const Datum values[] = {
        text_of(resolution.argument("trainingId")), Int32GetDatum(number_of(resolution.argument("appId"))),
        JsonbPGetDatum(to_jsonb(resolution.argument(document))), Int64GetDatum(expected.value_or(0))};
    const char nulls[] = {' ', ' ', ' ', expected.has_value() ? ' ' : 'n'};
    resolution.read(statement, values, nulls);
    if (!resolution.selects("response"))
        return;
    if (const SPITupleTable *rows = resolution.read(get_profile, values); rows->numvals > 0)
        outcome.rows = rows;
}

void upsert(Resolution &resolution, Outcome &outcome)
{
    write(resolution, outcome, upsert_profile, "profileData");
}

void patch(Resolution &resolution, Outcome &outcome)
{
    write(resolution, outcome, patch_profile, "patch");
}

void remove(Resolution &resolution, Outcome &outcome)
{
    const std::optional<std::int64_t> expected = version_of(resolution.argument("expectedVersion"));
    const Datum values[] = {text_of(resolution.argument("trainingId")),
                            Int32GetDatum(number_of(resolution.argument("appId"))),
                            Int64GetDatum(expected.value_or(0))};
    const char nulls[] = {' ', ' ', expected.has_value() ? ' ' : 'n'};
    const SPITupleTable *rows = resolution.read(delete_profile, values, nulls);
    if (!DatumGetBool(*graphql::column({rows, 0}, 1)))
        gateway::refuse(404, "the training profile does not exist");
    outcome.answer = "true";
}

template <void (*mutate)(Resolution &resolution, Outcome &outcome)>
void resolve_mutation(Resolution &resolution)
{
    run_mutation(resolution, mutate);
}

constexpr Resolver resolvers[] = {
    {resolve_list},
    {resolve_profiles},
    {resolve_mutation<upsert>},
    {resolve_mutation<patch>},
    {resolve_mutation<remove>},
    {nullptr, write_violations},
    {resolve_response},
};

constexpr Field training_profile_fields[] = {
    {"trainingId", non_null(graphql::string_type), "The training.", {}, {}, property(1, Form::Text)},
    {"training",
     training_type,
     "The training itself.",
     {},
     {},
     resolver(training_room, training::of_profile)},
    {"appId", non_null(graphql::int_type), "The app.", {}, {}, property(2, Form::Integer)},
    {"profileData", json_type, "The document.", {}, {}, property(3, Form::Document)},
    {"version",
     non_null(big_int_type),
     "Increases with each change, and never repeats.",
     {},
     {},
     property(4, Form::Version)},
    {"createdAt", non_null(date_time_type), "When the profile was created.", {}, {}, property(5, Form::Time)},
    {"updatedAt",
     non_null(date_time_type),
     "When the profile was last changed.",
     {},
     {},
     property(6, Form::Time)},
};

constexpr Field training_profile_response_fields[] = {
    {"errors",
     list_of(violation_type),
     "What is wrong with the request; empty after a success.",
     {},
     {},
     resolver(training_profile_room, training_profile::errors)},
    {"response",
     training_profile_type,
     "The profile; null if there are errors.",
     {},
     {},
     resolver(training_profile_room, training_profile::response)},
};

constexpr Field connection_fields[] = {
    {"edges",
     non_null(list_of(non_null(training_profile_edge_type))),
     "The profiles of the page.",
     {},
     {},
     resolver(page_room, page::edges)},
    {"pageInfo",
     non_null(page_info_type),
     "What is around the page.",
     {},
     {},
     resolver(page_room, page::info)},
};

constexpr Field edge_fields[] = {
    {"cursor",
     non_null(cursor_type),
     "The place of the profile in the list.",
     {},
     {},
     resolver(page_room, page::cursor)},
    {"node", non_null(training_profile_type), "The profile.", {}, {}, resolver(page_room, page::node)},
};

} // namespace

constinit const std::span<const Resolver> training_profile_resolvers(resolvers);

constinit const Type training_profile_type = {TypeKind::Object, "TrainingProfile",
                                              "What an app stores about a training: one document.",
                                              training_profile_fields};
constinit const Type training_profile_response_type = {
    TypeKind::Object, "TrainingProfileResponse",
    "The result of upsertTrainingProfile and patchTrainingProfile.", training_profile_response_fields};
constinit const Type training_profile_connection_type = {TypeKind::Object, "TrainingProfileConnection",
                                                         "A page of training profiles.", connection_fields};
constinit const Type training_profile_edge_type = {TypeKind::Object, "TrainingProfileEdge",
                                                   "A training profile of a page.", edge_fields};

} // namespace opigno::fields
