/* Errors that were caught, as answers. */
#pragma once

#include "gateway/exchange.hpp"
#include "pg/error.hpp"

#include <span>

namespace opigno::gateway {

/*
 * Makes an error the answer, and writes denials and errors of the server to the server log. The routes
 * of OAuth have its errors, the others have problem documents. Returns false for an error that is to be
 * raised. all: the errors of the request if there are several.
 */
bool answer_error(const Exchange &exchange, const ErrorData &error, std::span<const pg::Error> all);

/* The challenge of the routes of OAuth (RFC 7617). */
inline constexpr const char *basic_challenge = R"(Basic realm="opigno")";

/* Forbids caches to store the answer (RFC 6749, section 5.1). */
void forbid_storing(Answer &answer);

} // namespace opigno::gateway
