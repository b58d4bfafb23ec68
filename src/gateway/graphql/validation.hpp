/*
 * Validation by the rules of the GraphQL specification, section 5, with the errors and locations of
 * graphql-js 16. Does not depend on PostgreSQL.
 */
#pragma once

#include "gateway/graphql/ast.hpp"
#include "gateway/graphql/limits.hpp"
#include "gateway/graphql/schema.hpp"
#include "json/value/arena.hpp"

namespace opigno::graphql {

using json::Arena;

/*
 * Returns the errors of the whole document, whichever operation is to be executed; none: a valid
 * document. No operation of a valid document has a cycle of fragments or exceeds a limit. Sets the
 * members of nodes that lead into the schema. The result holds as long as the tables of the schema
 * and the scopes of its site do. arena: for the errors and for memory that only the call needs; it
 * need not be that of the tree.
 */
Errors validate(Document &document, const Schema &schema, const Limits &limits, Arena &arena);

/* The type with its layers, as "[ID!]". */
std::string_view spelled(TypeReference type, Arena &arena);

} // namespace opigno::graphql
