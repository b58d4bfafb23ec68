/* The scopes that the site has registered, as values of the enum Scope. */
#pragma once

#include "gateway/graphql/schema.hpp"

#include <cstdint>
#include <span>

namespace opigno::graphql {

/* Reads them from opigno.scopes(). Called between SPI_connect and SPI_finish. */
std::span<const EnumValue> read_site_scopes();

/* A number that differs for other names. */
std::uint64_t digest_of(std::span<const EnumValue> scopes);

} // namespace opigno::graphql
