#include "gateway/fields/schema.hpp"

#include "gateway/fields/account.hpp"
#include "gateway/fields/app.hpp"
#include "gateway/fields/context.hpp"
#include "gateway/fields/context_page.hpp"
#include "gateway/fields/merge.hpp"
#include "gateway/fields/profile.hpp"
#include "gateway/fields/progress.hpp"
#include "gateway/fields/retirement.hpp"
#include "gateway/fields/training.hpp"
#include "gateway/fields/training_profile.hpp"

namespace opigno::fields {

using graphql::TypeKind;

namespace {

constexpr Field query_fields[] = {
    get_user_context_field,  user_contexts_field,     apps_field,
    get_training_field,      find_trainings_field,    trainings_field,
    training_profiles_field, get_ranking_field,       retirement_field,
    retirements_field,       retirement_states_field, retirement_certificates_field};
constexpr Field mutation_fields[] = {set_user_context_field,
                                     set_user_contexts_field,
                                     upsert_profile_field,
                                     patch_profile_field,
                                     set_training_field,
                                     upsert_training_profile_field,
                                     patch_training_profile_field,
                                     delete_training_profile_field,
                                     report_progress_field,
                                     create_training_membership_field,
                                     remove_training_membership_field,
                                     create_lp_membership_field,
                                     remove_lp_membership_field,
                                     begin_retirement_field,
                                     cancel_retirement_field,
                                     move_retirement_field,
                                     retire_user_data_field,
                                     merge_user_contexts_field};

constexpr Type query_type = {TypeKind::Object, "Query", "Reads.", query_fields};
constexpr Type mutation_type = {
    TypeKind::Object, "Mutation",
    "Writes. Fields are executed in order. A field that fails undoes only its own changes.", mutation_fields};

/* In the order of their names. */
constexpr const Type *types[] = {
    &account_type,
    &app_type,
    &big_int_type,
    &graphql::boolean_type,
    &bulk_counts_type,
    &bundle_member_type,
    &cursor_type,
    &date_time_type,
    &erasure_outcome_type,
    &extended_profile_field_type,
    &graphql::float_type,
    &graphql::id_type,
    &individual_membership_type,
    &individual_membership_response_type,
    &graphql::int_type,
    &json_type,
    &learning_path_type,
    &merge_outcome_type,
    &mutation_type,
    &on_conflict_type,
    &on_error_type,
    &page_info_type,
    &ranking_type,
    &profile_type,
    &profile_response_type,
    &query_type,
    &retired_user_data_type,
    &retired_user_data_response_type,
    &retirement_type,
    &retirement_category_type,
    &retirement_certificate_type,
    &retirement_connection_type,
    &retirement_edge_type,
    &retirement_response_type,
    &retirement_state_type,
    &scope_type,
    &graphql::string_type,
    &success_response_type,
    &training_type,
    &training_connection_type,
    &training_edge_type,
    &training_profile_type,
    &training_profile_connection_type,
    &training_profile_edge_type,
    &training_profile_response_type,
    &training_progress_type,
    &training_progress_response_type,
    &training_response_type,
    &training_status_type,
    &user_context_type,
    &user_context_connection_type,
    &user_context_edge_type,
    &user_context_input_type,
    &user_context_response_type,
    &user_contexts_response_type,
    &user_merge_type,
    &user_merge_response_type,
    &violation_type,
};

} // namespace

graphql::Schema schema_with(std::span<const graphql::EnumValue> site_scopes)
{
    return {types, query_type, &mutation_type, site_scopes};
}

} // namespace opigno::fields

namespace opigno::graphql {

std::span<const Resolver> resolvers_of(int room)
{
    switch (static_cast<fields::Room>(room)) {
    case fields::context_room:
        return fields::context_resolvers;
    case fields::page_room:
        return fields::page_resolvers;
    case fields::profile_room:
        return fields::profile_resolvers;
    case fields::account_room:
        return fields::account_resolvers;
    case fields::app_room:
        return fields::app_resolvers;
    case fields::training_room:
        return fields::training_resolvers;
    case fields::progress_room:
        return fields::progress_resolvers;
    case fields::training_profile_room:
        return fields::training_profile_resolvers;
    case fields::retirement_room:
        return fields::retirement_resolvers;
    case fields::merge_room:
        return fields::merge_resolvers;
    }
    elog(ERROR, "there is no room %d", room);
}

} // namespace opigno::graphql
