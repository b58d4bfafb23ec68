/*
 * Schemas that this backend has compiled. The key is the schema itself, so that an entry is never
 * out of date. Schemas that were not used for the longest time are forgotten when all together take
 * more memory than opigno_profiles.schema_cache.
 */
#pragma once

#include "pg/jsonb.hpp"
#include "json/schema/rights.hpp"

#include <cstdint>
#include <type_traits>

namespace opigno::schema {

struct Compiled {
    const Jsonb *schema;
    const json::schema::Program *program;
    const json::schema::Rights *rights; /* nullptr: the schema gives none */
    mutable std::uint64_t last_use;
};

static_assert(std::is_trivially_destructible_v<Compiled>);

/*
 * Returns the compiled form of a schema that was compiled without errors when it was stored. The
 * last two results stay valid; earlier ones until another schema is compiled. Raises 0A000 if this
 * build or version cannot compile the schema.
 */
const Compiled &compiled(const Jsonb *schema, const json::schema::Options &options);

/* Notes that the schema is used. */
void touch(const Compiled &schema);

/* Changes when a schema is forgotten. */
std::uint64_t cache_generation();

void define_cache_setting();

} // namespace opigno::schema
