#include "gateway/fields/merge.hpp"

#include "gateway/fields/outcome.hpp"
#include "pg/text.hpp"

#include <iterator>

namespace opigno::fields {

using graphql::Input;
using graphql::int_type;
using graphql::TypeKind;

namespace {

/* The values of the enums are those of SQL in upper case. */
constexpr Oid types[] = {TEXTOID, TEXTOID, TEXTOID};
constinit pg::CallerStatement
    merge_user_contexts("SELECT m.into_uuid, m.profiles, m.accounts, m.preferences, m.trainings, m.clients,"
                        "  m.entities, upper(m.outcome COLLATE pg_catalog.\"C\")"
                        " FROM opigno.merge_user_contexts($1, $2, lower($3 COLLATE pg_catalog.\"C\")) AS m",
                        types);

void run(Resolution &resolution, Outcome &outcome)
{
    Datum values[std::size(types)];
    char nulls[std::size(types)];
    std::size_t at = 0;
    for (const char *name : {"fromUuid", "intoUuid", "onConflict"}) {
        const Input &input = resolution.argument(name);
        values[at] = PointerGetDatum(pg::make_text(input.text));
        nulls[at++] = input.is_given() ? ' ' : 'n';
    }
    outcome.rows = resolution.read(merge_user_contexts, values, nulls);
}

void resolve_merge(Resolution &resolution)
{
    run_mutation(resolution, run);
}

constexpr Resolver resolvers[] = {
    {resolve_merge},
    {nullptr, write_violations},
    {resolve_response},
};

constexpr Field user_merge_fields[] = {
    {"intoUuid", non_null(graphql::string_type), "The known user.", {}, {}, property(1, Form::Text)},
    {"profiles",
     non_null(int_type),
     "The profiles of the known user that were written.",
     {},
     {},
     property(2, Form::Version)},
    {"accounts",
     non_null(int_type),
     "1 if fields of the account were written, 0 if not.",
     {},
     {},
     property(3, Form::Version)},
    {"preferences",
     non_null(int_type),
     "The preferences that were written.",
     {},
     {},
     property(4, Form::Version)},
    {"trainings",
     non_null(int_type),
     "The trainings with progress that was written.",
     {},
     {},
     property(5, Form::Version)},
    {"clients",
     non_null(int_type),
     "The grants to clients that were written.",
     {},
     {},
     property(6, Form::Version)},
    {"entities",
     non_null(int_type),
     "The rows of attached tables that were written.",
     {},
     {},
     property(7, Form::Version)},
    {"outcome", non_null(merge_outcome_type), "What was done.", {}, {}, property(8, Form::Text)},
};

constexpr Field user_merge_response_fields[] = {
    {"errors",
     list_of(violation_type),
     "What is wrong with the request; empty after a success.",
     {},
     {},
     resolver(merge_room, merge::errors)},
    {"response",
     user_merge_type,
     "What was written; null if there are errors.",
     {},
     {},
     resolver(merge_room, merge::response)},
};

constexpr EnumValue conflict_values[] = {
    {"KEEP", "The data of the known user stays.", {}},
    {"REPLACE", "The data of the anonymous user takes its place.", {}},
    {"MERGE", "Documents are merged, and members of the known user win.", {}},
};

constexpr EnumValue outcomes[] = {
    {"MERGED", "The users were merged.", {}},
    {"UNCHANGED", "Exactly this was done before.", {}},
};

} // namespace

constinit const std::span<const Resolver> merge_resolvers(resolvers);

constinit const Type user_merge_type = {
    TypeKind::Object, "UserMerge", "How many rows of the known user a merge has written.", user_merge_fields};
constinit const Type user_merge_response_type = {
    TypeKind::Object, "UserMergeResponse", "The result of mergeUserContexts.", user_merge_response_fields};
constinit const Type on_conflict_type = {.kind = TypeKind::Enum,
                                         .name = "OnConflict",
                                         .description = "What becomes of data that both users have.",
                                         .values = conflict_values};
constinit const Type merge_outcome_type = {.kind = TypeKind::Enum,
                                           .name = "MergeOutcome",
                                           .description = "What mergeUserContexts has done.",
                                           .values = outcomes};

} // namespace opigno::fields
