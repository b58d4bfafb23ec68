/* Progress in trainings, memberships, ranks and bundles. */
#pragma once

#include "gateway/fields/types.hpp"

namespace opigno::fields {

extern const Type training_progress_type;
extern const Type training_progress_response_type;
extern const Type training_status_type;
extern const Type ranking_type;
extern const Type success_response_type;
extern const Type learning_path_type;
extern const Type individual_membership_type;
extern const Type individual_membership_response_type;
extern const Type bundle_member_type;

namespace progress {

enum Number : int {
    list,
    status,
    report,
    enrol,
    remove,
    enrol_lp,
    remove_lp,
    errors,
    response,
    success,
    rank,
    ranks,
    bundle,
    membership_id,
    learning_path,
};

inline constexpr InputValue list_arguments[] = {
    {"trainingId", graphql::string_type, "Only the progress in this training.", {}, {}},
};
inline constexpr InputValue bundle_arguments[] = {
    {"appIds", list_of(non_null(graphql::int_type)), "Only profiles in these apps.", {}, {}},
    {"include", list_of(non_null(bundle_member_type)), "Only these members.", {}, {}},
};
inline constexpr InputValue report_arguments[] = {
    {"userUuid", graphql::string_type, "The user; by default that of the request.", {}, {}},
    {"trainingId", non_null(graphql::string_type), "The training.", {}, {}},
    {"status", training_status_type, "What the user has reached.", {}, {}},
    {"progress", graphql::float_type, "Percent, from 0 to 100.", {}, {}},
    {"score", graphql::float_type, "Score points.", {}, {}},
    {"reportedAt", date_time_type, "The time of the report; by default now.", {}, {}},
    {"details", json_type, "An object, which replaces the stored one.", {}, {}},
    {"allowDecrease", graphql::boolean_type, "Store the report even if it is older or lower.", {}, {}},
};
inline constexpr InputValue membership_arguments[] = {
    {"trainingId", non_null(graphql::string_type), "The training.", {}, {}},
    {"userUuid", graphql::string_type, "The user; by default that of the request.", {}, {}},
};
inline constexpr InputValue lp_arguments[] = {
    {"lpId", non_null(graphql::id_type), "The training.", {}, {}},
    {"userContextId",
     graphql::id_type,
     "The uuid of the user context; by default that of the request.",
     {},
     {}},
};
inline constexpr InputValue rank_arguments[] = {
    {"userContextId",
     graphql::id_type,
     "The uuid of the user context; by default that of the request.",
     {},
     {}},
};

} // namespace progress

inline constexpr Field progress_field = {
    "progress",
    non_null(list_of(non_null(training_progress_type))),
    "What the user has reached in trainings, as far as the request may see it, in the order of trainingId.",
    progress::list_arguments,
    {},
    resolver(progress_room, progress::list)};

inline constexpr Field passed_trainings_ranking_field = {
    "passedTrainingsRanking",
    ranking_type,
    "The user's rank; null if there is none that the request may see.",
    {},
    {},
    resolver(progress_room, progress::ranks)};

inline constexpr Field bundle_field = {
    "bundle",
    json_type,
    "What is known about the user as one object, as far as the request may see it.",
    progress::bundle_arguments,
    {},
    resolver(progress_room, progress::bundle)};

inline constexpr Field get_ranking_field = {"getUserPassedTrainingsRanking",
                                            ranking_type,
                                            "Returns a user's rank by passed trainings and average score, or "
                                            "null if there is none that the request may see.",
                                            progress::rank_arguments,
                                            {},
                                            resolver(progress_room, progress::rank)};

inline constexpr Field report_progress_field = {
    "reportProgress",
    training_progress_response_type,
    "Reports what a user has reached in a training. Reports may come in any order.",
    progress::report_arguments,
    {},
    resolver(progress_room, progress::report)};

inline constexpr Field create_training_membership_field = {"createTrainingMembership",
                                                           training_progress_response_type,
                                                           "Enrols a user in a training.",
                                                           progress::membership_arguments,
                                                           {},
                                                           resolver(progress_room, progress::enrol)};

inline constexpr Field remove_training_membership_field = {
    "removeTrainingMembership",
    success_response_type,
    "Ends the enrolment of a user in a training. The progress remains.",
    progress::membership_arguments,
    {},
    resolver(progress_room, progress::remove)};

inline constexpr Field create_lp_membership_field = {"createLpIndividualMembership",
                                                     individual_membership_response_type,
                                                     "Does what createTrainingMembership does.",
                                                     progress::lp_arguments,
                                                     {},
                                                     resolver(progress_room, progress::enrol_lp)};

inline constexpr Field remove_lp_membership_field = {"removeLpIndividualMembership",
                                                     success_response_type,
                                                     "Does what removeTrainingMembership does.",
                                                     progress::lp_arguments,
                                                     {},
                                                     resolver(progress_room, progress::remove_lp)};

} // namespace opigno::fields
