/* JSON Pointers: RFC 6901. */
#pragma once

#include "pg/postgres.hpp"

#include <string_view>

namespace opigno::json {

/* Appends "/name", with ~ and / in the name escaped. */
void append_member(StringInfo pointer, std::string_view name);

} // namespace opigno::json
