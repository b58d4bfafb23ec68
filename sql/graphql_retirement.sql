-- GraphQL: retirement of users, certificates, and merges.
BEGIN;
CREATE ROLE regress_opigno_gateway;
SELECT opigno.grant_access('regress_opigno_gateway', 'gateway');
SELECT app_id FROM opigno.register_app('Course shop', app_id => 0);
SELECT client_id AS shop FROM opigno.register_client(0, 'Shop server', may_act_for => 'all') \gset
SELECT client_id AS own FROM opigno.register_client(0, 'Page of a user') \gset
SELECT client_id AS ops FROM opigno.register_client(0, 'Administration', is_operator => true) \gset
SELECT uuid FROM opigno.set_user_context('ada', 'Ada', true, 'AUTHENTICATED');
SELECT uuid FROM opigno.set_user_context('bob', 'Bob', true, 'AUTHENTICATED');
SELECT uuid FROM opigno.set_user_context('carl', 'Carl', false, 'AUTHENTICATED');
SELECT uuid FROM opigno.set_user_context('dora', 'Dora', true, 'AUTHENTICATED');
SELECT uuid FROM opigno.set_user_context('emma', 'Emma', true, 'AUTHENTICATED');
SELECT opigno.grant_user(:own, uuid) FROM unnest(ARRAY['ada', 'dora']) AS uuid;
SELECT count(opigno.add_retirement_salt('abc', 'sha1'));
CREATE TABLE test.retirement_number AS SELECT last_value + is_called::integer - 1 AS base FROM opigno.retirement_id_seq;

/* The answer to a document in a request of this user and client, without what differs from run to run. Numbers of
 * retirements count from 1, also in cursors. */
CREATE FUNCTION test.cursor(nth bigint) RETURNS text LANGUAGE sql SECURITY DEFINER AS $$
    SELECT encode((base + nth)::text::bytea, 'base64') FROM test.retirement_number $$;
CREATE FUNCTION test.graphql(uuid text, client_id bigint, query text, variables jsonb DEFAULT NULL)
    RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
BEGIN
    PERFORM opigno.test_request(uuid, client_id => client_id);
    SET LOCAL ROLE regress_opigno_gateway;
    answer := opigno.graphql(query, variables);
    RESET ROLE;
    FOR nth IN 1..20 LOOP
        answer := replace(answer, '"' || test.cursor(nth) || '"', '"cursor ' || nth || '"');
        answer := replace(answer, '"id":"' || (SELECT base + nth FROM test.retirement_number) || '"',
            '"id":"' || nth || '"');
    END LOOP;
    answer := regexp_replace(answer, '"(userContextNumber|createdAt|updatedAt|issuedAt)":"[^"/]*"',
        '"\1":"..."', 'g');
    RETURN regexp_replace(answer, '"[0-9a-f]{64}"', '"a hash"', 'g');
END $$;
GRANT USAGE ON SCHEMA test TO regress_opigno_gateway;

\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
\echo -- retirementStates
SELECT test.graphql('ada', :own, $${ retirementStates { stateName executionOrder category isRequired isDeadEnd
    erasesData } }$$);

\echo -- beginRetirement: of the own user, of another one, by an operator
SELECT test.graphql('ada', :own, $${ retirement { id } retirements { edges { cursor } } }$$);
SELECT test.graphql('ada', :own, $$mutation { other: beginRetirement(userUuid: "bob") { errors response { id } }
    nobody: beginRetirement(userUuid: "nobody") { errors response { id } } }$$);
SELECT test.graphql('carl', :shop, $$mutation { beginRetirement { errors response { id } } }$$);
SELECT test.graphql('ada', :own, $$mutation { beginRetirement { errors response { id userUuid userContextNumber
    retiredUuid wasActive currentState lastState createdAt updatedAt } } }$$);
SELECT is_active FROM opigno.get_user_context('ada');
SELECT test.graphql('ada', :own, $$mutation { beginRetirement { errors response { id } }
    patchProfile(appId: 0, patch: {a: 1}) { errors } }$$);
SELECT test.graphql(NULL, :ops, $$mutation($carl: String) { beginRetirement(userUuid: "bob") { errors response { id } }
    again: beginRetirement(userUuid: "bob") { errors response { id } }
    carl: beginRetirement(userUuid: $carl) { errors response { wasActive } }
    missing: beginRetirement { errors response { id } } null: beginRetirement(userUuid: null) { errors }
    nobody: beginRetirement(userUuid: "nobody") { errors } wrong: beginRetirement(userUuid: "") { errors }
}$$, '{"carl": "carl"}');

\echo -- retirement, retirements
SELECT test.graphql('ada', :own, $${ retirement { userUuid currentState } other: retirement(userUuid: "bob") { id }
    retirements { edges { cursor node { id userUuid } } pageInfo { hasNextPage hasPreviousPage } }
    after: retirements(after: "MA==") { edges { node { id } } } }$$);
SELECT test.graphql('dora', :own, $${ retirement { id } other: retirement(userUuid: "bob") { id } }$$);
SELECT test.graphql(NULL, :ops, $${ retirement { id } bob: retirement(userUuid: "bob") { id userUuid }
    none: retirement(userUuid: "nobody") { id } wrong: retirement(userUuid: "") { id }
    retirements { edges { cursor node { id userUuid wasActive } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }$$);
SELECT test.graphql(NULL, :ops, $$query($after: Cursor, $last: Cursor) {
    retirements(first: 1, after: $after) { edges { node { userUuid } } pageInfo { hasNextPage hasPreviousPage } }
    end: retirements(after: $last) { edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor } }
    state: retirements(after: $last, state: "PENDING") { pageInfo { hasPreviousPage } }
    other: retirements(after: $last, state: "COMPLETE") { pageInfo { hasPreviousPage } }
    start: retirements(first: 1, after: "LTE=") { edges { node { id } } pageInfo { hasNextPage hasPreviousPage } }
    zero: retirements(first: 0) { edges { cursor } pageInfo { hasNextPage hasPreviousPage endCursor } }
}$$, jsonb_build_object('after', test.cursor(1), 'last', test.cursor(3)));
SELECT test.graphql(NULL, :ops, $${ pending: retirements(state: "PENDING") { edges { node { userUuid } } }
    unknown: retirements(state: "NOTHING") { edges { node { userUuid } } }
    from: retirements(begunFrom: "2026-01-01T00:00:00Z", first: 1) { edges { node { userUuid } } }
    late: retirements(begunFrom: "2999-01-01T00:00:00+02:00") { edges { node { userUuid } } }
    before: retirements(begunBefore: "2999-01-01T00:00:00Z", first: 1) { edges { node { userUuid } } }
    early: retirements(begunBefore: "2020-01-01T00:00:00Z", first: 1) { edges { node { userUuid } } } }$$);
SELECT test.graphql(NULL, :ops, $${ a: retirements(first: -1) { edges { cursor } }
    b: retirements(first: 501) { edges { cursor } } c: retirements(after: "?") { edges { cursor } }
    d: retirements(after: "YWRh") { edges { cursor } }
    e: retirements(begunFrom: "2026-01-01") { edges { cursor } }
    f: retirements(begunBefore: "soon") { edges { cursor } }
    g: retirements(begunBefore: "2026-99-01T00:00:00Z") { edges { cursor } } }$$);
SELECT test.graphql(NULL, :ops, $${ retirements(state: PENDING) { edges { cursor } } }$$);
\echo -- a document has few pages of retirements
SELECT test.graphql(NULL, :ops, format('{ %s }',
    string_agg(format('a%s: retirements(first: %s) { pageInfo { hasNextPage } }', n, n), ' ')))
FROM generate_series(0, 10) AS n;

\echo -- cancelRetirement
SELECT test.graphql('ada', :own, $$mutation { cancelRetirement(userUuid: "ada") { errors response { id } } }$$);
SELECT test.graphql('dora', :shop, $$mutation { cancelRetirement(userUuid: "bob") { errors response { id } } }$$);
SELECT test.graphql(NULL, :ops, $$mutation {
    cancelRetirement(userUuid: "bob") { errors response { userUuid currentState } }
    again: cancelRetirement(userUuid: "bob") { errors response { id } }
    wrong: cancelRetirement(userUuid: "") { errors response { id } } }$$);
SELECT test.graphql(NULL, :ops, $$mutation { cancelRetirement { errors } }$$);
SELECT is_active FROM opigno.get_user_context('bob');

\echo -- moveRetirement
SELECT test.graphql('dora', :shop, $$mutation {
    moveRetirement(userUuid: "ada", newState: "COMPLETE", response: "done") { errors response { id } } }$$);
SELECT test.graphql(NULL, :ops, $$mutation {
    moveRetirement(userUuid: "ada", newState: "LOCKING_ACCOUNT", response: "by \"worker\" 1") {
        errors response { userUuid currentState lastState } }
    late: moveRetirement(userUuid: "ada", newState: "LOCKING_COMPLETE", response: "", expectedState: "PENDING") {
        errors response { id } }
    expected: moveRetirement(userUuid: "ada", newState: "LOCKING_COMPLETE", response: "",
        expectedState: "LOCKING_ACCOUNT", force: null) { errors response { currentState } }
    back: moveRetirement(userUuid: "ada", newState: "PENDING", response: "") { errors response { id } }
    both: moveRetirement(userUuid: "ada", newState: "PENDING", response: "", expectedState: "ERRORED") { errors }
    unknown: moveRetirement(userUuid: "ada", newState: "NOTHING", response: "") { errors }
    nobody: moveRetirement(userUuid: "nobody", newState: "COMPLETE", response: "") { errors }
    wrong: moveRetirement(userUuid: "", newState: "COMPLETE", response: "") { errors }
    error: moveRetirement(userUuid: "ada", newState: "ERRORED", response: "broken") { errors }
    on: moveRetirement(userUuid: "ada", newState: "RETIRING_LMS", response: "") { errors }
    force: moveRetirement(userUuid: "ada", newState: "PENDING", response: "", force: true) {
        errors response { currentState lastState } } }$$);
SELECT test.graphql(NULL, :ops, $$mutation { moveRetirement(userUuid: "ada", newState: "COMPLETE") { errors } }$$);
SELECT responses FROM opigno.retirement WHERE user_uuid = 'ada';

\echo -- retireUserData, retirementCertificates
SELECT test.graphql('dora', :shop, $$mutation { retireUserData(userUuid: "ada") { errors response { outcome } } }$$);
SELECT test.graphql(NULL, :ops, $$mutation {
    early: retireUserData(userUuid: "ada") { errors response { outcome } }
    nobody: retireUserData(userUuid: "nobody") { errors response { outcome } }
    wrong: retireUserData(userUuid: "") { errors response { outcome } }
    moveRetirement(userUuid: "ada", newState: "RETIRING_LMS", response: "") { errors }
    retireUserData(userUuid: "ada") { errors response { outcome retiredUuid certificateNumber } }
    another: retireUserData(userUuid: "ada") { errors response { outcome retiredUuid certificateNumber } } }$$);
SELECT test.graphql(NULL, :ops, $$mutation {
    retireUserData(userUuid: "ada") { errors response { outcome retiredUuid certificateNumber } } }$$);
SELECT test.graphql(NULL, :ops, $$mutation { retireUserData { errors } }$$);
SELECT test.graphql(NULL, :ops, $${ retirementCertificates(userUuid: "ada") { certificateNumber issuedAt retiredUuid
    erased actingRole previousHash certificateHash }
    none: retirementCertificates(userUuid: "bob") { certificateNumber }
    getUserContext(uuid: "ada") { uuid } retirement(userUuid: "ada") { userUuid retiredUuid currentState } }$$);
SELECT test.graphql(NULL, :ops, $$query($name: String!) { retirement(userUuid: $name) { userUuid }
    retirementCertificates(userUuid: $name) { certificateNumber } }$$,
    (SELECT jsonb_build_object('name', retired_uuid) FROM opigno.retirement WHERE user_uuid = 'ada'));
SELECT test.graphql('dora', :shop, $${ retirementCertificates(userUuid: "ada") { certificateNumber } }$$);
SELECT test.graphql(NULL, :ops, $${ retirementCertificates { certificateNumber } }$$);
SELECT test.graphql(NULL, :ops, $${ retirementCertificates(userUuid: "") { certificateNumber } }$$);
SELECT test.graphql(NULL, :ops, $$mutation { setUserContext(uuid: "ADA", displayName: "Ada", isActive: true) {
    errors } beginRetirement(userUuid: "ada") { errors } }$$);

\echo -- mergeUserContexts
SELECT uuid FROM opigno.set_user_context('anon-1', 'Anonymous User', true);
SELECT uuid FROM opigno.set_user_context('anon-2', 'Anonymous User', true);
SELECT uuid FROM opigno.set_user_context('anon-3', 'Anonymous User', true);
SELECT count(opigno.upsert_profile(uuid, 0, jsonb_build_object('of', uuid, uuid, 1)))
FROM unnest(ARRAY['anon-1', 'anon-2', 'anon-3', 'dora']) AS u (uuid);
SELECT count(*) FROM opigno.set_preference('anon-1', 'language', 'fr');
SELECT training_id FROM opigno.set_training('safety', 'Safety at work');
SELECT outcome FROM opigno.enrol_user('anon-1', 'safety');
SELECT test.graphql('dora', :shop, $$mutation {
    mergeUserContexts(fromUuid: "anon-1", intoUuid: "dora") { errors response { outcome } } }$$);
SELECT test.graphql('dora', :ops, $$mutation($onConflict: OnConflict) {
    mergeUserContexts(fromUuid: "anon-1", intoUuid: "dora") { errors response {
        intoUuid profiles accounts preferences trainings clients entities outcome } }
    again: mergeUserContexts(fromUuid: "anon-1", intoUuid: "dora", onConflict: null) {
        errors response { profiles outcome } }
    replace: mergeUserContexts(fromUuid: "anon-3", intoUuid: "dora", onConflict: $onConflict) {
        errors response { profiles outcome } }
    same: mergeUserContexts(fromUuid: "dora", intoUuid: "dora") { errors response { outcome } }
    known: mergeUserContexts(fromUuid: "emma", intoUuid: "nobody") { errors response { outcome } }
    retiring: mergeUserContexts(fromUuid: "carl", intoUuid: "dora") { errors response { outcome } }
    elsewhere: mergeUserContexts(fromUuid: "anon-1", intoUuid: "emma") { errors response { outcome } }
    wrong: mergeUserContexts(fromUuid: "", intoUuid: "") { errors response { outcome } }
}$$, '{"onConflict": "REPLACE"}');
SELECT profile_data FROM opigno.get_profile('dora', 0);
SELECT test.graphql('dora', :ops, $$mutation {
    mergeUserContexts(fromUuid: "anon-2", intoUuid: "DORA", onConflict: MERGE) { errors }
    merge: mergeUserContexts(fromUuid: "anon-2", intoUuid: "dora", onConflict: MERGE) {
        errors response { profiles outcome } } }$$);
SELECT profile_data FROM opigno.get_profile('dora', 0);
SELECT test.graphql('dora', :ops, $$mutation { mergeUserContexts(fromUuid: "a", intoUuid: "b", onConflict: NOTHING) {
    errors } }$$);
SELECT test.graphql('dora', :ops, $$mutation($onConflict: OnConflict) {
    mergeUserContexts(fromUuid: "a", intoUuid: "b", onConflict: $onConflict) { errors } }$$, '{"onConflict": "keep"}');
SELECT test.graphql('dora', :ops, $$mutation { mergeUserContexts(intoUuid: "dora") { errors } }$$);

\echo -- every write is in the audit trail, with the client
SELECT action, outcome, request_client = :ops AS is_by_operator, user_uuid, last_user_uuid FROM opigno.audit
WHERE request_client IS NOT NULL ORDER BY id;
ROLLBACK;
