/*
 * A change of one user context, which reads and checks the caller's input. A member that is absent,
 * NULL or JSON null stays as it is. A member that has errors counts as given, so that it is not
 * reported as missing too.
 */
#pragma once

#include "document/expected_version.hpp"
#include "identity/scope.hpp"
#include "pg/array.hpp"
#include "pg/error.hpp"
#include "pg/jsonb.hpp"

#include <optional>
#include <type_traits>

namespace opigno::context {

/* The names of the members in the interface that was called, for error messages. */
struct Spelling {
    const char *uuid;
    const char *display_name;
    const char *is_active;
    const char *scope;
    const char *version;
};

inline constexpr Spelling argument_names{"uuid", "display_name", "is_active", "scope", "expected_version"};
inline constexpr Spelling column_names{"uuid", "display_name", "is_active", "scope",
                                       document::version_member};
inline constexpr Spelling json_names{"uuid", "displayName", "isActive", "scope", document::version_member};

struct Change {
    text *uuid = nullptr; /* canonical; nullptr only after an error */
    text *display_name = nullptr;
    std::optional<bool> is_active;
    ArrayType *scope = nullptr;
    text *id = nullptr; /* read-only: must be the stored one */
    bool display_name_given = false;
    bool is_active_given = false;
    pg::ExpectedVersion expected;

    /* Whether the change can create a user context. */
    [[nodiscard]] bool can_create() const;
};

static_assert(std::is_trivially_destructible_v<Change>);

/* Adds an error (22023) for each reason why the change cannot create a user context: a member that is
 * missing, a uuid that no new user may have. */
void add_reasons_against_creation(const Change &change, const Spelling &spelling, pg::Errors &errors);

/* Adds an error (22023) if the change has an id that is not the stored one. stored: nothing if the
 * user context does not exist. */
void add_wrong_id(const Change &change, std::optional<std::int64_t> stored, pg::Errors &errors);

/* Reads the arguments of set_user_context. */
Change change_from_arguments(FunctionCallInfo fcinfo, pg::Errors &errors);

/* Reads {"uuid":..., "displayName":..., "isActive":..., "scope": a name or a list, "version": the
 * expected version, "id":...}. Other members are errors. */
Change change_from_json(const JsonbValue &payload, identity::ScopeRegistry &registry, pg::Errors &errors);

} // namespace opigno::context
