/*
 * Markers of the levels of access: a role that may execute a marker has the level. They are
 * procedures, because GRANT ... ON ALL FUNCTIONS IN SCHEMA does not include those.
 */

CREATE OR REPLACE PROCEDURE opigno.access_user()
    LANGUAGE c
    AS 'MODULE_PATHNAME', 'opigno_access_user';
COMMENT ON PROCEDURE opigno.access_user() IS
E'Marks the level "user": a role that may execute this procedure may do in a request what the '
'user and the client of the request may do. In a request of an operator, it may act on every '
'user, by SQL functions.\n'
'The level is for servers. A role that sends SQL of its own can learn about rows that row '
'security hides, for example with EXPLAIN ANALYZE.\n'
'The procedure does nothing. opigno.grant_access() grants EXECUTE on it together with the other '
'privileges of the level.';

CREATE OR REPLACE PROCEDURE opigno.access_gateway()
    LANGUAGE c
    AS 'MODULE_PATHNAME', 'opigno_access_gateway';
COMMENT ON PROCEDURE opigno.access_gateway() IS
E'Marks the level "gateway": a role that may execute this procedure may do what the level '
'"user" may do, and answer HTTP requests with opigno.http_request().\n'
'The level is for programs that pass HTTP requests on to the database.\n'
'The procedure does nothing. opigno.grant_access() grants EXECUTE on it together with the other '
'privileges of the level.';

CREATE OR REPLACE PROCEDURE opigno.access_operator()
    LANGUAGE c
    AS 'MODULE_PATHNAME', 'opigno_access_operator';
COMMENT ON PROCEDURE opigno.access_operator() IS
E'Marks the level "operator": a role that may execute this procedure may act on every user.\n'
'The procedure does nothing. opigno.grant_access() grants EXECUTE on it together with the other '
'privileges of the level.';

CREATE OR REPLACE PROCEDURE opigno.access_auditor()
    LANGUAGE c
    AS 'MODULE_PATHNAME', 'opigno_access_auditor';
COMMENT ON PROCEDURE opigno.access_auditor() IS
E'Marks the level "auditor": a role that may execute this procedure reads everything, including '
'the audit trail, and writes nothing.\n'
'The procedure does nothing. opigno.grant_access() grants EXECUTE on it together with the other '
'privileges of the level.';

CREATE OR REPLACE PROCEDURE opigno.access_learning()
    LANGUAGE c
    AS 'MODULE_PATHNAME', 'opigno_access_learning';
COMMENT ON PROCEDURE opigno.access_learning() IS
E'Marks the level "learning": a role that may execute this procedure reads and writes trainings, '
'their profiles and the progress of every user by uuid. It sees no user context, profile, account '
'or preference.\n'
'The procedure does nothing. opigno.grant_access() grants EXECUTE on it together with the other '
'privileges of the level.';

CREATE OR REPLACE FUNCTION opigno.reads_every_user() RETURNS boolean
    LANGUAGE c STABLE PARALLEL SAFE COST 10
    AS 'MODULE_PATHNAME', 'opigno_reads_every_user';
COMMENT ON FUNCTION opigno.reads_every_user() IS
E'Returns whether the current role may read the data of every user.\n'
'It is true for the extension''s owner, for superusers, for the levels operator and auditor, and '
'in a request of an operator for the levels user and gateway. '
'In policies on your own tables, write (SELECT opigno.reads_every_user()): PostgreSQL evaluates '
'the sub-select once per query, and a bare call for each row.';

/* The identity of the request, which lasts until the transaction ends. */

CREATE OR REPLACE FUNCTION opigno.request_user() RETURNS text
    LANGUAGE c STABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME', 'opigno_request_user';
COMMENT ON FUNCTION opigno.request_user() IS
E'Returns the user uuid that the current request acts for.\n'
'NULL without a request, if the user context does not exist or is not active, and if an '
'operator''s request names no user. In policies on '
'your own tables write: user_uuid = (SELECT opigno.request_user()).';

CREATE OR REPLACE FUNCTION opigno.request_named_user() RETURNS text
    LANGUAGE c STABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME', 'opigno_request_named_user';
COMMENT ON FUNCTION opigno.request_named_user() IS
E'Returns the user uuid that the current request names, even if that user cannot act.\n'
'A user cannot act if the user context does not exist or is not active. NULL without a request, '
'and if an operator''s request names no user.';

CREATE OR REPLACE FUNCTION opigno.request_scope() RETURNS text[]
    LANGUAGE c STABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME', 'opigno_request_scope';
COMMENT ON FUNCTION opigno.request_scope() IS
E'Returns the scopes of the current request''s user, without implied scopes.\n'
'They are the scopes granted when the request began, or set later in the same transaction. {} for '
'an anonymous user and for a user that cannot act; NULL without a request. opigno.require_scope() '
'also checks implied scopes.';

CREATE OR REPLACE FUNCTION opigno.request_app() RETURNS integer
    LANGUAGE c STABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME', 'opigno_request_app';
COMMENT ON FUNCTION opigno.request_app() IS
E'Returns the app_id of the app that sent the current request.\n'
'NULL without a request, and if the request names no app.';

CREATE OR REPLACE FUNCTION opigno.request_client() RETURNS bigint
    LANGUAGE c STABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME', 'opigno_request_client';
COMMENT ON FUNCTION opigno.request_client() IS
E'Returns the id of the client that sent the current request.\n'
'NULL without a request, and for a request without a client.';

CREATE OR REPLACE FUNCTION opigno.require_scope(scope text) RETURNS void
    LANGUAGE c VOLATILE PARALLEL RESTRICTED COST 200
    AS 'MODULE_PATHNAME', 'opigno_require_scope';
COMMENT ON FUNCTION opigno.require_scope(text) IS
E'Raises an error unless the user of the current request has the scope, directly or implied by '
'another scope.\n'
'Call it in a statement of its own (SELECT or PERFORM). PostgreSQL does not evaluate '
'expressions whose result a query does not need, such as the SELECT list inside EXISTS.\n'
'scope: the name of a known scope\n'
'Raises 22023 for NULL and for an unknown scope.\n'
'Raises 28000 if there is no request, or if it names no user.\n'
'Raises 42501 if the user does not have the scope or cannot act.';

CREATE OR REPLACE FUNCTION opigno.test_request(
    uuid text, scopes text[] DEFAULT NULL, app_id integer DEFAULT NULL,
    client_id bigint DEFAULT NULL, is_operator boolean DEFAULT NULL) RETURNS void
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_test_request';
COMMENT ON FUNCTION opigno.test_request(text, text[], integer, bigint, boolean) IS
E'Begins a request for a user, without a token, for test suites. The request ends with the '
'transaction.\n'
'Call BEGIN first: otherwise the request ends with the statement. If the user context does not '
'exist or is not active, the request may only read and set that user context.\n'
'Requires the rights of the extension''s owner.\n'
'uuid: the user of the request; can be NULL in a request of an operator\n'
'scopes: the scopes of the request; NULL takes the stored ones. opigno.has_scope() always reads '
'the stored ones.\n'
'app_id: the app that sends the request; NULL for the app of the client, or none\n'
'client_id: the client that sends the request; NULL for a request without a client. If it is '
'registered, the request may do what this client may do now, also if the client is expired or '
'revoked. If it is not registered, app_id is required, and the client may act for users that it '
'created\n'
'is_operator: true for a request of an operator, which acts on every user; NULL takes what the '
'client is, and false without a registered client\n'
'Raises 22023 for invalid arguments, and if the client belongs to another app.\n'
'Raises 23503 for an unknown app.\n'
'Raises 42501 if the caller does not have the rights of the extension''s owner.';
