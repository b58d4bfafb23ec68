/* JSON Pointers: RFC 6901. */
#pragma once

#include "pg/postgres.hpp"

#include <string_view>

namespace opigno::pg {

/* Appends "/name", with ~ and / in the name escaped. */
void append_member(StringInfo pointer, std::string_view name);

/* The pointer to a member of the whole document. */
const char *pointer_to(std::string_view member);

/* Returns the name of the member that the pointer leads to, or nullptr if the pointer leads further
 * down or to the whole document. */
const char *member_at(std::string_view pointer);

} // namespace opigno::pg
