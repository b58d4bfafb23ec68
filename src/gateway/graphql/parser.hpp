/*
 * Reads executable documents: the GraphQL specification of October 2021, and descriptions and
 * \u{...} of September 2025. Definitions of types are refused. Accepts what graphql-js 16 accepts,
 * and finds the same error at the same place. No recursion. Does not depend on PostgreSQL.
 */
#pragma once

#include "gateway/graphql/ast.hpp"
#include "gateway/graphql/limits.hpp"
#include "json/value/arena.hpp"

namespace opigno::graphql {

using json::Arena;

/*
 * text: UTF-8, and not longer than 4 GB. Bytes that are no UTF-8 are an error of the document. The
 * tree refers to the text. Returns nullptr and sets `error` if the text is no document or exceeds a
 * limit.
 */
Document *parse(std::string_view text, const Limits &limits, Arena &arena, Error &error);

/*
 * The operation to execute: that of the name or, without a name, the only one. Returns nullptr and
 * sets `error`, which has no location, if there is none.
 */
const Definition *find_operation(const Document &document, std::string_view name, Arena &arena, Error &error);

} // namespace opigno::graphql
