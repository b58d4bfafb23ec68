/* The JSON answers: the objects of Opigno's documentation, compact, without the GraphQL envelope. */
#pragma once

#include "context/store.hpp"
#include "json/value/writer.hpp"

namespace opigno::context {

/* {"displayName":...,"id":"...","isActive":...,"scope":[...],"uuid":...} */
void write_context(const Row &row, json::Writer &out);

} // namespace opigno::context
