/* The schema, which is put together here from the fields and types of the rooms. */
#pragma once

#include "gateway/graphql/schema.hpp"

namespace opigno::fields {

/* site_scopes: as for graphql::Schema. */
graphql::Schema schema_with(std::span<const graphql::EnumValue> site_scopes);

} // namespace opigno::fields
