/*
 * The policy calls this function. It is LEAKPROOF and cheap, so that queries by key use the index
 * under row security. It is not STRICT because most user contexts have no client.
 */

CREATE OR REPLACE FUNCTION opigno.may_read_user_context(uuid text, created_by_client_id bigint)
    RETURNS boolean
    LANGUAGE c STABLE LEAKPROOF PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME', 'opigno_may_read_user_context';
COMMENT ON FUNCTION opigno.may_read_user_context(text, bigint) IS
E'Returns whether the caller may read a user context.\n'
'A request may read the user context of its user, even if that user cannot act. If the user can '
'act, the request may also read the user contexts that its client created or was granted, or all '
'if the client may act for all. Operators, requests of operators and auditors may read all.\n'
'uuid: the user, in canonical form\n'
'created_by_client_id: the client that created the user context; NULL for none';
