/* Apps. */
#pragma once

#include "gateway/fields/types.hpp"

namespace opigno::fields {

extern const Type app_type;

inline constexpr Field apps_field = {
    "apps", list_of(non_null(app_type)), "Returns all registered apps in the order of appId.", {},
    {},     resolver(app_room, 0)};

} // namespace opigno::fields
