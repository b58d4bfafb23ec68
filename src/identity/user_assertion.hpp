/*
 * Assertions of users: what the shard of a request's user knows of that user, signed for the other servers of
 * the system. Those can verify the token of the request, but do not have the user context.
 */
#pragma once

#include "identity/request.hpp"

namespace opigno::identity {

/*
 * Returns an assertion of the request's user, which is valid for five minutes for requests with this
 * authorization. Raises PT409 if the server has no secret. Called between SPI_connect and SPI_finish as the
 * owner, as is add_asserted_user().
 */
text *make_user_assertion(const Request &request, const text *authorization);

/*
 * Sets what the assertion says of the request's user. Returns false, and sets nothing, if no server of this
 * system has made the assertion, if it is for another user or authorization, or if it is too old.
 */
bool add_asserted_user(Request &request, const text *authorization, const text *assertion);

} // namespace opigno::identity
