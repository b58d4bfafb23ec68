/*
 * Provides PostgreSQL 19's interface on older major versions: all other code is written for
 * PostgreSQL 19. Each entry names the version that changed the interface, and can be removed once
 * no older version is supported. Entries are macros or templates, so that this file needs none of
 * PostgreSQL's headers.
 */
#pragma once

/* 19: TupleDescFinalize() must be called for a tuple descriptor before its first use. */
#if PG_VERSION_NUM < 190000
#define TupleDescFinalize(description) static_cast<void>(description)
#endif

/* 18: the magic block can have the module's name. */
#ifndef PG_MODULE_MAGIC_EXT
#define PG_MODULE_MAGIC_EXT(...) PG_MODULE_MAGIC
#endif

/* 17: the function was renamed. */
#if PG_VERSION_NUM < 170000
#define SearchPathMatchesCurrentEnvironment OverrideSearchPathMatchesCurrent
#endif

/* 16: one function checks the privileges on objects of every kind. */
#if PG_VERSION_NUM < 160000
#define object_aclcheck(catalog, object, role, mode) OPIGNO_ACLCHECK_##catalog(object, role, mode)
#define OPIGNO_ACLCHECK_ProcedureRelationId pg_proc_aclcheck
#define OPIGNO_ACLCHECK_NamespaceRelationId pg_namespace_aclcheck
#define OPIGNO_ACLCHECK_ForeignServerRelationId pg_foreign_server_aclcheck
#endif

/* 16: the memory of a setting's extra data has a function of its own. */
#if PG_VERSION_NUM < 160000
#define guc_malloc(level, size) malloc(size)
#endif

/* 16: PGDLLEXPORT sets the visibility on Unix. Before, -fvisibility=hidden would hide the
 * functions. */
#if PG_VERSION_NUM < 160000
#undef PGDLLEXPORT
#define PGDLLEXPORT __attribute__((visibility("default")))
#endif

/* 19: pushJsonbValue() stores the result in the state. */
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
