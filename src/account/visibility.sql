/*
 * The policies call these functions. They are LEAKPROOF and cheap, so that queries by key use the
 * index under row security.
 */

CREATE OR REPLACE FUNCTION opigno.may_read_account(user_uuid text) RETURNS boolean
    LANGUAGE c STABLE STRICT LEAKPROOF PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME', 'opigno_may_read_account';
COMMENT ON FUNCTION opigno.may_read_account(text) IS
E'Returns whether the caller may read the account of a user: its row in opigno.account.\n'
'A request may read the account of its user, if the user can act; operators and auditors may read '
'all. opigno.get_account() shows others what is shared.\n'
'user_uuid: the user, in canonical form';

CREATE OR REPLACE FUNCTION opigno.may_read_preference(user_uuid text) RETURNS boolean
    LANGUAGE c STABLE STRICT LEAKPROOF PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME', 'opigno_may_read_preference';
COMMENT ON FUNCTION opigno.may_read_preference(text) IS
E'Returns whether the caller may read the preferences of a user: the rows in opigno.preference.\n'
'A request may read the preferences of its user, if the user can act; operators and auditors may '
'read all.\n'
'user_uuid: the user, in canonical form';
