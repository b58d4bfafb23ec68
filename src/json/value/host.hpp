/*
 * What code that does not depend on PostgreSQL needs from the program that runs it. The server's
 * definitions are in host.cpp, those of unit tests and fuzzers in test/fuzz/host.cpp.
 */
#pragma once

#include <cstddef>

namespace opigno::json {

/* Never returns nullptr. The server allocates in the current memory context, and nothing else frees
 * it. */
void *allocate(std::size_t bytes);

/* Serves a pending interrupt. Each loop over members calls it, since an object can have millions. */
void poll();

} // namespace opigno::json
