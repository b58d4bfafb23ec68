/* The statements of a kind of documents. Only the files that define a kind include it. */
#pragma once

#include "app_document/kind.hpp"

namespace opigno::app_document {

inline constexpr Oid key_types[] = {TEXTOID, INT4OID};
inline constexpr Oid insert_types[] = {TEXTOID, INT4OID, JSONBOID, TIMESTAMPTZOID, INT8OID};
inline constexpr Oid update_types[] = {TEXTOID, INT4OID, JSONBOID, TIMESTAMPTZOID, INT8OID, XIDOID, TIDOID};
inline constexpr Oid delete_types[] = {TEXTOID, INT4OID, INT8OID};
inline constexpr Oid batch_types[] = {TEXTARRAYOID, INT4ARRAYOID, JSONBARRAYOID, TIMESTAMPTZOID, INT8OID};
inline constexpr Oid batch_delete_types[] = {TEXTARRAYOID, INT4ARRAYOID, INT8ARRAYOID};

/* table: of the documents. holder: its column for the holder. holders, key: the table of the holders and
 * its key. */
#define OPIGNO_SELECT_DOCUMENT(table, holder)                                                                \
    "SELECT p.version, p.xmin, p.ctid, p.profile_data FROM opigno." #table " AS p"                           \
    " WHERE p." #holder " = $1 AND p.app_id = $2"

#define OPIGNO_DOCUMENT_STATEMENTS(table, holder, holders, key)                                              \
    {                                                                                                        \
        .select_row = {OPIGNO_SELECT_DOCUMENT(table, holder), key_types},                                    \
        .lock_row = {OPIGNO_SELECT_DOCUMENT(table, holder) " FOR NO KEY UPDATE", key_types},                 \
        .insert_row = {"INSERT INTO opigno." #table " (" #holder                                             \
                       ", app_id, profile_data, version, created_at, updated_at)"                            \
                       " VALUES ($1, $2, $3, $5, $4, $4)"                                                    \
                       " ON CONFLICT (" #holder ", app_id) DO NOTHING RETURNING version",                    \
                       insert_types},                                                                        \
        .update_row = {"UPDATE opigno." #table " AS p SET profile_data = $3, version = p.version + 1,"       \
                       "  updated_at = greatest(p.updated_at, $4)"                                           \
                       " WHERE p.ctid = $7 AND p." #holder " = $1 AND p.app_id = $2 AND p.version = $5"      \
                       "  AND p.xmin = $6 RETURNING p.version",                                              \
                       update_types},                                                                        \
        .remove_row = {"DELETE FROM opigno." #table " AS p WHERE p." #holder " = $1 AND p.app_id = $2"       \
                       " AND ($3 IS NULL OR p.version = $3) RETURNING p.version",                            \
                       delete_types},                                                                        \
        .select_references = {"SELECT h.is_active, a.is_private, a.max_profile_size"                         \
                              " FROM (SELECT) AS one"                                                        \
                              " LEFT JOIN opigno." #holders " AS h ON h." #key " = $1"                       \
                              " LEFT JOIN opigno.app AS a ON a.app_id = $2",                                 \
                              key_types},                                                                    \
    }

#define OPIGNO_INPUT_KEYS(holder) "unnest($1, $2) WITH ORDINALITY AS i (" #holder ", app_id, n)"
#define OPIGNO_INPUT_ROWS(holder) "unnest($1, $2, $3) WITH ORDINALITY AS i (" #holder ", app_id, document, n)"
#define OPIGNO_HAS_INPUT_KEY(holder) "p." #holder " = i." #holder " AND p.app_id = i.app_id"
#define OPIGNO_JOIN_KEYS(table, holder)                                                                      \
    OPIGNO_INPUT_KEYS(holder) " JOIN opigno." #table " AS p ON " OPIGNO_HAS_INPUT_KEY(holder)

#define OPIGNO_INSERT_DOCUMENTS(table, holder, action)                                                       \
    "INSERT INTO opigno." #table " AS p (" #holder                                                           \
    ", app_id, profile_data, version, created_at, updated_at)"                                               \
    " SELECT i." #holder ", i.app_id, i.document, $5, $4, $4 FROM " OPIGNO_INPUT_ROWS(                       \
        holder) " ORDER BY i.n ON CONFLICT (" #holder ", app_id) " action " RETURNING p." #holder            \
                "::text, p.app_id"

/* Updates the rows in the entries' order, which is that of their keys: pg::BatchStatement. */
#define OPIGNO_UPDATE_DOCUMENTS(table, holder, document, changes)                                            \
    "UPDATE opigno." #table " AS p SET profile_data = " document ", version = p.version + 1,"                \
    "  updated_at = greatest(p.updated_at, $4) FROM " OPIGNO_INPUT_ROWS(                                     \
        holder) " WHERE " OPIGNO_HAS_INPUT_KEY(holder) "  AND " changes " RETURNING i.n"

#define OPIGNO_MERGED(table, judges)                                                                         \
    "opigno.merged_" #table "(p.profile_data, i.document, i.app_id, " judges ")"

/*
 * insert_or_lock also locks existing documents, in the entries' order, so that loads with different
 * batches do not deadlock. find_existing returns the numbers of the keys whose documents exist, and
 * their versions. merge_existing skips documents that the merge does not change, makes too large, or
 * would lose, and those that would violate a schema: update_existing() looks at these later.
 */
#define OPIGNO_DOCUMENT_BATCH_STATEMENTS(table, holder)                                                      \
    {                                                                                                        \
        .insert_new = {OPIGNO_INSERT_DOCUMENTS(table, holder, "DO NOTHING"), batch_types},                   \
        .insert_or_lock = {OPIGNO_INSERT_DOCUMENTS(table, holder,                                            \
                                                   "DO UPDATE SET version = p.version WHERE false"),         \
                           batch_types},                                                                     \
        .lock_existing = {"SELECT i.n, p.profile_data, p.version FROM " OPIGNO_JOIN_KEYS(                    \
                              table, holder) " ORDER BY i.n FOR NO KEY UPDATE OF p",                         \
                          {batch_types, 2}},                                                                 \
        .read_existing = {"SELECT i.n, p.profile_data FROM " OPIGNO_JOIN_KEYS(table,                         \
                                                                              holder) " ORDER BY i.n",       \
                          {batch_types, 2}},                                                                 \
        .update_locked = {"UPDATE opigno." #table                                                            \
                          " AS p SET profile_data = i.document, version = p.version + 1,"                    \
                          "  updated_at = greatest(p.updated_at, $4) FROM " OPIGNO_INPUT_ROWS(               \
                              holder) " WHERE " OPIGNO_HAS_INPUT_KEY(holder),                                \
                          {batch_types, 4}},                                                                 \
        .find_existing = {"SELECT i.n, p.version FROM " OPIGNO_JOIN_KEYS(table, holder) " ORDER BY i.n",     \
                          {batch_types, 2}},                                                                 \
        .replace_existing = {OPIGNO_UPDATE_DOCUMENTS(                                                        \
                                 table, holder, "i.document",                                                \
                                 "NOT opigno.jsonb_is_same(p.profile_data, i.document)"),                    \
                             {batch_types, 4}},                                                              \
        .merge_existing = {OPIGNO_UPDATE_DOCUMENTS(table, holder, OPIGNO_MERGED(table, "false"),             \
                                                   OPIGNO_MERGED(table, "true") " IS NOT NULL"),             \
                           {batch_types, 4}},                                                                \
        .delete_keys = {"WITH i AS MATERIALIZED (SELECT i.*"                                                 \
                        "  FROM unnest($1, $2, $3) WITH ORDINALITY AS i (" #holder ", app_id, expected, n)"  \
                        "  JOIN opigno." #table " AS p ON " OPIGNO_HAS_INPUT_KEY(                            \
                            holder) "  ORDER BY i.n FOR UPDATE OF p)"                                        \
                                    " DELETE FROM opigno." #table                                            \
                                    " AS p USING i WHERE " OPIGNO_HAS_INPUT_KEY(                             \
                                        holder) "  AND (i.expected IS NULL OR p.version = i.expected) "      \
                                                "RETURNING i.n, p.version",                                  \
                        batch_delete_types},                                                                 \
        .select_times = {"SELECT i.n, p.created_at, p.updated_at FROM " OPIGNO_JOIN_KEYS(table, holder),     \
                         {batch_types, 2}},                                                                  \
    }

} // namespace opigno::app_document
