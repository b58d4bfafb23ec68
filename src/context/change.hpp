/*
 * What a caller wants of one user context, and the rules it must pass. A member
 * that is absent, NULL or JSON null is left as it is; one that has errors counts
 * as given, so that it is not called missing too.
 */
#pragma once

#include "identity/scope.hpp"
#include "pg/array.hpp"
#include "pg/error.hpp"
#include "pg/jsonb.hpp"

#include <optional>
#include <type_traits>

namespace opigno::context {

/* How the caller's interface spells the members: errors speak its language. */
struct Spelling {
    const char *uuid;
    const char *display_name;
    const char *is_active;
    const char *scope;
};

inline constexpr Spelling argument_names{"uuid", "display_name", "is_active", "scope"};
inline constexpr Spelling json_names{"uuid", "displayName", "isActive", "scope"};

struct Change {
    text *uuid = nullptr; /* canonical; nullptr only after an error */
    text *display_name = nullptr;
    std::optional<bool> is_active;
    ArrayType *scope = nullptr;
    bool display_name_given = false;
    bool is_active_given = false;

    /* Has what creating a user context takes. */
    [[nodiscard]] bool is_complete() const { return display_name_given && is_active_given; }
};

static_assert(std::is_trivially_destructible_v<Change>);

/* One error (22023) for each member that creating needs and the change lacks. */
void add_missing(const Change &change, const Spelling &spelling, pg::Errors &errors);

/* set_user_context's arguments. */
Change change_from_arguments(FunctionCallInfo fcinfo, pg::Errors &errors);

/* {"uuid":..., "displayName":..., "isActive":..., "scope": a name or a list}; nothing else. */
Change change_from_json(const JsonbValue &payload, identity::ScopeRegistry &registry, pg::Errors &errors);

} // namespace opigno::context
