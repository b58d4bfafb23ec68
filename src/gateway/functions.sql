CREATE OR REPLACE FUNCTION opigno.http_request(
    method text, target text, headers jsonb, body bytea DEFAULT NULL,
    OUT status integer, OUT response_headers jsonb, OUT response_body text)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
    AS 'MODULE_PATHNAME', 'opigno_http_request';
COMMENT ON FUNCTION opigno.http_request(text, text, jsonb, bytea) IS
E'Answers an HTTP request.\n'
'docs/guide/http.md lists the paths. The request runs for the user and client of its headers '
'Authorization and Opigno-Client-UUID, and ends with the call. An answer with a status of 400 or '
'above has changed nothing. GET and HEAD write nothing. Pass the arguments as parameters: literals '
'can be logged. Requires the level gateway alone: the levels operator and auditor, the owner, '
'superusers and roles with BYPASSRLS are refused, because they have more rights than a request.\n'
'method: the method of HTTP, in upper case\n'
'target: the request target: the path and the query, as they were sent\n'
'headers: an object with the header fields. A value is a string, or a list of strings for a field '
'that came several times.\n'
'body: the content, as it was sent\n'
'Raises 22023 if method, target or headers is NULL.\n'
'Raises 25000 during a parallel query.\n'
'Raises 42501 if the caller does not have the level gateway, or has more rights.';

CREATE OR REPLACE FUNCTION opigno.graphql(
    query text, variables jsonb DEFAULT NULL, "operationName" text DEFAULT NULL,
    extensions jsonb DEFAULT NULL) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
    AS 'MODULE_PATHNAME', 'opigno_graphql';
COMMENT ON FUNCTION opigno.graphql(text, jsonb, text, jsonb) IS
E'Executes a GraphQL document in the current request, and returns the answer.\n'
'The answer is {"data":...}, {"errors":[...],"data":...} if fields have failed, or '
'{"errors":[...]} if nothing was executed because the document or the variables have errors. '
'docs/guide/graphql.md describes the schema, which is in docs/schema.graphql. The errors of a '
'refused mutation are in data. It undoes only its own changes. Requires the level gateway.\n'
'query: the document\n'
'variables: an object with the values of variables\n'
'operationName: the operation to execute; not needed if the document has only one\n'
'extensions: an object; it is ignored\n'
'Raises 22023 if query is NULL, and if variables or extensions is not an object.\n'
'Raises 25000 during a parallel query.\n'
'Raises 28000 if there is no request.\n'
'Raises 42501 if the caller does not have the level gateway, or has more rights.\n'
'Raises 54000 if the answer is larger than the setting opigno_profiles.max_graphql_answer.\n'
'Raises errors of the server that end the request, such as 40P01 or 57014.\n'
'Implements getUserContext and setUserContext of Opigno.';

CREATE OR REPLACE FUNCTION opigno.http_request_route(
    method text, target text, headers jsonb, body bytea DEFAULT NULL,
    OUT route text, OUT user_uuid text, OUT function_name text, OUT on_error text,
    OUT dry_run boolean, OUT request_user_uuid text)
    LANGUAGE c STABLE PARALLEL UNSAFE COST 500
    AS 'MODULE_PATHNAME', 'opigno_http_request_route';
COMMENT ON FUNCTION opigno.http_request_route(text, text, jsonb, bytea) IS
E'Returns where an HTTP request runs in a system that is sharded by user.\n'
'route is user (the shard of user_uuid), hub (the server with the registries), any (every server '
'gives the same answer) or all (no single server can answer). For all, function_name is the SQL '
'function that does the same through a front, or NULL; opigno.split_http_request() splits '
'some of them. For a load that a front splits, on_error and dry_run are what the request asks for: '
'abort or report, and true or false; otherwise they are NULL. request_user_uuid is the '
'user for whom the request acts, if the request does not run where this user is: the shard of this '
'user asserts by opigno.issue_user_assertion() what the servers that run the request must know. '
'The arguments are those of opigno.http_request(). A '
'request that every server refuses has the route any. Nothing is checked: the server that runs the '
'request verifies its token, and its rights. The token of a user without the header '
'Opigno-Client-UUID is read by the claims of the issuers that are registered on this server, or '
'else by sub. Requires the level gateway or operator.\n'
'method: the method of HTTP, in upper case\n'
'target: the request target: the path and the query, as they were sent\n'
'headers: an object with the header fields\n'
'body: the content, as it was sent\n'
'Raises 25000 during a parallel query.';
