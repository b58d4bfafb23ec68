/* HTTP requests that read several shards. src/sharding/proxies.sql calls these. */

CREATE OR REPLACE FUNCTION opigno.split_http_request(
    method text, target text, headers jsonb, body bytea, shards integer)
    RETURNS TABLE (shard integer, shard_target text)
    LANGUAGE c IMMUTABLE PARALLEL SAFE COST 500 ROWS 10
    AS 'MODULE_PATHNAME', 'opigno_split_http_request';
COMMENT ON FUNCTION opigno.split_http_request(text, text, jsonb, bytea, integer) IS
E'Splits an HTTP request that reads several shards, by the shards.\n'
'There is one row for each shard that is asked, in the order of shards. A list is asked of all '
'shards, with its own target. A request that names users is asked of their shards, and the target '
'of each names the users of that shard. Send the parts with the method GET, also for HEAD. '
'opigno.combine_http_answers() makes one answer of theirs. There are no rows for other requests. '
'Requires the level gateway.\n'
'method: the method of HTTP, in upper case\n'
'target: the request target: the path and the query, as they were sent\n'
'headers: an object with the header fields\n'
'body: the content, as it was sent; it is not read\n'
'shards: the number of shards, 1 to 65536\n'
'Raises 22023 if method, target or headers is NULL, if headers is not an object, and for another '
'number of shards.';

CREATE OR REPLACE FUNCTION opigno.combine_http_answers(
    method text, target text, headers jsonb, answers json,
    OUT status integer, OUT response_headers jsonb, OUT response_body text)
    LANGUAGE c IMMUTABLE PARALLEL SAFE COST 1000
    AS 'MODULE_PATHNAME', 'opigno_combine_http_answers';
COMMENT ON FUNCTION opigno.combine_http_answers(text, text, jsonb, json) IS
E'Returns the answer of one server to an HTTP request from those of several shards.\n'
'The elements of the answers become one array, each as its shard has written it: in the order of '
'users, in that of creation for retirements, or as the request names the users. It is cut to the '
'limit of the request, and has a link to the next page. A user that two shards show comes once. '
'If a shard refuses the request, the answer is that refusal. 409, from a shard that does not have '
'the user for whom the request acts, counts only if no other shard refuses it otherwise. 404 '
'counts only if none of the named users is found. Requires the level gateway.\n'
'method: as in opigno.split_http_request()\n'
'target: as in opigno.split_http_request()\n'
'headers: as in opigno.split_http_request()\n'
'answers: the answers, in the order of opigno.split_http_request(): a list of '
'{"status","headers","body"}\n'
'Raises 22023 for NULLs, for an empty list, for an element without a status, or without a body if '
'the status is 200, and for a request that '
'opigno.split_http_request() does not split.';
