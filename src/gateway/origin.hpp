/* Cross-origin requests of browsers (CORS): scripts from the domains of registered apps may send
 * requests and read the answers. */
#pragma once

#include "gateway/exchange.hpp"

namespace opigno::gateway {

/* Adds the headers of CORS if the request comes from the domain of an app. Called between
 * SPI_connect and SPI_finish. */
void add_cross_origin(Exchange &exchange);

} // namespace opigno::gateway
