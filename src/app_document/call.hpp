/* What the SQL functions over single documents do after they have read the key from their arguments. */
#pragma once

#include "app_document/store.hpp"

namespace opigno::app_document {

/* Reads the argument app_id. Adds an error if it is NULL. */
std::int32_t app_argument(FunctionCallInfo fcinfo, int argument_number, pg::Errors &errors);

/* Reads the key from the first two arguments: the holder and the app. */
Key key_argument(FunctionCallInfo fcinfo, const Kind &kind, pg::Errors &errors);

/*
 * Writes a document and returns the row (version, outcome). The arguments from `first` on are the
 * document and, unless the operation is Create, the expected version. errors: those of the key. All
 * errors of the arguments are raised together.
 */
Datum write_document(const identity::Caller &caller, FunctionCallInfo fcinfo, const Key &key,
                     Operation operation, int first, pg::Errors &errors);

/* Deletes a document and returns whether there was one. version_number: the argument with the expected
 * version. errors: as for write_document() */
bool remove_document(const identity::Caller &caller, FunctionCallInfo fcinfo, const Key &key,
                     int version_number, pg::Errors &errors);

/*
 * merged_profile(stored, patch, app_id, judges) and its kin: returns the document that a merge makes, or
 * NULL if the stored document stays: the merge changes nothing, would lose it, makes it too large, or,
 * with judges, violates a schema.
 */
Datum merged_document(FunctionCallInfo fcinfo, schema::DocumentKind kind);

} // namespace opigno::app_document
