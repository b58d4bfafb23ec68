/*
 * What statements that run with the caller's rights read instead of the tables of users once Citus has
 * distributed them: src/sharding/citus.sql. The aliases and columns are those of the tables and of
 * opigno.visible_profile.
 */
#pragma once

#define OPIGNO_DISTRIBUTED_ROWS(read, arguments, columns)                                                    \
    "opigno.distributed_rows('" read "', ARRAY[" arguments "]) AS " columns

/* p: the profiles of the user $1 */
#define OPIGNO_DISTRIBUTED_PROFILES                                                                          \
    OPIGNO_DISTRIBUTED_ROWS("profile", "$1, NULL",                                                           \
                            "p (user_uuid pg_catalog.text, app_id pg_catalog.int4,"                          \
                            " profile_data pg_catalog.jsonb, version pg_catalog.int8,"                       \
                            " created_at pg_catalog.timestamptz, updated_at pg_catalog.timestamptz)")

/* c: the user context of the user $1 */
#define OPIGNO_DISTRIBUTED_CONTEXT                                                                           \
    OPIGNO_DISTRIBUTED_ROWS("user_context", "$1",                                                            \
                            "c (uuid pg_catalog.text, id pg_catalog.int8, display_name pg_catalog.text,"     \
                            " is_active pg_catalog.bool, scope pg_catalog.text[],"                           \
                            " version pg_catalog.int8, created_at pg_catalog.timestamptz,"                   \
                            " updated_at pg_catalog.timestamptz, created_by_client_id pg_catalog.int8)")

/* p: the progress of the user $1 */
#define OPIGNO_DISTRIBUTED_PROGRESS                                                                          \
    OPIGNO_DISTRIBUTED_ROWS("progress", "$1, NULL",                                                          \
                            "p (user_uuid pg_catalog.text, training_id pg_catalog.text,"                     \
                            " is_enrolled pg_catalog.bool, status pg_catalog.text,"                          \
                            " progress pg_catalog.numeric, score pg_catalog.numeric,"                        \
                            " details pg_catalog.jsonb, reported_at pg_catalog.timestamptz,"                 \
                            " version pg_catalog.int8, created_at pg_catalog.timestamptz,"                   \
                            " updated_at pg_catalog.timestamptz)")

/* The clients that may act for the user $1. */
#define OPIGNO_DISTRIBUTED_CLIENTS                                                                           \
    "SELECT u.client_id, u.created_at FROM " OPIGNO_DISTRIBUTED_ROWS(                                        \
        "clients", "$1", "u (client_id pg_catalog.int8, created_at pg_catalog.timestamptz)")
