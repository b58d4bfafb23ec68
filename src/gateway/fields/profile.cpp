#include "gateway/fields/profile.hpp"

#include "gateway/fields/context.hpp"
#include "gateway/fields/outcome.hpp"
#include "gateway/number.hpp"
#include "pg/text.hpp"

namespace opigno::fields {

using graphql::Input;
using graphql::TypeKind;

namespace {

#define PROFILE_ROW "p.user_uuid, p.app_id, p.profile_data, p.version, p.created_at, p.updated_at"

constexpr Oid one_types[] = {TEXTARRAYOID, INT4OID};
constinit pg::CallerStatement
    one_of_each("SELECT " PROFILE_ROW ", u.place::integer"
                " FROM unnest($1) WITH ORDINALITY AS u (uuid, place), opigno.get_profile(u.uuid, $2) AS p"
                " ORDER BY u.place",
                one_types);
constexpr Oid all_types[] = {TEXTARRAYOID};
constinit pg::CallerStatement
    all_of_each("SELECT " PROFILE_ROW ", u.place::integer"
                " FROM unnest($1) WITH ORDINALITY AS u (uuid, place), opigno.list_apps() AS a,"
                "  opigno.get_profile(u.uuid, a.app_id) AS p"
                " ORDER BY u.place, p.app_id",
                all_types);
constexpr int place_column = 7;

constexpr Oid write_types[] = {TEXTOID, INT4OID, JSONBOID, INT8OID};
/* Without an argument, the user is the one that the request names: the functions refuse a user who
 * cannot act. */
constinit pg::CallerStatement
    upsert_profile("SELECT w.version"
                   " FROM opigno.upsert_profile(coalesce($1, opigno.request_named_user()), $2, $3, $4) AS w",
                   write_types);
constinit pg::CallerStatement
    patch_profile("SELECT w.version"
                  " FROM opigno.patch_profile(coalesce($1, opigno.request_named_user()), $2, $3, $4) AS w",
                  write_types);
constexpr Oid key_types[] = {TEXTOID, INT4OID};
constinit pg::CallerStatement
    get_profile("SELECT " PROFILE_ROW
                " FROM opigno.get_profile(coalesce($1, opigno.request_named_user()), $2) AS p",
                key_types);

Datum integer_of(const Input &input)
{
    return Int32GetDatum(gateway::number_of<std::int32_t>(input.text).value_or(0));
}

void resolve_list(Resolution &resolution)
{
    const Input &app = resolution.argument("appId");
    const Datum values[] = {uuids_of(resolution.parents()), integer_of(app)};
    const SPITupleTable *rows = resolution.read(app.is_given() ? one_of_each : all_of_each, values);
    for (std::size_t at = 0; at < resolution.parents().size(); ++at)
        resolution.list(at);
    for (std::uint64_t row = 0; row < rows->numvals; ++row) {
        const Object profile{rows, row};
        const std::int32_t place = DatumGetInt32(*graphql::column(profile, place_column));
        resolution.object(static_cast<std::size_t>(place) - 1, profile);
    }
}

void write(Resolution &resolution, Outcome &outcome, pg::Statement &statement, const char *document)
{
    const Input &user = resolution.argument("userUuid");
    const std::optional<std::int64_t> expected = version_of(resolution.argument("expectedVersion"));
    const Datum values[] = {
        PointerGetDatum(pg::make_text(user.text)), integer_of(resolution.argument("appId")),
        JsonbPGetDatum(to_jsonb(resolution.argument(document))), Int64GetDatum(expected.value_or(0))};
    const char nulls[] = {user.is_given() ? ' ' : 'n', ' ', ' ', expected.has_value() ? ' ' : 'n'};
    resolution.read(statement, values, nulls);
    if (!resolution.selects("response"))
        return;
    const SPITupleTable *rows = resolution.read(get_profile, values, nulls);
    if (rows->numvals > 0)
        outcome.rows = rows;
}

void resolve_upsert(Resolution &resolution)
{
    run_mutation(resolution, [](Resolution &given, Outcome &outcome) {
        write(given, outcome, upsert_profile, "profileData");
    });
}

void resolve_patch(Resolution &resolution)
{
    run_mutation(resolution,
                 [](Resolution &given, Outcome &outcome) { write(given, outcome, patch_profile, "patch"); });
}

constexpr Resolver resolvers[] = {
    {resolve_list}, {resolve_upsert}, {resolve_patch}, {nullptr, write_violations}, {resolve_response},
};

constexpr Field profile_fields[] = {
    {"userUuid", non_null(graphql::string_type), "The user.", {}, {}, property(1, Form::Text)},
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

constexpr Field profile_response_fields[] = {
    {"errors",
     list_of(violation_type),
     "What is wrong with the request; empty after a success.",
     {},
     {},
     resolver(profile_room, profile::errors)},
    {"response",
     profile_type,
     "The profile; null if there are errors.",
     {},
     {},
     resolver(profile_room, profile::response)},
};

} // namespace

constinit const std::span<const Resolver> profile_resolvers(resolvers);

constinit const Type profile_type = {TypeKind::Object, "Profile",
                                     "What an app stores about a user: one document.", profile_fields};
constinit const Type profile_response_type = {TypeKind::Object, "ProfileResponse",
                                              "The result of upsertProfile and patchProfile.",
                                              profile_response_fields};

} // namespace opigno::fields
