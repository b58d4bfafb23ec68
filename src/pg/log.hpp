/* Keeps secrets in the arguments of functions out of the server log. */
#pragma once

#include "pg/postgres.hpp"

namespace opigno::pg {

/*
 * Runs the body. The server log shows neither the statement nor the context of any error, or other
 * message, that is reported meanwhile: both can contain the arguments.
 */
template <typename Body> auto without_statement_in_log(Body body)
{
    ErrorContextCallback callback{error_context_stack,
                                  [](void *) {
                                      errhidestmt(true);
                                      errhidecontext(true);
                                  },
                                  nullptr};
    error_context_stack = &callback;
    const auto result = body();
    error_context_stack = callback.previous; /* after an error, who catches it does this */
    return result;
}

} // namespace opigno::pg
