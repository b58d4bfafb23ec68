/* Pages of user contexts: userContexts, in the form of Opigno's and Relay's connections. */
#pragma once

#include "gateway/fields/types.hpp"

namespace opigno::fields {

extern const Type user_context_connection_type;
extern const Type user_context_edge_type;

namespace page {

enum Number : int { get, edges, info, total, cursor, node, has_next, has_previous, start_cursor, end_cursor };

inline constexpr InputValue arguments[] = {
    {"after", cursor_type, "The page starts after this place. Use it with first.", {}, {}},
    {"before", cursor_type, "The page ends before this place. Use it with last.", {}, {}},
    {"first", graphql::int_type, "The size of the page, at most 500. Default 100.", {}, {}},
    {"last", graphql::int_type, "The size of a page that is read from its end, at most 500.", {}, {}},
    {"isActive", graphql::boolean_type, "Only user contexts with this value.", {}, {}},
    {"scope", scope_type, "Only user contexts that have this scope directly.", {}, {}},
};

} // namespace page

inline constexpr Field user_contexts_field = {
    "userContexts",
    user_context_connection_type,
    "Returns a page of the user contexts that the request may see, in the byte order of their uuids.",
    page::arguments,
    {},
    resolver(page_room, page::get)};

} // namespace opigno::fields
