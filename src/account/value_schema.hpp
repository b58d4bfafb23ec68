/* JSON Schemas of the values of fields and preferences. */
#pragma once

#include "identity/access.hpp"
#include "pg/error.hpp"
#include "pg/jsonb.hpp"

namespace opigno::account {

/* Adds an error (22023) for all that is wrong with the argument value_schema, unless it is NULL. Warns
 * of keywords that have no effect. */
void check_value_schema(FunctionCallInfo fcinfo, int argument_number, pg::Errors &errors);

/*
 * The lock by which changes of the schemas in a table and writes of values exclude each other, until
 * the transaction ends. Writers do not wait for each other, nor do readers. The table belongs to the
 * extension. lock_schemas_to_write() is called before the schemas are read.
 */
void lock_schemas_to_write(const identity::Caller &caller, const char *table);
void lock_schemas_to_change(const identity::Caller &caller, const char *table);

/* How errors of a value name it. */
struct Judged {
    const char *path;   /* JSON Pointer to the value in the request */
    const char *prefix; /* of messages */
    const char *user_message;
    const char *hint;
};

/* Adds an error (23514) for each place in the value that violates the schema, which is a jsonb. */
void judge(Datum value_schema, const Jsonb *value, const Judged &judged, pg::Errors &errors);

} // namespace opigno::account
