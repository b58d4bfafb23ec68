/* For whom an HTTP request acts. */
#pragma once

#include "gateway/http/headers.hpp"

namespace opigno::gateway {

/* What opigno.issue_user_assertion() returns. The front adds it. */
inline constexpr const char *assertion_header = "Opigno-User-Assertion";

/*
 * Begins the request of these headers, as the caller: opigno.begin_request(). HTTP servers join the values
 * of a header that comes several times with commas. So a comma in the header of the user is refused: "ada,
 * bob" would be a third user.
 */
void begin_request(const Headers &headers);

} // namespace opigno::gateway
