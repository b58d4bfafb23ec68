/* What a document may cost. Does not depend on PostgreSQL. */
#pragma once

#include <cstdint>

namespace opigno::graphql {

/*
 * The parser keeps the first three, validation the others. Validation recurses once for each level,
 * so max_depth must fit the stack. The introspection query of graphql-js has 163 tokens and 15
 * levels.
 */
struct Limits {
    std::uint32_t max_bytes = 262144;
    std::uint32_t max_tokens = 10000;

    /* How deep selection sets, lists and objects are nested. Of an operation: after its fragments
     * are inserted, as for the two limits that follow. */
    std::uint32_t max_depth = 64;
    std::uint32_t max_aliases = 100;
    std::uint32_t max_fields = 10000;

    std::uint32_t max_errors = 100;
};

} // namespace opigno::graphql
