/* The memory of the pure code in a server: that of the current memory context. */
#pragma once

#include "pg/postgres.hpp"

namespace opigno::json {

struct ServerMemory {
    static void *allocate(std::size_t bytes) { return MemoryContextAllocHuge(CurrentMemoryContext, bytes); }
};

} // namespace opigno::json
