/* HTTP requests that concern several shards. src/sharding/proxies.sql calls these. */

CREATE OR REPLACE FUNCTION opigno.issue_user_assertion(user_uuid text, headers jsonb) RETURNS text
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 300
    AS 'MODULE_PATHNAME', 'opigno_issue_user_assertion';
COMMENT ON FUNCTION opigno.issue_user_assertion(text, jsonb) IS
E'Returns a signed statement about a user, for other servers of the system.\n'
'Each server can verify the token of a request. But only the shard of a user knows whether the '
'user is active, which scopes the user has, and whether the client may act for the user. The '
'result is for the header Opigno-User-Assertion of opigno.http_request(), or for '
'opigno.begin_request(). It is signed with HMAC-SHA256 and the secret of the system, and is valid '
'for five minutes, for requests with the same header Authorization and the same user.\n'
'Returns NULL if this shard refuses the request: the answer of opigno.http_request() here says '
'why. Returns an empty text if the request names no user. Writes nothing. Requires the level '
'gateway.\n'
'user_uuid: the user; the front finds the shard by it\n'
'headers: an object with the header fields of the request\n'
'Raises 22023 for NULLs.\n'
'Raises 25000 during a parallel query.\n'
'Raises 42501 if the caller does not have the level gateway, or has more rights, and in '
'security-restricted operations.\n'
'Raises PT409 if the user, or the one of the request, is on another shard, if the server is not a '
'shard, and if it has no secret: opigno.become_hub() adds one on the hub.';

CREATE OR REPLACE FUNCTION opigno.split_http_request(
    method text, target text, headers jsonb, body bytea, shards integer)
    RETURNS TABLE (shard integer, shard_target text, shard_body bytea)
    LANGUAGE c IMMUTABLE PARALLEL SAFE COST 500 ROWS 10
    AS 'MODULE_PATHNAME', 'opigno_split_http_request';
COMMENT ON FUNCTION opigno.split_http_request(text, text, jsonb, bytea, integer) IS
E'Splits an HTTP request to several shards, by the shards.\n'
'There is one row for each shard that is asked, in the order of shards. A list is asked of all '
'shards, with its own target. A request that names users is asked of their shards, and the target '
'or the body of each names the users of that shard. shard_body is NULL if it is that of the '
'request. Send the parts with the method GET, also for HEAD, or with the method of a write. '
'opigno.combine_http_answers() makes one answer of theirs. There are no rows for other requests. '
'Requires the level gateway.\n'
'method: the method of HTTP, in upper case\n'
'target: the request target: the path and the query, as they were sent\n'
'headers: an object with the header fields\n'
'body: the content, as it was sent; only that of bulk_retire_users is read\n'
'shards: the number of shards, 1 to 65536\n'
'Raises 22023 if method, target or headers is NULL, if headers is not an object, and for another '
'number of shards.\n'
'Raises PT400 for a body that is read, and is not UTF-8.';

CREATE OR REPLACE FUNCTION opigno.combine_http_answers(
    method text, target text, headers jsonb, answers json,
    OUT status integer, OUT response_headers jsonb, OUT response_body text)
    LANGUAGE c IMMUTABLE PARALLEL SAFE COST 1000
    AS 'MODULE_PATHNAME', 'opigno_combine_http_answers';
COMMENT ON FUNCTION opigno.combine_http_answers(text, text, jsonb, json) IS
E'Returns the answer of one server to an HTTP request from those of several shards.\n'
'The elements of lists become one array, each as its shard has written it: in the order of '
'users, in that of creation for retirements, or as the request names the users. It is cut to the '
'limit of the request, and has a link to the next page. A user that two shards show comes once. '
'Numbers of purged users are added. Of answers about a retirement by its number, that of the '
'shard counts which has the retirement. If a shard refuses the request, the answer is that '
'refusal. 404 counts only if none of the named users is found. Requires the level gateway.\n'
'method: as in opigno.split_http_request()\n'
'target: as in opigno.split_http_request()\n'
'headers: as in opigno.split_http_request()\n'
'answers: the answers, in the order of opigno.split_http_request(): a list of '
'{"status","headers","body"}\n'
'Raises 22023 for NULLs, for an empty list, for an element without a status, or without a body if '
'the status is 200, and for a request that '
'opigno.split_http_request() does not split.';
