/* Compiles JSON Schemas of drafts 4, 6, 7, 2019-09 and 2020-12. Does not depend on PostgreSQL. */
#pragma once

#include "json/schema/program.hpp"
#include "json/value/small_vector.hpp"

namespace opigno::json::schema {

struct Options {
    Draft draft = Draft::Draft2020; /* of a schema without "$schema" */
    bool asserts_formats = false;
};

/* Why a schema is refused, or what it does not do. */
struct SchemaFault {
    const char *pointer; /* JSON Pointer into the schema */
    const char *message; /* has no values of the schema, but can have its names */
};

/* Later faults are not kept. */
inline constexpr std::size_t max_schema_faults = 100;
using SchemaFaults = SmallVector<SchemaFault, 4>;

/*
 * Returns the program, or nullptr and all faults: keywords whose values are not valid, references
 * that cannot be resolved (remote schemas are never fetched), references that lead back to
 * themselves without descending into the document, patterns and asserted formats that are not
 * supported, and more than max_keywords or max_levels. unknown: keywords that are ignored, because
 * the draft does not have them. The program is in allocate()'s memory.
 */
const Program *compile(const Value &schema, const Options &options, SchemaFaults &faults,
                       SchemaFaults &unknown);

inline constexpr std::size_t max_keywords = 20000;
inline constexpr std::size_t max_schema_levels = 128;
inline constexpr std::size_t max_pattern_cost = 200000; /* of all patterns together */

} // namespace opigno::json::schema
