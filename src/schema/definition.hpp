/* Checks schemas that a caller gives. */
#pragma once

#include "identity/scope.hpp"
#include "pg/error.hpp"
#include "pg/jsonb.hpp"
#include "json/schema/compile.hpp"

#include <optional>

namespace opigno::schema {

/*
 * Returns the program in the current memory context, where the schema must stay, or nullptr. Adds an
 * error for each fault (22023), or for a schema that is too large (54000). Paths are JSON Pointers into
 * the schema behind the prefix; without a prefix, messages do not name the place. view: of the
 * registry of scopes; nothing: the schema gives no rights
 */
const json::schema::Program *check_schema(const Jsonb *schema, bool asserts_formats, const char *prefix,
                                          std::optional<identity::ScopeRegistry::View> view,
                                          json::schema::SchemaFaults &unknown, pg::Errors &errors);

/* Raises a WARNING if keywords are ignored. */
void warn_of(const json::schema::SchemaFaults &unknown);

} // namespace opigno::schema
