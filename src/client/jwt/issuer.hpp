/* The names of issuers. */
#pragma once

#include "pg/error.hpp"

#include <string_view>

namespace opigno::jwt {

/* Whether a name has 1 to 1000 bytes and no control characters. */
bool is_issuer_name(std::string_view name);

/* Returns the first argument. Adds an error (22023) unless it is such a name. */
text *issuer_argument(FunctionCallInfo fcinfo, pg::Errors &errors);

} // namespace opigno::jwt
