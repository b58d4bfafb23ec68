/* Training profiles: Training.profiles, trainingProfiles and the mutations that write one. */
#pragma once

#include "gateway/fields/progress.hpp"

namespace opigno::fields {

extern const Type training_profile_type;
extern const Type training_profile_response_type;
extern const Type training_profile_connection_type;
extern const Type training_profile_edge_type;

namespace training_profile {

enum Number : int { list, page, upsert, patch, remove, errors, response };

inline constexpr InputValue list_arguments[] = {
    {"appId", graphql::int_type, "Only the profile of this app.", {}, {}},
};
inline constexpr InputValue page_arguments[] = {
    {"appId", non_null(graphql::int_type), "The app.", {}, {}},
    {"after", cursor_type, "The page starts after this place.", {}, {}},
    {"first", graphql::int_type, "The size of the page, at most 500.", "100", {}},
};
inline constexpr InputValue upsert_arguments[] = {
    {"trainingId", non_null(graphql::string_type), "The training.", {}, {}},
    {"appId", non_null(graphql::int_type), "The app.", {}, {}},
    {"profileData", non_null(json_type), "The document.", {}, {}},
    {"expectedVersion",
     big_int_type,
     "Write only if this is the stored version. 0: only if there is no profile; -1: only if there is one.",
     {},
     {}},
};
inline constexpr InputValue patch_arguments[] = {
    {"trainingId", non_null(graphql::string_type), "The training.", {}, {}},
    {"appId", non_null(graphql::int_type), "The app.", {}, {}},
    {"patch", non_null(json_type), "A JSON Merge Patch (RFC 7396).", {}, {}},
    {"expectedVersion",
     big_int_type,
     "Write only if this is the stored version. 0: only if there is no profile; -1: only if there is one.",
     {},
     {}},
};
inline constexpr InputValue delete_arguments[] = {
    {"trainingId", non_null(graphql::string_type), "The training.", {}, {}},
    {"appId", non_null(graphql::int_type), "The app.", {}, {}},
    {"expectedVersion", big_int_type, "Delete only if this is the stored version.", {}, {}},
};

} // namespace training_profile

inline constexpr Field training_profiles_of_field = {
    "profiles",
    non_null(list_of(non_null(training_profile_type))),
    "The profiles of the training that the request may see, in the order of appId.",
    training_profile::list_arguments,
    {},
    resolver(training_profile_room, training_profile::list)};

inline constexpr Field training_profiles_field = {
    "trainingProfiles",
    training_profile_connection_type,
    "Returns a page of the training profiles of an app that the request may see, in the byte order of "
    "training ids.",
    training_profile::page_arguments,
    {},
    resolver(training_profile_room, training_profile::page)};

inline constexpr Field upsert_training_profile_field = {
    "upsertTrainingProfile",
    training_profile_response_type,
    "Stores a document as the profile of a training in an app.",
    training_profile::upsert_arguments,
    {},
    resolver(training_profile_room, training_profile::upsert)};

inline constexpr Field patch_training_profile_field = {
    "patchTrainingProfile",
    training_profile_response_type,
    "Merges a patch into the profile of a training in an app, or creates the profile.",
    training_profile::patch_arguments,
    {},
    resolver(training_profile_room, training_profile::patch)};

inline constexpr Field delete_training_profile_field = {
    "deleteTrainingProfile",
    success_response_type,
    "Deletes the profile of a training in an app.",
    training_profile::delete_arguments,
    {},
    resolver(training_profile_room, training_profile::remove)};

} // namespace opigno::fields
