/* Errors as answers: statuses, and problem documents (RFC 9457). */
#pragma once

#include "gateway/exchange.hpp"
#include "pg/error.hpp"

#include <span>

namespace opigno::gateway {

/* Returns the HTTP status of an SQLSTATE. Returns 0 for errors that are none of the request, such as
 * a cancel request: they are raised. */
int status_of(int sqlstate);

/* The same for an error. A document that violates a schema has the status 422; a violation of a
 * table's constraint is an error of the server. */
int status_of(const ErrorData &error);

/* Whether the error is about a document that violates a schema: its path and its message have names of
 * the document, and are shown as they are. */
inline bool is_of_document(int sqlstate)
{
    return sqlstate == ERRCODE_CHECK_VIOLATION;
}

/* The reason phrase of a status. */
const char *reason_of(int status);

/* Whether the error is one of the server, or of a table or constraint, whose name and data it has. An
 * answer shows only the reason phrase of its status. */
bool is_internal(const ErrorData &error, int status);

/* Whether PostgreSQL's message denies the use of an object, which it names. */
bool lacks_privilege(std::string_view message);

/* A hint with an argument as members are written: name: value. */
const char *with_members(const char *hint);

/* Writes a denial, or an error that is not the request's, to the server log, which does not show
 * errors that were caught. origin: a sentence that says where the error comes from, or "". client_id:
 * of the request. */
void log_error(const ErrorData &error, int status, const char *origin, std::optional<std::int64_t> client_id);

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
