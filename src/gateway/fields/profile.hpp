/* Profiles: UserContext.profiles, upsertProfile and patchProfile. */
#pragma once

#include "gateway/fields/types.hpp"

namespace opigno::fields {

extern const Type profile_type;
extern const Type profile_response_type;

namespace profile {

enum Number : int { list, upsert, patch, errors, response };

inline constexpr InputValue list_arguments[] = {
    {"appId", graphql::int_type, "Only the profile of this app.", {}, {}},
};
inline constexpr InputValue upsert_arguments[] = {
    {"userUuid", graphql::string_type, "The user; by default that of the request.", {}, {}},
    {"appId", non_null(graphql::int_type), "The app.", {}, {}},
    {"profileData", non_null(json_type), "The document.", {}, {}},
    {"expectedVersion",
     big_int_type,
     "Write only if this is the stored version. 0: only if there is no profile; -1: only if there is one.",
     {},
     {}},
};
inline constexpr InputValue patch_arguments[] = {
    {"userUuid", graphql::string_type, "The user; by default that of the request.", {}, {}},
    {"appId", non_null(graphql::int_type), "The app.", {}, {}},
    {"patch", non_null(json_type), "A JSON Merge Patch (RFC 7396).", {}, {}},
    {"expectedVersion",
     big_int_type,
     "Write only if this is the stored version. 0: only if there is no profile; -1: only if there is one.",
     {},
     {}},
};

} // namespace profile

inline constexpr Field profiles_field = {"profiles",
                                         non_null(list_of(non_null(profile_type))),
                                         "The profiles that the request may see, in the order of appId.",
                                         profile::list_arguments,
                                         {},
                                         resolver(profile_room, profile::list)};

inline constexpr Field upsert_profile_field = {"upsertProfile",
                                               profile_response_type,
                                               "Stores a document as the profile of a user in an app.",
                                               profile::upsert_arguments,
                                               {},
                                               resolver(profile_room, profile::upsert)};

inline constexpr Field patch_profile_field = {
    "patchProfile",
    profile_response_type,
    "Merges a patch into the profile of a user in an app, or creates the profile.",
    profile::patch_arguments,
    {},
    resolver(profile_room, profile::patch)};

} // namespace opigno::fields
