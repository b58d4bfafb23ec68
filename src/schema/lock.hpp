/*
 * The lock by which changes of an app's schemas and writes of its profiles exclude each other. It is
 * a lock of the server's on an object, (opigno.app, app_id), and lasts until the transaction ends.
 */
#pragma once

#include "pg/postgres.hpp"

#include <cstdint>

namespace opigno::schema {

/* To be called before the app's schemas are read and a profile is judged: then no other session
 * changes the schemas until this transaction ends. Writers do not wait for each other. function: the
 * function of the extension that was called. */
void lock_to_write(Oid function, std::int32_t app_id);

/* Waits for the transactions that have written profiles of the app. */
void lock_to_change(Oid function, std::int32_t app_id);

} // namespace opigno::schema
