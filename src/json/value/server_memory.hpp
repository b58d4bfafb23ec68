/* What the pure code needs of a server: memory, of the current memory context, and to be interrupted. */
#pragma once

#include "pg/postgres.hpp"

namespace opigno::json {

struct ServerMemory {
    static void *allocate(std::size_t bytes) { return MemoryContextAllocHuge(CurrentMemoryContext, bytes); }
    /* In each loop over members: there may be millions. */
    static void poll() { CHECK_FOR_INTERRUPTS(); }
};

} // namespace opigno::json
