/* User contexts: Opigno's getUserContext and setUserContext. */
#pragma once

#include "gateway/fields/types.hpp"

namespace opigno::fields {

extern const Type user_context_type;
extern const Type user_context_response_type;
extern const Type user_context_input_type;
extern const Type user_contexts_response_type;
extern const Type bulk_counts_type;
extern const Type on_error_type;

namespace context {

enum Number : int { get, set, set_many, errors, response, refused, failed, response_counts, count };

inline constexpr InputValue get_arguments[] = {
    {"uuid", non_null(graphql::string_type), "The user, in any letter case.", {}, {}},
};
inline constexpr InputValue set_arguments[] = {
    {"uuid", non_null(graphql::string_type), "The user, in any letter case.", {}, {}},
    {"displayName",
     graphql::string_type,
     "Full name or pseudonym. Required to create a user context.",
     {},
     {}},
    {"isActive",
     graphql::boolean_type,
     "Whether the user can act. Required to create a user context.",
     {},
     {}},
    {"scope", scope_type, "The only scope of the user context. ANONYMOUS removes all scopes.", {}, {}},
};
inline constexpr InputValue set_many_arguments[] = {
    {"userContexts", non_null(list_of(non_null(user_context_input_type))), "The user contexts.", {}, {}},
    {"onError", on_error_type, "What happens if an entry has an error.", "ABORT", {}},
    {"dryRun", graphql::boolean_type, "If true, nothing is written.", "false", {}},
};

} // namespace context

inline constexpr Field get_user_context_field = {
    "getUserContext",
    user_context_type,
    "Returns the user context of a user, or null if there is none that the request may see.",
    context::get_arguments,
    {},
    resolver(context_room, context::get)};

inline constexpr Field set_user_context_field = {
    "setUserContext",
    user_context_response_type,
    "Creates a user context, or changes the given properties of an existing one.",
    context::set_arguments,
    {},
    resolver(context_room, context::set)};

inline constexpr Field set_user_contexts_field = {
    "setUserContexts",
    user_contexts_response_type,
    "Creates or changes many user contexts. For operators only.",
    context::set_many_arguments,
    {},
    resolver(context_room, context::set_many)};

/* The columns of a row that is an object of UserContext. */
#define OPIGNO_CONTEXT_ROW "c.uuid, c.id, c.display_name, c.is_active, c.scope"

/* Returns the uuids of user contexts as an array of type text[]. */
Datum uuids_of(const graphql::Objects &user_contexts);

} // namespace opigno::fields
