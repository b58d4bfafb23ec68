/*
 * The lock by which changes of an app's schemas and writes of its documents exclude each other, for
 * each kind of documents. It is a lock of the server's on an object, (opigno.app, app_id, kind), and
 * lasts until the transaction ends.
 */
#pragma once

#include "pg/postgres.hpp"
#include "schema/document_kind.hpp"

#include <cstdint>

namespace opigno::schema {

/* To be called before the app's schemas are read and a document is judged: then no other session
 * changes the schemas until this transaction ends. Writers do not wait for each other. function: the
 * function of the extension that was called. */
void lock_to_write(Oid function, DocumentKind kind, std::int32_t app_id);

/* Waits for the transactions that have written documents of the app. */
void lock_to_change(Oid function, DocumentKind kind, std::int32_t app_id);

} // namespace opigno::schema
