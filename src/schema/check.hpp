/* Judges documents by compiled schemas, and says what is wrong with them. */
#pragma once

#include "pg/error.hpp"
#include "pg/jsonb.hpp"
#include "pg/vector.hpp"
#include "schema/active.hpp"
#include "schema/fault_counts.hpp"

namespace opigno::schema {

using Violations = pg::Vector<pg::Error>;

/* How errors speak of what is judged. */
struct Naming {
    const char *prefix; /* JSON Pointer to it */
    const char *whole;  /* "the document" */
    const char *hint;   /* a sentence */
};

/*
 * Returns an error (23514) for each fault of the document, at most max_faults, or none if it satisfies
 * the schema. Messages have names, but no value of the document. 54000 and 54001: the document is too
 * expensive to judge, or nested too deeply.
 */
Violations violations_of(const Compiled &schema, const Jsonb *document, const Naming &naming,
                         std::size_t max_faults = 100);

/* Adds the members that the enforced schema's "default" has and the document lacks, if the schema is
 * registered so. Returns the same document if there are none. */
Jsonb *with_defaults(const Active &active, Jsonb *document);

/* Whether the document satisfies the enforced schema. */
bool accepts(const Active &active, const Jsonb *document);

/* Whether the document satisfies all active schemas, the tried one with its defaults. */
bool satisfies_all(const Active &active, Jsonb *document);

/* Counts the document's faults by the schema of mode warn. */
void count_faults(const Active &active, std::int32_t app_id, Jsonb *document, FaultCounts &counts);

} // namespace opigno::schema
