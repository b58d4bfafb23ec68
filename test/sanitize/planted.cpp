/*
 * Faults that test/sanitize/planted.t makes in the server, to see that each is reported.
 */
#include "pg/postgres.hpp"

extern "C" {
PG_MODULE_MAGIC;
}

OPIGNO_FUNCTION(opigno_planted_overrun)
{
    auto *block = static_cast<char *>(palloc(PG_GETARG_INT32(0)));
    return CharGetDatum(block[PG_GETARG_INT32(0)]);
}

OPIGNO_FUNCTION(opigno_planted_overflow)
{
    PG_RETURN_INT32(PG_GETARG_INT32(0) + 1);
}

OPIGNO_FUNCTION(opigno_planted_uninitialised)
{
    const auto *block = static_cast<const int *>(palloc(PG_GETARG_INT32(0)));
    PG_RETURN_BOOL(block[0] == 4711);
}
