/*
 * The newest major's interface on older majors: code outside this file is written for PostgreSQL 19. An entry
 * goes when its major is no longer supported. Macros, so that this file needs none of PostgreSQL's headers.
 */
#pragma once

#if PG_VERSION_NUM < 150000
#error "PostgreSQL 15 or later is needed"
#endif

/* 19: a descriptor made by hand is to be finished before it is used. */
#if PG_VERSION_NUM < 190000
#define TupleDescFinalize(description) static_cast<void>(description)
#endif

/* 18: a library tells its name. */
#ifndef PG_MODULE_MAGIC_EXT
#define PG_MODULE_MAGIC_EXT(...) PG_MODULE_MAGIC
#endif

/* 17: another name. */
#if PG_VERSION_NUM < 170000
#define SearchPathMatchesCurrentEnvironment OverrideSearchPathMatchesCurrent
#endif

/* 16: one function for the privileges of every kind of object. */
#if PG_VERSION_NUM < 160000
#define object_aclcheck(catalog, object, role, mode) OPIGNO_ACLCHECK_##catalog(object, role, mode)
#define OPIGNO_ACLCHECK_ProcedureRelationId pg_proc_aclcheck
#endif

/* 16: PGDLLEXPORT is visible on Unix; before, -fvisibility=hidden would hide our functions. */
#if PG_VERSION_NUM < 160000
#undef PGDLLEXPORT
#define PGDLLEXPORT __attribute__((visibility("default")))
#endif

/* 19: the state of a jsonb that is built has the result. */
#if PG_VERSION_NUM < 190000
struct JsonbParseState;
struct JsonbValue;

struct JsonbInState {
    JsonbParseState *parseState;
    JsonbValue *result;
};

template <typename Token> void pushJsonbValue(JsonbInState *state, Token token, JsonbValue *value)
{
    state->result = pushJsonbValue(&state->parseState, token, value);
}
#endif
