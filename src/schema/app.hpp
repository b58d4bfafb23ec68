/* Apps, as the schemas need them. */
#pragma once

#include <cstdint>

namespace opigno::schema {

/* Raises 23503 for an unknown app. Called between SPI_connect and SPI_finish as the owner. */
void check_app(std::int32_t app_id);

} // namespace opigno::schema
