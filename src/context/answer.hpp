/* The JSON answers: the objects of Opigno's documentation, compact, without the GraphQL envelope. */
#pragma once

#include "json/value/writer.hpp"

namespace opigno::context {

/* {"displayName":...,"id":"...","isActive":...,"scope":[...],"uuid":...} of the row in SPI_tuptable. */
void write_context(json::Writer &out);

} // namespace opigno::context
