/* Values, arguments, directives and types of a document. Does not depend on PostgreSQL. */
#pragma once

#include "gateway/graphql/token_reader.hpp"

namespace opigno::graphql {

/* is_constant: a variable is an error. */
bool parse_value(TokenReader &reader, Arena &arena, bool is_constant, Value &value);
bool parse_directives(TokenReader &reader, Arena &arena, bool is_constant, Chain<Directive> &directives);

/* None, if no parenthesis is next. */
bool parse_arguments(TokenReader &reader, Arena &arena, bool is_constant, Chain<Value> &arguments);

bool parse_type(TokenReader &reader, TypeName &type);

} // namespace opigno::graphql
