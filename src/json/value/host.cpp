#include "json/value/host.hpp"

#include "pg/postgres.hpp"

namespace opigno::json {

void *allocate(std::size_t bytes)
{
    return MemoryContextAllocHuge(CurrentMemoryContext, bytes);
}

void poll()
{
    CHECK_FOR_INTERRUPTS();
}

} // namespace opigno::json
