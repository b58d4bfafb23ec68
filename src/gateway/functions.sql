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
