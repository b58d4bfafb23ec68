-- GraphQL: the documents of the seeds, the schema, execution, errors and limits.
CREATE ROLE regress_opigno_gateway;
SELECT opigno.grant_access('regress_opigno_gateway', 'gateway');
SELECT app_id FROM opigno.register_app('Course shop', 'sells courses', '{shop.example}', 0);
SELECT app_id FROM opigno.register_app('Library', app_id => 1);
SELECT client_id AS shop, client_key AS shop_key, client_secret AS shop_secret
FROM opigno.register_client(0, 'Shop server', may_act_for => 'all') \gset
SELECT client_id AS ops FROM opigno.register_client(0, 'Administration', is_operator => true) \gset
SELECT uuid FROM opigno.set_user_context('17adb4c1-eb29-44bf-9d9a-5f8d056e58ee', 'John Doe', true, 'AUTHENTICATED');
SELECT opigno.issue_access_token(:'shop_key', :'shop_secret', 'client_credentials') ->> 'access_token' AS token \gset

/* Answers without what differs from run to run. */
CREATE FUNCTION test.masked(answer text) RETURNS text LANGUAGE sql AS $$
    SELECT regexp_replace(test.nths(answer), '"(id|createdAt|updatedAt|dateJoined)":"[^"]*"', '"\1":"..."', 'g')
$$;
/* A document of a request over HTTP. */
CREATE FUNCTION test.post(uuid text, token text, query text, accept text DEFAULT '*/*')
    RETURNS TABLE (status integer, media_type text, response_body text) LANGUAGE sql AS $$
    SELECT h.status, h.response_headers ->> 'Content-Type', test.masked(h.response_body)
    FROM opigno.http_request('POST', '/graphql', jsonb_build_object('Authorization', 'Bearer ' || token,
            'Opigno-Client-UUID', uuid, 'Content-Type', 'application/json', 'Accept', accept),
        convert_to(json_build_object('query', query)::text, 'UTF8')) AS h
$$;
/* The same by opigno.graphql(), in a request of this user and client. */
CREATE FUNCTION test.graphql(uuid text, client_id bigint, query text, variables jsonb DEFAULT NULL,
    operation_name text DEFAULT NULL) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
BEGIN
    PERFORM opigno.test_request(uuid, client_id => client_id);
    SET LOCAL ROLE regress_opigno_gateway;
    answer := opigno.graphql(query, variables, operation_name);
    RESET ROLE;
    RETURN QUERY SELECT l FROM regexp_split_to_table(test.masked(answer), '(?<=\}), ?(?=\{"message")') AS l;
END $$;
GRANT USAGE ON SCHEMA test TO regress_opigno_gateway;

\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
\echo -- the documents of the seeds
SET ROLE regress_opigno_gateway;
SELECT * FROM test.post('3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77', :'token', $$
mutation setUserContext {
  setUserContext(
    uuid: "3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77",
    displayName: "Andrew M. Pearson",
    isActive: true,
    scope: AUTHENTICATED
  ) {
    errors
    response {
      displayName
      id
      isActive
      scope
      uuid
    }
  }
}$$);
SELECT * FROM test.post('3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77', :'token', $$
mutation updateUserContext {
  setUserContext(
    uuid: "3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77",
    displayName: "user_12345",
    isActive: true,
    scope: AUTHENTICATED
  ) {
    errors
    response {
      displayName
      uuid
      isActive
      scope
    }
  }
}$$);
SELECT * FROM test.post('17adb4c1-eb29-44bf-9d9a-5f8d056e58ee', :'token', $${
  getUserContext(uuid: "17adb4c1-eb29-44bf-9d9a-5f8d056e58ee") {
    displayName
    id
    isActive
    scope
    uuid
  }
}$$);
SELECT * FROM test.post('3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77', :'token', $$
mutation deactivateUserContext {
  setUserContext(
    uuid: "3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77",
    isActive: false
  ) {
    errors
    response {
      uuid
      isActive
    }
  }
}$$);
RESET ROLE;

SELECT count(*) FROM (SELECT opigno.set_user_context('u' || n, 'User ' || n, n <> 3, 'AUTHENTICATED')
    FROM generate_series(1, 5) AS n) AS users;
SELECT count(*) FROM (SELECT opigno.upsert_profile('u' || n, a, jsonb_build_object('n', n, 'd', 1.10))
    FROM generate_series(1, 3) AS n, generate_series(0, 1) AS a WHERE n <> 2 OR a = 0) AS profiles;
SELECT field_name FROM opigno.configure_extended_profile_field('occupation', visibility => 'shared');
SELECT field_name FROM opigno.configure_extended_profile_field('bio', placement => 'account');
SELECT opigno.patch_account('u1', '{"bio":"\"B\"","extended_profile":[{"field_name":"occupation","field_value":"x"}]}')
    IS NULL AS missing;
SELECT opigno.set_preference('u1', 'pref-lang', 'fr');

\echo -- reads: all in one document
SELECT test.graphql('u1', :shop, $${
  me: getUserContext(uuid: "u1") { ...user }
  other: getUserContext(uuid: "u2") { ...user }
  none: getUserContext(uuid: "nobody") { ...user }
  apps { appId app description domains }
}
fragment user on UserContext {
  __typename uuid displayName isActive scope
  profiles { appId profileData version createdAt }
  shop: profiles(appId: 0) { userUuid profileData }
  account { username name fields extendedProfile { fieldName fieldValue } accountPrivacy version }
  preferences
}$$);
\echo -- a UUID in any letter case
SELECT test.graphql('u1', :shop, '{ getUserContext(uuid: "17ADB4C1-EB29-44BF-9D9A-5F8D056E58EE") { uuid } }');
\echo -- order of the selection, merged fields, @skip, @include
SELECT test.graphql('u1', :shop, $$query q($yes: Boolean!, $no: Boolean = false) {
  getUserContext(uuid: "u1") { uuid ... on UserContext @include(if: $yes) { id: displayName } uuid }
  getUserContext(uuid: "u1") { scope @skip(if: $no) isActive @skip(if: $yes) ...f @include(if: $no) ... { isActive } }
}
fragment f on UserContext { displayName }$$, '{"yes": true}');
\echo -- pages
SELECT test.graphql('u1', :ops, $${
  a: userContexts(first: 2) { edges { cursor node { uuid } } pageInfo { ...p } totalItems }
  b: userContexts(first: 2, after: "dTE=") { edges { node { uuid } } pageInfo { ...p } }
  c: userContexts(last: 2) { edges { node { uuid } } pageInfo { ...p } }
  d: userContexts(last: 2, before: "dTI=") { edges { node { uuid } } pageInfo { ...p } }
  e: userContexts(isActive: false) { edges { node { uuid } } pageInfo { ...p } totalItems }
  f: userContexts(scope: ANONYMOUS) { edges { node { uuid } } pageInfo { ...p } totalItems }
  g: userContexts(first: 0) { edges { node { uuid } } pageInfo { ...p } }
  h: userContexts(first: 10, after: "dTU=") { edges { node { uuid } } pageInfo { ...p } }
}
fragment p on PageInfo { hasNextPage hasPreviousPage startCursor endCursor }$$);
SELECT test.graphql('u1', :ops, $${
  a: userContexts(first: 1, last: 1) { totalItems }
  b: userContexts(after: "dTE=", before: "dTE=") { totalItems }
  c: userContexts(first: 501) { totalItems }
  d: userContexts(first: -1) { totalItems }
  e: userContexts(after: "%%%") { edges { node { uuid } } }
  g: userContexts(last: 1, before: "AAAA") { edges { node { uuid } } }
  h: userContexts(after: "/w==") { totalItems }
  f: userContexts(first: 1) { totalItems }
}$$);
\echo -- totals: each is counted once, and eight in a document
SELECT string_agg(format('a%s: userContexts(isActive: %s, scope: %s) { totalItems }', n,
    (ARRAY['true', 'false', 'null'])[n % 3 + 1], (ARRAY['AUTHENTICATED', 'ANONYMOUS', 'null'])[n / 3 % 3 + 1]), ' '
    ORDER BY n) AS nine FROM generate_series(0, 8) AS n \gset
SELECT test.graphql('u1', :ops, format('{ %s }', :'nine'));
SELECT count(*), bool_or(g LIKE '%"errors"%') AS failed FROM test.graphql('u1', :ops, (SELECT
    format('{ %s }', string_agg(format('a%s: userContexts(first: %s) { totalItems }', n, n), ' '))
    FROM generate_series(1, 90) AS n)) AS g;
\echo -- a request sees its own
-- at most 8 pages with filters
SELECT length(test.graphql('u1', :ops, format('{ %s }', string_agg(
    format('a%s: userContexts(scope: ADMINISTRATOR, first: %s) { edges { cursor } }', n, n), ' ')))) AS length_of_8
FROM generate_series(1, 8) AS n;
SELECT test.graphql('u1', :ops, format('{ %s }', string_agg(
    format('a%s: userContexts(scope: ADMINISTRATOR, first: %s) { edges { cursor } }', n, n), ' ')))
FROM generate_series(1, 11) AS n;
-- a version as a string, in a literal and in variables
SELECT test.graphql('u1', :ops, 'mutation q($list: [UserContextInput!]!, $v: BigInt) {
    a: setUserContexts(userContexts: [{uuid: "u1", version: "1"}]) { errors }
    b: setUserContexts(userContexts: $list) { errors }
    c: setUserContexts(userContexts: [{uuid: "u1", version: "one"}]) { errors }
    d: patchProfile(userUuid: "u1", appId: 0, patch: {}, expectedVersion: $v) { errors }
    e: patchProfile(userUuid: "u1", appId: 0, patch: {}, expectedVersion: 1.5) { errors } }',
    '{"list": [{"uuid": "u1", "version": "1"}], "v": "1"}');
SELECT test.graphql('u1', NULL, '{ userContexts { edges { node { uuid profiles { appId } } } totalItems } }');

\echo -- mutations: in order, and each undoes only itself
SELECT test.graphql('u4', :shop, $$mutation {
  a: upsertProfile(appId: 0, profileData: {a: 1, b: [1.10, "x", null, true, E]}) {
    errors response { profileData version } }
  b: patchProfile(appId: 0, patch: {a: null, c: 12345678901234567890}) { errors response { profileData version } }
  c: patchProfile(appId: 0, patch: {a: 7}, expectedVersion: 5) { errors response { profileData } }
  d: upsertProfile(appId: 1, profileData: 1) { errors response { profileData } }
  e: upsertProfile(userUuid: "u1", appId: 0, profileData: 1) { errors response { profileData } }
  f: setUserContext(uuid: "u4", displayName: "", scope: ADMINISTRATOR) { errors response { uuid } }
  g: setUserContext(uuid: "u4", displayName: "New name") { errors response { displayName profiles { profileData } } }
  h: upsertProfile(appId: 7, profileData: 1, expectedVersion: "x") { errors response { profileData } }
  j: patchProfile(appId: 0, patch: {a: 8}, expectedVersion: "5") { errors response { profileData } }
  k: patchProfile(appId: 0, patch: {a: 8}, expectedVersion: "") { errors response { profileData } }
  i: setUserContexts(userContexts: []) { errors refused failed response { received } }
}$$);
SELECT display_name FROM opigno.get_user_context('u4');
SELECT app_id, profile_data FROM opigno.profile WHERE user_uuid = 'u4';
SELECT test.graphql('u1', :ops, $$mutation m($many: [UserContextInput!]!) {
  a: setUserContexts(userContexts: $many) {
    errors refused failed response { received created updated unchanged failed } }
  b: setUserContexts(userContexts: {uuid: "m3", displayName: "M", isActive: true, scope: AUTHENTICATED}) {
    errors response { created } }
  c: setUserContexts(userContexts: [{uuid: "m4"}, {uuid: "m5", displayName: "M", isActive: true}], onError: REPORT) {
    errors refused failed response { received created failed } }
}$$, '{"many": [{"uuid": "m1", "displayName": "M", "isActive": true, "scope": ["AUTHENTICATED", "ADMINISTRATOR"]},
    {"uuid": "m2", "displayName": "M", "isActive": true, "scope": null}]}');
SELECT uuid, scope FROM opigno.list_user_contexts() WHERE uuid LIKE 'm%';

\echo -- a user who cannot act
SELECT test.graphql('u3', :shop, $$mutation {
  upsertProfile(appId: 0, profileData: 1) { errors response { appId } }
  patchProfile(appId: 0, patch: 1) { errors response { appId } } }$$);

\echo -- variables
SELECT test.graphql('u4', :shop, $$mutation m($app: Int!, $data: JSON!, $v: BigInt, $list: [Int] = [1, 2]) {
  upsertProfile(appId: $app, profileData: {doc: $data, list: $list, v: $v}) { errors response { profileData } } }$$,
    '{"app": 0, "data": {"n": 1.10, "big": 123456789012345678901234567890, "b": "x"}}');
SELECT test.graphql('u4', :shop, $$query q($uuid: String!, $first: Int, $scope: Scope, $b: Boolean!) {
  getUserContext(uuid: $uuid) { uuid @include(if: $b) } userContexts(first: $first, scope: $scope) { totalItems } }$$,
    '{"uuid": 4, "first": 2147483648, "scope": "MENTOR"}');
SELECT test.graphql('u4', :shop, $$mutation m($many: [UserContextInput!]!) {
  setUserContexts(userContexts: $many) { failed } }$$, '{"many": [{"uuid": "a"}, {"uuid": "b", "scope": ["X"]}]}');
SELECT test.graphql('u4', :shop, $$mutation m($many: [UserContextInput!]!) {
  setUserContexts(userContexts: $many) { failed } }$$, '{"many": {"uuid": "b", "age": 7}}');
SELECT test.graphql('u4', :shop, 'query q($u: String = "u4") { getUserContext(uuid: $u) { uuid } }', '{"u": null}');
SELECT test.graphql('u4', :shop, 'query q($i: Boolean = true) { getUserContext(uuid: "u4") { uuid @skip(if: $i) } }',
    '{"i": null}');

\echo -- documents that are not executed
SELECT test.graphql('u1', :shop, '{ getUserContext(uuid: "u1") { uuid, }');
SELECT test.graphql('u1', :shop, '{ getUserContext { uuid name } nothing }');
SELECT test.graphql('u1', :shop, 'query a { apps { app } } query b { apps { app } }');
SELECT test.graphql('u1', :shop, 'query a { apps { appId } } query b { apps { app } }', NULL, 'b');
SELECT test.graphql('u1', :shop, 'query a { apps { appId } }', NULL, 'c');
SELECT test.graphql('u1', :shop, 'subscription s { apps }');
SELECT test.graphql('u1', :shop, E'{ getUserContext(uuid: "u\\u0000") { uuid } apps { app } }');

\echo -- scopes of the site
SELECT test.graphql('u1', :shop, '{ userContexts(scope: MENTOR) { totalItems } }');
SELECT scope FROM opigno.register_scope('MENTOR', '{AUTHENTICATED}', 'guides learners');
SELECT test.graphql('u1', :shop, '{ userContexts(scope: MENTOR) { totalItems } }');
-- with the name of a value of another enum
SELECT scope FROM opigno.register_scope('REPORT', '{AUTHENTICATED}', 'reads reports');
SELECT test.graphql('u1', :shop, '{ userContexts(scope: REPORT) { totalItems } }');
SELECT test.graphql('u1', :shop, 'query q($s: Scope) { userContexts(scope: $s) { totalItems } }', '{"s": "MENTOR"}');
SELECT test.graphql('u1', :shop, '{ __type(name: "Scope") { kind enumValues { name description } } }');
SELECT format('{ userContexts(scope: MENTOR) { totalItems } %s }', repeat('apps { app } ', 500)) AS long \gset
SELECT test.graphql('u1', :shop, :'long') LIKE '{"data"%' AS answered;
DELETE FROM opigno.site_scope;
SELECT test.graphql('u1', :shop, '{ userContexts(scope: MENTOR) { totalItems } }');
\echo -- also after a validation that was cancelled
\set VERBOSITY sqlstate
BEGIN;
SET LOCAL statement_timeout = '1ms';
SELECT test.graphql('u1', :shop, :'long');
ROLLBACK;
\set VERBOSITY default
SELECT test.graphql('u1', :shop, :'long') LIKE '{"errors"%' AS refused;
SELECT test.graphql('u1', :shop, '{ __schema { queryType { name } mutationType { name } subscriptionType { name } }
    __type(name: "Profile") { name fields { name type { kind name ofType { name } } } interfaces { name } } }');

\echo -- limits
SET opigno_profiles.max_graphql_size = '1kB';
SELECT test.graphql('u1', :shop, '{ apps { app } }' || repeat(' ', 1024));
RESET opigno_profiles.max_graphql_size;
SET opigno_profiles.max_graphql_tokens = 5;
SELECT test.graphql('u1', :shop, '{ apps { app } }');
RESET opigno_profiles.max_graphql_tokens;
SET opigno_profiles.max_graphql_depth = 2;
SELECT test.graphql('u1', :shop, '{ apps { app } }');
SELECT test.graphql('u1', :shop, '{ getUserContext(uuid: "u1") { profiles { appId } } }');
RESET opigno_profiles.max_graphql_depth;
SET opigno_profiles.max_graphql_aliases = 1;
SELECT test.graphql('u1', :shop, '{ apps { a: app b: app } }');
RESET opigno_profiles.max_graphql_aliases;
SET opigno_profiles.max_graphql_fields = 2;
SELECT test.graphql('u1', :shop, '{ apps { app appId } }');
RESET opigno_profiles.max_graphql_fields;
SET opigno_profiles.max_graphql_values = 5;
SELECT test.graphql('u1', :ops, '{ apps { app } userContexts { edges { node { uuid } } } }');
\echo -- null of what must not be null goes up to what may be null
SET opigno_profiles.max_graphql_values = 12;
SELECT test.graphql('u1', :ops, '{ apps { app } userContexts { edges { node { uuid profiles { appId } } } } }');
SET opigno_profiles.max_graphql_values = 35;
SELECT test.graphql('u1', :ops, '{ userContexts(first: 5) {
    edges { node { uuid profiles { appId } account { name } } } } }');
RESET opigno_profiles.max_graphql_values;
\echo -- the size of an answer, and of what is read for it
SELECT version IS NOT NULL AS stored
FROM opigno.upsert_profile('u2', 0, jsonb_build_object('text', repeat('x', 50000)));
SET opigno_profiles.max_graphql_answer = '96kB';
SELECT octet_length(opigno_answer) FROM test.graphql('u2', :shop,
    '{ getUserContext(uuid: "u2") { a: profiles(appId: 0) { profileData } } }') AS opigno_answer;
SELECT test.refusal(format($$SELECT test.graphql('u2', %s,
    '{ getUserContext(uuid: "u2") { a: profiles(appId: 0) { x: profileData y: profileData } } }')$$, :shop));
SELECT test.graphql('u1', :ops, '{ a: apps { app } userContexts(first: 500) { edges { node { uuid } } } }') IS NOT NULL;
-- also of one with errors, whose paths are long; and the least value
SET opigno_profiles.max_graphql_answer = '64kB';
SELECT test.refusal(format($$SELECT test.graphql('u1', %s, '{ %s }')$$, :shop,
    string_agg(format('%s%s: userContexts(first: -1) { totalItems }', repeat('x', 1000), n), ' ')))
FROM generate_series(1, 70) AS n;
SELECT min_val, unit FROM pg_settings WHERE name = 'opigno_profiles.max_graphql_answer';
RESET opigno_profiles.max_graphql_answer;
\echo -- a large variable many times
SELECT test.graphql('u1', :shop, format('mutation q($v: JSON) { a: upsertProfile(appId: 0, profileData: [%s]) { errors }
    b: upsertProfile(appId: 0, profileData: [$v]) { errors } }', repeat('$v ', 300)),
    jsonb_build_object('v', repeat('x', 100000)));
\echo -- names, strings and marks that are special elsewhere
SELECT test.graphql('u1', :shop, 'query q($__proto__: Int, $constructor: String!) { __typename
    getUserContext(uuid: $constructor) { toString: uuid profiles(appId: $__proto__) { __proto__: appId } } }',
    '{"__proto__": 0, "constructor": "u1"}');
SELECT test.graphql('u4', :shop, format('mutation { __typename upsertProfile(appId: 0, profileData: {block: %s,
    escapes: "\u{41}\u{000042}\u0043"}) { response { profileData } } }',
    E'\"\"\"\r\n  a\r\n    b\r  c\n\"\"\"'));
SELECT test.graphql('u1', :shop, format('{ getUserContext(uuid: "%s") { uuid } }', s))
FROM unnest(ARRAY[E'\\uD83D', E'\\uDE00\\uD83D', E'\\u{110000}', E'\\u{}', E'\\u{D800}']) AS s;

\echo -- documents are kept: 64 of this session, also if there are more
SELECT count(*) FROM generate_series(1, 100) AS n, test.graphql('u1', :shop, format('{ a%s: apps { app } }', n)) AS g;
SELECT count(*) FROM generate_series(101, 200) AS n, test.graphql('u1', :shop, format('{ a%s: apps { app } }', n)) AS g;
SELECT test.graphql('u1', :shop, '{ a1: apps { app } }');
SELECT count(*), sum(total_bytes) < 4194304 AS small FROM pg_backend_memory_contexts WHERE name = 'GraphQL document';
\echo -- an error of the server: its field is null, and the message is hidden
CREATE FUNCTION test.fails() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'secret' USING ERRCODE = 'XX000'; END $$;
CREATE TRIGGER fails BEFORE INSERT OR UPDATE ON opigno.profile FOR EACH ROW WHEN (NEW.user_uuid = 'u5')
    EXECUTE FUNCTION test.fails();
SELECT test.graphql('u5', :shop, $$mutation {
  a: setUserContext(uuid: "u5", displayName: "First") { errors }
  b: upsertProfile(appId: 0, profileData: 1) { errors }
  c: setUserContext(uuid: "u5", displayName: "Third") { response { displayName } } }$$);
DROP TRIGGER fails ON opigno.profile;
DROP FUNCTION test.fails;
\echo -- an error of a constraint of the site shows neither its name nor data
CREATE UNIQUE INDEX site_email ON opigno.profile ((profile_data ->> 'email'));
SELECT test.graphql(u, :shop, $$mutation {
  upsertProfile(appId: 0, profileData: {email: "ada@example.org"}) { errors response { appId } } }$$)
FROM unnest(ARRAY['u4', 'u5']) AS u;
DROP INDEX opigno.site_email;

\echo -- who may call the function
SELECT test.refusal($$SELECT opigno.graphql('{ apps { app } }')$$);
SELECT test.refusal($$SELECT test.graphql('u1', NULL, NULL)$$);
SELECT test.refusal($$SELECT test.graphql('u1', NULL, '{ apps { app } }', '[]')$$);
SELECT test.graphql('u1', NULL, '{ apps { app } }', 'null');
SET ROLE regress_opigno_gateway;
SELECT test.refusal($$SELECT opigno.graphql('{ apps { app } }')$$);
RESET ROLE;
CREATE ROLE regress_opigno_user;
SELECT opigno.grant_access('regress_opigno_user', 'user');
SET ROLE regress_opigno_user;
SELECT test.refusal($$SELECT opigno.graphql('{ apps { app } }')$$);
RESET ROLE;

\echo -- HTTP: statuses and media types
SET ROLE regress_opigno_gateway;
SELECT * FROM test.post('u1', :'token', '{ apps { app } }', 'application/graphql-response+json');
SELECT * FROM test.post('u1', :'token', '{ apps { name } }', 'application/graphql-response+json');
SELECT * FROM test.post('u1', :'token', '{ apps { name } }', 'application/json');
SELECT * FROM test.post('u1', :'token', '{ apps { name } }', 'text/html');
SELECT * FROM test.post('u1', 'x', '{ apps { app } }');
SELECT * FROM test.post('nobody', 'x', '{ apps { app } }');
SELECT jsonb_build_object('Authorization', 'Bearer ' || :'token', 'Opigno-Client-UUID', 'u1', 'Content-Type',
    'application/json') AS own \gset
SELECT h.* FROM opigno.http_request('GET', '/graphql?query=query%20q(%24i:Int)%7Bapps%7Bapp%7D%7D&variables=%7B%22i%22'
    || ':1%7D&operationName=q', :'own') AS h;
SELECT h.* FROM opigno.http_request('GET', '/graphql?query=%7Bapps%7Bapp%7D%7D&variables=%7B', :'own') AS h;
SELECT h.* FROM opigno.http_request('GET', '/graphql?query=mutation%7BsetUserContext(uuid:%22u1%22,displayName:%22x%22)'
    || '%7Berrors%7D%7D', :'own') AS h;
SELECT h.* FROM opigno.http_request('GET', '/graphql', :'own') AS h;
SELECT query, h.status, h.response_body FROM unnest(ARRAY['query=%7B%0D%0A%09apps%20%7Bapp%7D%0a%7D',
    'query=query%20q%20%7Bapps%7Bapp%7D%7D&variables=%7B%0A%7D&operationName=q', 'query=%7Bapps%7Bapp%7D%7D%01',
    'query%0A=%7Bapps%7Bapp%7D%7D']) AS query, opigno.http_request('GET', concat('/graphql?', query), :'own') AS h;
SELECT method, h.status, h.response_body FROM unnest('{GET,POST}'::text[]) AS method,
    opigno.http_request(method, '/graphql?query=%7Bapps%7Bapp%7D%7D'::text || '&other=1', :'own',
    CASE method WHEN 'POST' THEN convert_to('{"query":"{apps{app}}"}', 'UTF8') END) AS h;
SELECT body, h.status, h.response_body FROM unnest(ARRAY['{', '[]', '{}', '{"query":7}',
    '{"query":"{apps{app}}","variables":[]}', '{"query":"{apps{app}}","operationName":1}',
    '{"query":"{apps{app}}","extensions":""}', '{"extensions":{"persistedQuery":{"version":1}}}',
    '{"query":"{apps{app}}","extensions":{"persistedQuery":{"version":1}}}',
    '{"query":"{apps{app}}","extensions":null,"variables":null,"operationName":null,"other":1}']) AS body,
    opigno.http_request('POST', '/graphql', :'own', convert_to(body, 'UTF8')) AS h;
\echo -- weights in Accept, and bodies that are JSON but cannot be read
SELECT accept, h.status, h.media_type FROM unnest(ARRAY['application/graphql-response+json;q=0.5, application/json',
    'application/graphql-response+json, application/json;q=0.9', 'application/graphql-response+json;q=0.001',
    'application/graphql-response+json;q=0, */*', 'application/graphql-response+json;q=0.8, */*;q=0.9']) AS accept,
    test.post('u1', :'token', '{ nothing }', accept) AS h;
SELECT h.status, h.response_body FROM unnest(ARRAY['{"query":"\u0000"}', '{"query":"\ud83d"}',
    '{"variables":' || repeat('[', 100000)]) AS body,
    opigno.http_request('POST', '/graphql', :'own', convert_to(body, 'UTF8')) AS h;
RESET ROLE;

DROP FUNCTION test.graphql, test.post, test.masked;
DELETE FROM opigno.preference;
DELETE FROM opigno.account;
DELETE FROM opigno.profile;
DELETE FROM opigno.extended_profile_field;
DELETE FROM opigno.access_token;
DELETE FROM opigno.client_secret;
DELETE FROM opigno.client;
DELETE FROM opigno.app;
DELETE FROM opigno.user_context;
DELETE FROM opigno.audit;
DROP OWNED BY regress_opigno_gateway, regress_opigno_user;
DROP ROLE regress_opigno_gateway, regress_opigno_user;
