/*
 * Only src/pg includes PostgreSQL's headers. This file includes what every file needs: memory,
 * errors, functions, text. Each other header in src/pg includes one part of the server, so that the
 * includes of a file show which parts the file uses. PostgreSQL reports errors by longjmp. So
 * nothing that owns a resource through a destructor may be on a stack that can reach PostgreSQL:
 * docs/decisions/0001-cpp-boundary.md.
 */
#pragma once

extern "C" {
#include <postgres.h>

#include <catalog/pg_type_d.h>
#include <fmgr.h>
#include <lib/stringinfo.h>
#include <miscadmin.h>
#include <utils/builtins.h>
#include <utils/memutils.h>
#if PG_VERSION_NUM >= 160000
#include <varatt.h>
#endif
}

#if PG_VERSION_NUM < 150000
#error "PostgreSQL 15 or later is needed"
#endif

#include "pg/compat.hpp"

/* The database is not in the state that the call requires. PostgREST turns this code into HTTP
 * 409. */
#define ERRCODE_WRONG_STATE MAKE_SQLSTATE('P', 'T', '4', '0', '9')

/* The stored version is not the expected one. PostgREST turns this code into HTTP 412. */
#define ERRCODE_OTHER_VERSION MAKE_SQLSTATE('P', 'T', '4', '1', '2')

namespace opigno::pg {

/* Whether any argument is NULL. */
inline bool has_null(FunctionCallInfo fcinfo)
{
    for (int number = 0; number < PG_NARGS(); ++number)
        if (PG_ARGISNULL(number))
            return true;
    return false;
}

} // namespace opigno::pg

/* Defines the C function of one SQL function. name: the SQL name with the prefix opigno_. */
#define OPIGNO_FUNCTION(name)                                                                                \
    extern "C" {                                                                                             \
    extern PGDLLEXPORT Datum name(PG_FUNCTION_ARGS);                                                         \
    PG_FUNCTION_INFO_V1(name);                                                                               \
    }                                                                                                        \
    Datum name([[maybe_unused]] PG_FUNCTION_ARGS)

/* The same for a STRICT function. It returns NULL for a NULL argument even if its owner has altered
 * the function to be CALLED ON NULL INPUT. */
#define OPIGNO_STRICT_FUNCTION(name)                                                                         \
    static Datum name##_of_values(FunctionCallInfo fcinfo);                                                  \
    OPIGNO_FUNCTION(name)                                                                                    \
    {                                                                                                        \
        if (opigno::pg::has_null(fcinfo))                                                                    \
            PG_RETURN_NULL();                                                                                \
        return name##_of_values(fcinfo);                                                                     \
    }                                                                                                        \
    static Datum name##_of_values(FunctionCallInfo fcinfo)
