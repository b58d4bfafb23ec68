/* Merging of users: mergeUserContexts. */
#pragma once

#include "gateway/fields/types.hpp"

namespace opigno::fields {

extern const Type merge_outcome_type;
extern const Type on_conflict_type;
extern const Type user_merge_type;
extern const Type user_merge_response_type;

namespace merge {

enum Number : int { run, errors, response };

inline constexpr InputValue arguments[] = {
    {"fromUuid", non_null(graphql::string_type), "The anonymous user, that is, one without scopes.", {}, {}},
    {"intoUuid", non_null(graphql::string_type), "The other user.", {}, {}},
    {"onConflict", on_conflict_type, "What becomes of data that both users have.", "KEEP", {}},
};

} // namespace merge

inline constexpr Field merge_user_contexts_field = {
    "mergeUserContexts",
    user_merge_response_type,
    "Moves all data of an anonymous user to a known one, and deletes the anonymous user context. For "
    "operators only.",
    merge::arguments,
    {},
    resolver(merge_room, merge::run)};

} // namespace opigno::fields
