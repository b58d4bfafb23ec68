/* Errors as answers: statuses, and problem documents (RFC 9457). */
#pragma once

#include "gateway/exchange.hpp"
#include "pg/error.hpp"

#include <span>

namespace opigno::gateway {

/* Returns the HTTP status of an SQLSTATE. Returns 0 for errors that are none of the request, such as
 * a cancel request: they are raised. */
int status_of(int sqlstate);

/* The reason phrase of a status. */
const char *reason_of(int status);

struct Problem {
    int status;
    int sqlstate;
    const char *message;
    const char *explanation; /* nullptr is none */
    const char *hint;        /* nullptr is none */
    std::span<const pg::Error> errors;
};

/* Makes the problem the answer. Keeps the headers that the answer has. */
void write_problem(Answer &answer, const Problem &problem);

} // namespace opigno::gateway
