-- GraphQL: trainings, progress, memberships, ranks and bundles.
CREATE ROLE regress_opigno_gateway;
SELECT opigno.grant_access('regress_opigno_gateway', 'gateway');
SELECT app_id FROM opigno.register_app('Course shop', app_id => 0);
SELECT client_id AS shop FROM opigno.register_client(0, 'Shop server', may_act_for => 'all') \gset
SELECT client_id AS ops FROM opigno.register_client(0, 'Administration', is_operator => true) \gset
SELECT uuid FROM opigno.set_user_context('andrew', 'Andrew M. Pearson', true, 'AUTHENTICATED');
SELECT uuid FROM opigno.set_user_context('bob', 'Bob', true, 'AUTHENTICATED');
SELECT uuid FROM opigno.set_user_context('carl', 'Carl', false, 'AUTHENTICATED');

/* The answer to a document in a request of this user and client, without what differs from run to run. */
CREATE FUNCTION test.graphql(uuid text, client_id bigint, query text, variables jsonb DEFAULT NULL)
    RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
BEGIN
    PERFORM opigno.test_request(uuid, client_id => client_id);
    SET LOCAL ROLE regress_opigno_gateway;
    answer := opigno.graphql(query, variables);
    RESET ROLE;
    RETURN regexp_replace(test.nths(answer), '"(id|createdAt|updatedAt|created_at|updated_at)":"[^"/]*"', '"\1":"..."',
        'g');
END $$;
GRANT USAGE ON SCHEMA test TO regress_opigno_gateway;

\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
\echo -- setTraining
SELECT test.graphql('andrew', :ops, $$mutation {
    safety: setTraining(trainingId: "safety", title: "Safety at work", isActive: true) {
        errors response { trainingId title isActive version createdAt updatedAt } }
    aid: setTraining(trainingId: "first aid", title: "First aid", isActive: true) { errors response { title } }
    old: setTraining(trainingId: "old", title: "Old times", isActive: false, expectedVersion: 0) { errors }
    again: setTraining(trainingId: "old", isActive: true, expectedVersion: 0) { errors response { title } }
    blank: setTraining(trainingId: "", title: " ", expectedVersion: 7) { errors response { title } }
    new: setTraining(trainingId: "new") { errors }
}$$);
SELECT test.graphql('andrew', :shop, $$mutation { setTraining(trainingId: "safety", title: "Mine") { errors } }$$);

\echo -- getTraining, findTrainings, trainings
SELECT test.graphql('andrew', :shop, $${ getTraining(trainingId: "safety") { trainingId title isActive version }
    none: getTraining(trainingId: "nothing") { title } }$$);
SELECT test.graphql('andrew', :shop, $${ findTrainings(prefix: "SAF") { trainingId title } }$$);
SELECT test.graphql('andrew', :shop, $${ findTrainings(prefix: "", first: 1) { title } }$$);
SELECT test.graphql('andrew', :shop, $${ a: findTrainings(prefix: "s") { title }
    b: findTrainings(prefix: "s", first: 501) { title } }$$);
SELECT test.graphql('andrew', :shop, $${ a: findTrainings(prefix: "", appId: 0) { title }
    b: findTrainings(prefix: "", appId: null, first: 1) { title } }$$);
SELECT test.graphql('andrew', :shop, $${ trainings { edges { cursor node { title } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }$$);
SELECT test.graphql('andrew', :shop, $${ trainings(first: 1, after: "Zmlyc3QgYWlk", isActive: true) {
    edges { node { title } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }$$);
SELECT test.graphql('andrew', :shop, $${ trainings(first: 1) { edges { node { title } }
    pageInfo { hasNextPage hasPreviousPage } } last: trainings(after: "c2FmZXR5") { edges { cursor }
    pageInfo { hasNextPage hasPreviousPage startCursor } }
    first: trainings(after: "YQ==") { pageInfo { hasPreviousPage } } }$$);
SELECT test.graphql('andrew', :shop, $${ a: trainings(first: -1) { edges { cursor } }
    b: trainings(after: "?") { edges { cursor } } }$$);

\echo -- reportProgress
SELECT test.graphql('andrew', :shop, $$mutation {
    reportProgress(trainingId: "safety", status: IN_PROGRESS, progress: 12.345, score: 3.50,
            reportedAt: "2026-11-01T10:00:00Z", details: {page: 1.0}) {
        errors response { userUuid trainingId training { title } isEnrolled status progress score details reportedAt
            version createdAt updatedAt } }
    late: reportProgress(trainingId: "safety", progress: 10, reportedAt: "2026-10-01T12:00:00+02:00") {
        errors response { progress reportedAt version } }
    passed: reportProgress(trainingId: "safety", status: PASSED, progress: 100, score: 90,
            reportedAt: "2026-11-02T10:00:00Z") { errors response { status progress score } }
    back: reportProgress(trainingId: "safety", status: NOT_STARTED, reportedAt: "2026-11-03T10:00:00Z") {
        errors response { status } }
    wrong: reportProgress(trainingId: "safety", progress: 101, details: []) { errors response { status } }
    time: reportProgress(trainingId: "safety", reportedAt: "2026-11-03") { errors }
    far: reportProgress(trainingId: "safety", reportedAt: "2999-11-03T00:00:00Z") { errors }
    unknown: reportProgress(trainingId: "nothing") { errors }
    other: reportProgress(userUuid: "bob", trainingId: "safety", progress: 1) { errors }
}$$);
SELECT test.graphql('andrew', :ops, $$mutation($score: Float) {
    reportProgress(userUuid: "bob", trainingId: "safety", status: FAILED, progress: 100, score: $score,
        reportedAt: "2026-11-02T10:00:00Z") { errors response { userUuid status score } }
    nobody: reportProgress(userUuid: "nobody", trainingId: "safety") { errors }
}$$, '{"score": 12.25}');
SELECT test.graphql('carl', :shop, $$mutation { reportProgress(trainingId: "safety") { errors } }$$);

\echo -- memberships
SELECT test.graphql('andrew', :shop, $$mutation {
    createTrainingMembership(trainingId: "old") {
        errors response { trainingId isEnrolled status progress score reportedAt } }
    again: createTrainingMembership(trainingId: "old") { errors response { isEnrolled version } }
    removeTrainingMembership(trainingId: "old") { errors response }
    none: removeTrainingMembership(trainingId: "nothing") { errors response }
    unknown: createTrainingMembership(trainingId: "nothing") { errors response { isEnrolled } }
    other: createTrainingMembership(trainingId: "old", userUuid: "bob") { errors }
}$$);
SELECT test.graphql('andrew', :ops, $$mutation enrol($lpId: ID!, $userContextId: ID) {
    createLpIndividualMembership(lpId: $lpId, userContextId: $userContextId) {
        errors response { id learningPath { id training { title } userEnrolled } } }
    removeLpIndividualMembership(lpId: $lpId, userContextId: $userContextId) { errors response }
    wrong: createLpIndividualMembership(lpId: "nothing", userContextId: $userContextId) { errors response { id } }
    removed: removeLpIndividualMembership(lpId: "old", userContextId: "") { errors response }
}$$, '{"lpId": "old", "userContextId": "bob"}');

\echo -- UserContext.progress
SELECT test.graphql('andrew', :ops, $${ userContexts { edges { node { uuid
    progress { trainingId training { title } status progress isEnrolled reportedAt } } } } }$$);
SELECT test.graphql('andrew', :shop, $${ getUserContext(uuid: "andrew") {
    progress(trainingId: "safety") { trainingId status } none: progress(trainingId: "nothing") { status } } }$$);

\echo -- ranks
SELECT test.graphql('andrew', :shop, $${ getUserContext(uuid:"andrew"){ uuid displayName
    passedTrainingsRanking{ averageScore passedTrainingsNumber } } }$$);
SELECT test.graphql('andrew', :shop, $${ getUserPassedTrainingsRanking {
    rank averageScore passedTrainingsNumber completedTrainingsNumber } }$$);
SELECT test.graphql('andrew', :ops, $$query($id: ID!) {
    getUserPassedTrainingsRanking(userContextId: $id) { rank averageScore }
    none: getUserPassedTrainingsRanking(userContextId: "nobody") { rank } }$$, '{"id": "bob"}');

\echo -- bundles
SELECT test.graphql('andrew', :shop, $${ getUserContext(uuid: "andrew") {
    bundle(include: [TRAININGS, USER_CONTEXT]) } }$$);
SELECT test.graphql('andrew', :shop, $${ getUserContext(uuid: "andrew") {
    a: bundle(appIds: [0], include: PROFILES) b: bundle(appIds: [], include: []) } }$$);
SELECT test.graphql('andrew', :ops, $${ userContexts { edges { node { bundle(include: USER_CONTEXT) } } } }$$);
SELECT test.graphql('andrew', :shop, $${ getUserContext(uuid: "andrew") { bundle(include: [NOTHING]) } }$$);

\echo -- profiles of trainings
SELECT uuid FROM opigno.set_user_context('dora', 'Dora', true, 'ADMINISTRATOR');
SELECT app_id FROM opigno.register_app('Diary', app_id => 2, is_private => true);
SELECT client_id AS diary FROM opigno.register_client(2, 'Diary server', may_act_for => 'all') \gset
SELECT test.graphql('dora', :shop, $$mutation {
    safety: upsertTrainingProfile(trainingId: "safety", appId: 0, profileData: {room: "A", seats: 3.50},
        expectedVersion: 0) { errors response { trainingId training { title } appId profileData version createdAt
        updatedAt } }
    again: upsertTrainingProfile(trainingId: "safety", appId: 0, profileData: 1, expectedVersion: 0) {
        errors response { profileData } }
    patchTrainingProfile(trainingId: "safety", appId: 0, patch: {room: null, seats: {all: 9}}) {
        errors response { profileData } }
    aid: patchTrainingProfile(trainingId: "first aid", appId: 0, patch: {room: "C"}) { errors }
    old: upsertTrainingProfile(trainingId: "old", appId: 0, profileData: [null, "text"]) { errors response { appId } }
    wrong: patchTrainingProfile(trainingId: "safety", appId: 0, patch: "text") { errors response { appId } }
    unknown: upsertTrainingProfile(trainingId: "nothing", appId: 0, profileData: {}) { errors }
    other: upsertTrainingProfile(trainingId: "nothing", appId: 2, profileData: {}, expectedVersion: -2) { errors }
    version: deleteTrainingProfile(trainingId: "safety", appId: 0, expectedVersion: "x") { errors response }
    stale: deleteTrainingProfile(trainingId: "safety", appId: 0, expectedVersion: 1) { errors response }
    none: deleteTrainingProfile(trainingId: "nothing", appId: 0) { errors response }
}$$);
SELECT test.graphql('dora', :diary, $$mutation($data: JSON!) {
    upsertTrainingProfile(trainingId: "safety", appId: 2, profileData: $data) { errors response { profileData } }
}$$, '{"data": {"secret": true}}');
SELECT test.graphql('andrew', :ops, $$mutation {
    upsertTrainingProfile(trainingId: "nothing", appId: 7, profileData: {}, expectedVersion: -2) { errors }
    patchTrainingProfile(trainingId: "first aid", appId: 2, patch: {a: 1}) { errors response { version profileData } }
}$$);
SELECT test.graphql('andrew', :shop, $$mutation {
    upsertTrainingProfile(trainingId: "safety", appId: 0, profileData: {}) { errors response { appId } }
    patchTrainingProfile(trainingId: "safety", appId: 2, patch: {}) { errors response { appId } }
    deleteTrainingProfile(trainingId: "safety", appId: 0) { errors response }
}$$);
SELECT test.graphql('andrew', :shop, $$mutation { upsertTrainingProfile(trainingId: "safety", profileData: {}) {
    errors } }$$);
SELECT test.graphql('andrew', :shop, $${ trainings { edges { node { title profiles { trainingId appId profileData }
    two: profiles(appId: 2) { appId } } } } }$$);
SELECT test.graphql('dora', :diary, $${ getTraining(trainingId: "safety") { profiles { appId profileData }
    one: profiles(appId: 2) { training { trainingId profiles(appId: 0) { appId } } }
    none: profiles(appId: 7) { appId } }
    findTrainings(prefix: "", appId: 2) { trainingId } }$$);
SELECT test.graphql('andrew', :shop, $${ findTrainings(prefix: "", appId: 0) { trainingId }
    b: findTrainings(prefix: "", appId: 2) { trainingId } }$$);
SELECT test.graphql('andrew', :shop, $${ trainingProfiles(appId: 0) { edges { cursor node { trainingId profileData } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }$$);
SELECT test.graphql('andrew', :shop, $${ trainingProfiles(appId: 0, first: 1, after: "Zmlyc3QgYWlk") {
    edges { node { training { title } appId } } pageInfo { hasNextPage hasPreviousPage } }
    end: trainingProfiles(appId: 0, after: "c2FmZXR5") { edges { cursor } pageInfo { hasNextPage hasPreviousPage } }
    start: trainingProfiles(appId: 0, after: "YQ==") { pageInfo { hasNextPage hasPreviousPage } }
    zero: trainingProfiles(appId: 0, first: 0) { pageInfo { hasNextPage hasPreviousPage endCursor } }
    hidden: trainingProfiles(appId: 2) { edges { cursor } } none: trainingProfiles(appId: 7) { edges { cursor } } }$$);
SELECT test.graphql('andrew', :shop, $${ a: trainingProfiles(appId: 0, first: 501) { edges { cursor } }
    b: trainingProfiles(appId: 0, after: "?") { edges { cursor } } }$$);
SELECT test.graphql('andrew', :shop, $${ trainingProfiles { edges { cursor } } }$$);
SELECT test.graphql('dora', :shop, $$mutation {
    deleteTrainingProfile(trainingId: "safety", appId: 0) { errors response }
    again: deleteTrainingProfile(trainingId: "safety", appId: 0) { errors response }
}$$);

DROP FUNCTION test.graphql;
DELETE FROM opigno.training_standing;
DELETE FROM opigno.training_progress;
DELETE FROM opigno.training_profile;
DELETE FROM opigno.training;
DELETE FROM opigno.client_secret;
DELETE FROM opigno.client;
DELETE FROM opigno.app;
DELETE FROM opigno.user_context;
DELETE FROM opigno.audit;
DROP OWNED BY regress_opigno_gateway;
DROP ROLE regress_opigno_gateway;
