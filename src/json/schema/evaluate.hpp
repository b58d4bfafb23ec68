/* Judges values by compiled schemas. Does not depend on PostgreSQL. */
#pragma once

#include "json/schema/program.hpp"
#include "json/value/small_vector.hpp"

namespace opigno::json::schema {

enum class Verdict : std::uint8_t {
    Valid,
    Invalid,
    TooExpensive, /* the evaluation took too many steps */
    TooDeep,      /* the value is nested too deeply for the stack */
};

/* Judges a value. The number of steps is limited in proportion to the size of the value. */
Verdict judge(const Program &program, const Value &value);

/* Where a value violates the schema. Pointers into it end at an outer place after 1000 bytes. Texts are in
 * allocate()'s memory or parts of the program. */
struct Fault {
    const char *instance;     /* JSON Pointer into the value */
    const char *generalized;  /* the same with * for indexes, and for names that the schema lacks */
    std::string_view keyword; /* "minimum"; for a schema that is false, the keyword it belongs to */
    const char *schema;       /* JSON Pointer to the keyword in the schema */
};

using Faults = SmallVector<Fault, 4>;

/*
 * Finds the faults of a value for which judge() returned Invalid, at most max_faults and at least
 * one. anyOf, oneOf and not have one fault of their own. A fault without a keyword stands for those
 * that cost too many steps to find.
 */
void find_faults(const Program &program, const Value &value, std::size_t max_faults, Faults &faults);

} // namespace opigno::json::schema
