/* The rules of arguments, which those of fields and of directives share. Does not depend on
 * PostgreSQL. */
#pragma once

#include "gateway/graphql/validation_context.hpp"

namespace opigno::graphql {

/* owner: of the arguments, as messages end: field "Query.apps". */
void check_known_arguments(ValidationContext &context, const Chain<Value> &arguments,
                           std::span<const InputValue> declared,
                           std::initializer_list<std::string_view> owner);

/* owner: as messages start: Field "apps". at: its place. */
void check_required_arguments(ValidationContext &context, const Chain<Value> &arguments,
                              std::span<const InputValue> declared,
                              std::initializer_list<std::string_view> owner, Offset at);

} // namespace opigno::graphql
