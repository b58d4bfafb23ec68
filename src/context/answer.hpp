/* The JSON answers: the objects of Opigno's documentation, compact, without the GraphQL envelope. */
#pragma once

#include "pg/fault.hpp"
#include "json/value/writer.hpp"

namespace opigno::context {

/* {"displayName":...,"id":"...","isActive":...,"scope":[...],"uuid":...} of the row in SPI_tuptable. */
void write_context(json::Writer &out);

/* Where a fault is within a user context, as a JSON Pointer: "/scope/0". */
const char *pointer_to(const pg::Fault &fault);

/* The member `errors`: [{"code":...,"path":...,"message":...}]. */
void write_errors(json::Writer &out, const pg::Faults &faults);

} // namespace opigno::context
