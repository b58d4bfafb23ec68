/*
 * Levels of access: EXECUTE on a marker is the level; grant_access() gives it. Procedures, because
 * GRANT ... ON ALL FUNCTIONS IN SCHEMA leaves those out.
 */

CREATE OR REPLACE PROCEDURE opigno.access_user()
    LANGUAGE c
    AS 'MODULE_PATHNAME', 'opigno_access_user';
COMMENT ON PROCEDURE opigno.access_user() IS
'Marks the level "user": a role that may execute this may do, in a request, what the request''s user and client may. For servers: who may send SQL of their own learns, by EXPLAIN ANALYZE and the like, more about rows that row security hides than they should. Does nothing. opigno.grant_access() grants it with all that belongs to it.';

CREATE OR REPLACE PROCEDURE opigno.access_gateway()
    LANGUAGE c
    AS 'MODULE_PATHNAME', 'opigno_access_gateway';
COMMENT ON PROCEDURE opigno.access_gateway() IS
'Marks the level "gateway": what "user" may, and the functions for HTTP gateways, once there are some. For servers, as "user" is. Does nothing. opigno.grant_access() grants it with all that belongs to it.';

CREATE OR REPLACE PROCEDURE opigno.access_operator()
    LANGUAGE c
    AS 'MODULE_PATHNAME', 'opigno_access_operator';
COMMENT ON PROCEDURE opigno.access_operator() IS
'Marks the level "operator": a role that may execute this may act on every user. Does nothing. opigno.grant_access() grants it with all that belongs to it.';

CREATE OR REPLACE PROCEDURE opigno.access_auditor()
    LANGUAGE c
    AS 'MODULE_PATHNAME', 'opigno_access_auditor';
COMMENT ON PROCEDURE opigno.access_auditor() IS
'Marks the level "auditor": a role that may execute this reads everything, the audit trail included, and writes nothing. Does nothing. opigno.grant_access() grants it with all that belongs to it.';

CREATE OR REPLACE FUNCTION opigno.reads_every_user() RETURNS boolean
    LANGUAGE c STABLE PARALLEL RESTRICTED COST 10
    AS 'MODULE_PATHNAME', 'opigno_reads_every_user';
COMMENT ON FUNCTION opigno.reads_every_user() IS
'Whether the effective role reads the data of every user: the extension''s owner, superusers, and the levels operator and auditor. Policies ask it once a query, as (SELECT opigno.reads_every_user()).';

/* Who the request speaks for: kept in the backend's memory, gone with the transaction. */

CREATE OR REPLACE FUNCTION opigno.request_user() RETURNS text
    LANGUAGE c STABLE PARALLEL RESTRICTED COST 1
    AS 'MODULE_PATHNAME', 'opigno_request_user';
COMMENT ON FUNCTION opigno.request_user() IS
'The user uuid that the current request acts for. NULL without a request, and where the user context does not exist or is not active. For policies on tables of your own: user_uuid = (SELECT opigno.request_user()).';

CREATE OR REPLACE FUNCTION opigno.request_named_user() RETURNS text
    LANGUAGE c STABLE PARALLEL RESTRICTED COST 1
    AS 'MODULE_PATHNAME', 'opigno_request_named_user';
COMMENT ON FUNCTION opigno.request_named_user() IS
'The user uuid that the current request names, also where its user context does not exist or is not active and so cannot act. NULL without a request.';

CREATE OR REPLACE FUNCTION opigno.request_scope() RETURNS text[]
    LANGUAGE c STABLE PARALLEL RESTRICTED COST 1
    AS 'MODULE_PATHNAME', 'opigno_request_scope';
COMMENT ON FUNCTION opigno.request_scope() IS
'The scopes granted to the user of the current request, as of its beginning or as set in the same transaction, without those they imply. {} for an anonymous user and one who cannot act, NULL without a request. opigno.require_scope() looks at implied ones too.';

CREATE OR REPLACE FUNCTION opigno.request_app() RETURNS integer
    LANGUAGE c STABLE PARALLEL RESTRICTED COST 1
    AS 'MODULE_PATHNAME', 'opigno_request_app';
COMMENT ON FUNCTION opigno.request_app() IS
'The app_id of the app that the current request comes from. NULL without a request and for one that names no app.';

CREATE OR REPLACE FUNCTION opigno.request_client() RETURNS bigint
    LANGUAGE c STABLE PARALLEL RESTRICTED COST 1
    AS 'MODULE_PATHNAME', 'opigno_request_client';
COMMENT ON FUNCTION opigno.request_client() IS
'The id of the client that the current request comes from. NULL without a request and for one of a user''s own.';

CREATE OR REPLACE FUNCTION opigno.require_scope(scope text) RETURNS void
    LANGUAGE c VOLATILE PARALLEL RESTRICTED COST 200
    AS 'MODULE_PATHNAME', 'opigno_require_scope';
COMMENT ON FUNCTION opigno.require_scope(text) IS
'Does nothing if the user of the current request has the scope, itself or implied by one it has. Raises 42501 if not, 28000 without a request, 22023 for an unknown scope. Call it by itself (SELECT or PERFORM): PostgreSQL does not evaluate what a query does not need, such as the SELECT list inside EXISTS.';

CREATE OR REPLACE FUNCTION opigno.test_request(
    uuid text, scopes text[] DEFAULT NULL, app_id integer DEFAULT NULL, client_id bigint DEFAULT NULL) RETURNS void
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_test_request';
COMMENT ON FUNCTION opigno.test_request(text, text[], integer, bigint) IS
'Begins a request for a user until the end of the transaction (so BEGIN first), without any token: for test suites, and for nobody but the extension''s owner. scopes: instead of those the user context holds. app_id: an app that exists. client_id: the request is of this client of the app; NULL: of the user''s own. has_scope() reads what is stored, whatever scopes are given here. A user context that does not exist or is not active makes the request a restricted one. Raises 22023 for bad arguments, 23503 for an unknown app, 42501 where the caller may not.';
