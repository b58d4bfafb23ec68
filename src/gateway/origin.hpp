/* Cross-origin requests of browsers (CORS): scripts from the domains of registered apps may send
 * requests and read the answers. */
#pragma once

#include "gateway/exchange.hpp"

namespace opigno::gateway {

/* Allows the origin of the request to read the answer if it is of an app. A domain without a scheme
 * stands for https, and on the machine itself also for http. Called between SPI_connect and
 * SPI_finish. */
void add_cross_origin(Exchange &exchange);

/* Completes the answer to OPTIONS, which has the header Allow, for an origin that is allowed. */
void add_preflight(Exchange &exchange);

} // namespace opigno::gateway
