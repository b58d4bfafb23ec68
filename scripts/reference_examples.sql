-- The examples of docs/reference.md, in its order. scripts/reference runs each of them in a
-- transaction that it rolls back, and prints it with its result. "-- #" begins a group with its
-- introduction, and "-- ##" a function. The statements before the first group are run once, and are
-- not printed.
SELECT opigno.register_app('Shop', 'sells courses', '{shop.example.com}', 1);
SELECT opigno.register_app('Library', app_id => 2);
SELECT opigno.register_scope('MENTOR', '{AUTHENTICATED}', 'guides learners');
SELECT opigno.set_user_context('ada', 'Ada Lovelace', true, 'MENTOR');
SELECT opigno.set_user_context('john', 'John Doe', true, 'AUTHENTICATED');
SELECT opigno.set_user_context('anon-7f3a', 'Anonymous User', false);
SELECT opigno.upsert_profile('ada', 1, '{"cart": {"items": 2, "note": "gift"}}');
SELECT opigno.set_training('first-aid', 'First aid'), opigno.set_training('algebra', 'Algebra');
CREATE TABLE badge (learner text, course text, badge text);
CREATE INDEX ON badge (learner);
CREATE INDEX ON badge (course);
INSERT INTO badge VALUES ('ada', 'algebra', 'gold');
SELECT opigno.attach_entity_table('badge', 'badges', user_column => 'learner');
SELECT opigno.attach_entity_table('badge', 'course_badges', training_column => 'course');
SELECT opigno.report_progress('ada', 'algebra', 'passed', 100, 98, '2026-01-31 10:00Z');
SELECT opigno.upsert_training_profile('algebra', 1, '{"room": "B12", "seats": 20}');
SELECT opigno.report_progress('john', 'algebra', 'in_progress', 40, NULL, '2026-01-31 11:00Z');
SELECT opigno.configure_extended_profile_field('occupation', 1, 'shared');
SELECT opigno.patch_account('ada', '{"extended_profile": [
    {"field_name": "occupation", "field_value": "Mathematician"}]}');
SELECT opigno.set_preference('ada', 'time_zone', 'Europe/London');
SELECT opigno.register_token_issuer('sentinel', user_claim => '/UserID',
    operator_claim => '/Operator', requires_iss => false);
CREATE TABLE staged (ordinal bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, line text);
INSERT INTO staged (line) VALUES ('{"user_id": "john", "app_id": 1, "profile_data": {"cart": {}}}'),
    ('{"user_id": "nobody", "app_id": 1, "profile_data": {}}');
CREATE TABLE staged_users (ordinal bigint PRIMARY KEY, uuid text, display_name text,
    is_active boolean, scope text);
INSERT INTO staged_users VALUES (1, 'ada', 'A. Lovelace', NULL, NULL), (2, 'grace', 'Grace Hopper', true, '');
CREATE TABLE staged_accounts (ordinal bigint PRIMARY KEY, username text, name text,
    extended_profile jsonb);
INSERT INTO staged_accounts VALUES (1, 'ada', 'A. Lovelace', NULL),
    (2, 'john', NULL, '[{"field_name": "occupation", "field_value": "Pilot"}]');
CREATE TABLE credential AS
SELECT c.*, opigno.issue_access_token(c.client_key, c.client_secret, 'client_credentials')
    ->> 'access_token' AS access_token
FROM opigno.register_client(1, 'Shop server') AS c;
SELECT opigno.grant_user(client_id, 'ada') FROM credential;

-- # User contexts
-- Identity and permissions of users. The functions with _json use the member names of Opigno.

-- ## set_user_context
SELECT uuid, display_name, is_active, scope
FROM opigno.set_user_context('grace', 'Grace Hopper', true, scope => 'AUTHENTICATED');
SELECT uuid, display_name, is_active, scope
FROM opigno.set_user_context('grace', is_active => false);

-- ## set_user_scopes
SELECT uuid, scope FROM opigno.set_user_scopes('john', '{MENTOR,ADMINISTRATOR}');

-- ## get_user_context
SELECT uuid, display_name, is_active, scope FROM opigno.get_user_context('ada');

-- ## my_user_context
SELECT FROM opigno.test_request('ada');
SELECT uuid, display_name, is_active, scope FROM opigno.my_user_context();

-- ## count_user_contexts
SELECT total FROM opigno.count_user_contexts(is_active => true);

-- ## list_user_contexts_before
SELECT uuid, display_name FROM opigno.list_user_contexts_before(max_rows => 2);

-- ## list_user_contexts
SELECT uuid, display_name, scope FROM opigno.list_user_contexts(max_rows => 2);
SELECT uuid, display_name, scope
FROM opigno.list_user_contexts(after_uuid => 'anon-7f3a', is_active => true);

-- ## export_user_contexts
SELECT * FROM opigno.export_user_contexts(max_rows => 2);

-- ## set_user_context_json
SELECT opigno.set_user_context_json('{"uuid": "ada", "displayName": "A. Lovelace"}')
    -> 'response' -> 'displayName' AS name;
SELECT opigno.set_user_context_json('{"uuid": "new", "isActive": true, "scope": "unknown"}')
    AS answer;

-- ## get_user_context_json
SELECT opigno.get_user_context_json('ada');

-- ## set_user_contexts
SELECT opigno.set_user_contexts('[{"uuid": "ada", "isActive": false},
    {"uuid": "grace", "displayName": "Grace Hopper", "isActive": true, "scope": "AUTHENTICATED"}]')
    AS answer;

-- ## load_user_contexts
SELECT * FROM staged_users;
SELECT opigno.load_user_contexts('staged_users') AS answer;

-- ## load_user_contexts_in_batches
-- no transaction
CALL opigno.load_user_contexts_in_batches('staged_users');

-- ## create_anonymous_user_context
SELECT left(uuid, 5) AS uuid, display_name, is_active, scope
FROM opigno.create_anonymous_user_context();

-- ## anonymize_user_context
SELECT uuid, display_name FROM opigno.anonymize_user_context('john', 'user_12345');

-- ## attach_foreign_key
CREATE TABLE public.enrolment (user_uuid text, course text);
SELECT opigno.attach_foreign_key('public.enrolment', 'user_uuid');

-- ## canonical_user_uuid
SELECT opigno.canonical_user_uuid('17ADB4C1-EB29-44BF-9D9A-5F8D056E58EE');

-- ## is_user_uuid
SELECT opigno.is_user_uuid('anon-7f3a'), opigno.is_user_uuid(E'line\nbreak');

-- # Clients and requests
-- A client is a server of an app. It exchanges its key and secret for an access token, with which
-- it begins requests. In the examples, the table `credential` has the key and the secret of client
-- 1 and one of its tokens.

-- ## register_client
SELECT client_id, left(client_secret, 14) AS begins, length(client_secret) AS characters
FROM opigno.register_client(2, 'Library server', may_act_for => 'all');

-- ## update_client
SELECT opigno.update_client(1, expires_at => '2100-01-01Z');
SELECT label, may_act_for, expires_at FROM opigno.list_clients();

-- ## list_clients
SELECT client_id, app_id, label, may_act_for, may_grant_scopes, is_operator, expires_soon
FROM opigno.list_clients();

-- ## list_client_credentials
SELECT client_id, kind, count(*) FROM opigno.list_client_credentials() GROUP BY 1, 2 ORDER BY 1, 2;

-- ## rotate_client_secret
SELECT left(opigno.rotate_client_secret(1, now() + interval '1 day'), 14) AS begins;

-- ## revoke_client
SELECT opigno.revoke_client(1);
SELECT opigno.issue_access_token(client_key, client_secret, 'client_credentials')
FROM credential;

-- ## revoke_client_tokens
SELECT opigno.revoke_client_tokens(1);

-- ## grant_user
SELECT opigno.grant_user(1, 'john');

-- ## revoke_user
SELECT opigno.revoke_user(1, 'ada');

-- ## issue_access_token
SELECT a ->> 'token_type' AS token_type, a ->> 'expires_in' AS expires_in,
    left(a ->> 'access_token', 13) AS begins
FROM credential, opigno.issue_access_token(client_key, client_secret, 'client_credentials') AS a;
SELECT opigno.issue_access_token(client_key, client_secret, 'password') FROM credential;

-- ## revoke_access_token
SELECT opigno.revoke_access_token(access_token, client_key, client_secret) FROM credential;

-- ## introspect_access_token
SELECT a ->> 'active' AS active, a ->> 'token_type' AS token_type
FROM credential, opigno.introspect_access_token(access_token, client_key, client_secret) AS a;
SELECT opigno.introspect_access_token('unknown', client_key, client_secret) FROM credential;

-- ## purge_access_tokens
-- no transaction
CALL opigno.purge_access_tokens();

-- ## delete_expired_access_tokens
SELECT deleted FROM opigno.delete_expired_access_tokens(1000);

-- ## begin_request
SELECT FROM credential, opigno.begin_request('Bearer ' || access_token, 'ada');
SELECT opigno.request_user(), opigno.request_app();

-- # HTTP

-- ## http_request
CREATE ROLE reference_gateway;
SELECT opigno.grant_access('reference_gateway', 'gateway');
GRANT SELECT ON credential TO reference_gateway;
SET ROLE reference_gateway;
SELECT r.* FROM credential, opigno.http_request('PATCH', '/user/profiles/1', jsonb_build_object(
    'Authorization', 'Bearer ' || access_token, 'Opigno-Client-UUID', 'ada',
    'Content-Type', 'application/merge-patch+json', 'Prefer', 'return=minimal'),
    '{"theme": "dark"}') AS r;
SELECT * FROM opigno.http_request('GET', '/app/all', '{"Accept": "text/html"}');

-- ## graphql
CREATE ROLE reference_gateway;
SELECT opigno.grant_access('reference_gateway', 'gateway');
GRANT SELECT ON credential TO reference_gateway;
SET ROLE reference_gateway;
SELECT FROM credential, opigno.begin_request('Bearer ' || access_token, 'ada');
SELECT opigno.graphql('{ getUserContext(uuid: "ada") { displayName scope account { username } } }');
SELECT opigno.graphql('query page($size: Int) { userContexts(first: $size) { edges { node { uuid } } totalItems } }',
    '{"size": 2}');

-- ## http_request_route
SELECT * FROM opigno.http_request_route('PATCH', '/user/profiles/1', '{"Opigno-Client-UUID": "ada"}');
SELECT * FROM opigno.http_request_route('GET', '/user-contexts?limit=2', '{}');

-- # Issuers of JWTs
-- Issuers whose JWTs begin_request accepts, and the keys that verify them.

-- ## register_token_issuer
SELECT issuer, audience, algorithm, user_claim
FROM opigno.register_token_issuer('https://idp.example', audience => '{opigno}');

-- ## list_token_issuers
SELECT issuer, app_id, user_claim, operator_claim, requires_iss FROM opigno.list_token_issuers();

-- ## drop_token_issuer
SELECT opigno.drop_token_issuer('sentinel'), opigno.drop_token_issuer('unknown');

-- ## register_token_key
SELECT issuer, key_id, algorithm FROM opigno.register_token_key('sentinel', '{"kty": "OKP",
    "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "kid": "2026-11"}');

-- ## register_token_keys
SELECT * FROM opigno.register_token_keys('sentinel', '{"keys": [{"kty": "OKP", "kid": "2026-12",
    "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
    {"kty": "OKP", "kid": "for encryption", "use": "enc"}]}');

-- ## list_token_keys
SELECT FROM opigno.register_token_key('sentinel', repeat('a secret of 32 bytes', 2),
    algorithm => 'HS256');
SELECT issuer, key_id, algorithm, thumbprint, is_of_set FROM opigno.list_token_keys();

-- ## drop_token_key
SELECT FROM opigno.register_token_key('sentinel', repeat('a secret of 32 bytes', 2),
    algorithm => 'HS256');
SELECT opigno.drop_token_key('sentinel') AS dropped;

-- # Scopes
-- Permissions of users: the built-in scopes and those of the site.

-- ## register_scope
SELECT * FROM opigno.register_scope('HEAD_MENTOR', '{MENTOR}', 'guides mentors');

-- ## scopes
SELECT * FROM opigno.scopes();

-- ## validate_scope
SELECT opigno.validate_scope('{MENTOR}'), opigno.validate_scope('{ANONYMOUS}');

-- ## has_scope
SELECT opigno.has_scope('ada', 'AUTHENTICATED'), opigno.has_scope('ada', 'ADMINISTRATOR');

-- ## require_scope
SELECT FROM opigno.test_request('ada');
SELECT opigno.require_scope('MENTOR');

-- # Apps
-- The applications that store profiles.

-- ## register_app
SELECT *
FROM opigno.register_app('Forum', description => 'for questions', domains => '{forum.example.com}');

-- ## announce_app_change
SELECT opigno.announce_app_change();

-- ## update_app
SELECT * FROM opigno.update_app(1, description => 'sells courses and books');

-- ## list_apps
SELECT * FROM opigno.list_apps();

-- # Schemas
-- What the profiles of an app look like, as a JSON Schema.

-- ## check_profile_schema
SELECT opigno.check_profile_schema('{"properties": {"points": {"minimum": "0"}}, "requird": ["points"]}');

-- ## set_profile_schema
SELECT * FROM opigno.set_profile_schema(1, '{"properties": {"points": {"type": "integer"}}}', 'warn');

-- ## profile_schemas
SELECT version, mode, draft, schema FROM opigno.profile_schemas(1);

-- ## profile_schema_faults
SELECT path, keyword, schema_path, faults FROM opigno.profile_schema_faults(1);

-- ## validate_profiles
SELECT opigno.validate_profiles(1, '{"properties": {"points": {"minimum": 1000}}}');

-- ## migrate_profiles
-- no transaction
CALL opigno.migrate_profiles(1, '{"beta": null}');

-- ## migrate_profile_batch
SELECT received, unchanged, is_complete FROM opigno.migrate_profile_batch(1, '{"beta": null}', 100, true, false);

-- ## explain_patch
SELECT opigno.explain_patch('ada', 1, '{"points": "many"}');

-- ## drop_profile_schema
SELECT opigno.drop_profile_schema(1);

-- ## announce_schema_change
SELECT opigno.announce_schema_change();

-- # Requests
-- A request says which user and which app the statements of a transaction act for.

-- ## test_request
SELECT FROM opigno.test_request('ada', app_id => 1);
SELECT app_id, profile_data FROM opigno.my_profiles();

-- ## request_user
SELECT FROM opigno.test_request('ada');
SELECT opigno.request_user();

-- ## request_named_user
SELECT FROM opigno.test_request('anon-7f3a');
SELECT opigno.request_named_user(), opigno.request_user();

-- ## request_scope
SELECT FROM opigno.test_request('ada');
SELECT opigno.request_scope();

-- ## request_app
SELECT FROM opigno.test_request('ada', app_id => 1);
SELECT opigno.request_app();

-- ## request_client
SELECT FROM opigno.test_request('ada', app_id => 1, client_id => 7);
SELECT opigno.request_client();

-- # Profiles of all users
-- One JSON document per user and app. Operators use these functions for every user.

-- ## upsert_profile
SELECT * FROM opigno.upsert_profile('john', 1, '{"cart": {"items": 1}}');
SELECT * FROM opigno.upsert_profile('john', 1, '{"cart": {}}',
    expected_version => (SELECT version FROM opigno.get_profile('john', 1)));

-- ## patch_profile
SELECT * FROM opigno.patch_profile('ada', 1, '{"cart": {"items": 3, "note": null}}');
SELECT profile_data FROM opigno.get_profile('ada', 1);

-- ## delete_profile
SELECT opigno.delete_profile('ada', 1), opigno.delete_profile('ada', 2);

-- ## get_profile
SELECT user_uuid, profile_data, version FROM opigno.get_profile('ada', 1);

-- ## list_profiles
SELECT user_uuid, profile_data, version
FROM opigno.list_profiles(1, after_uuid => NULL, max_rows => 10);

-- ## export_profiles
SELECT * FROM opigno.export_profiles(1);

-- ## create_profiles
SELECT opigno.create_profiles('{"profiles": [
    {"user_id": "john", "app_id": 1, "profile_data": {"cart": {}}},
    {"user_id": "nobody", "app_id": 1, "profile_data": {}}]}', on_error => 'report') AS answer;

-- ## patch_profiles
SELECT opigno.patch_profiles('{"user_id": "ada", "app_id": 1, "patch": {"cart": null}}
    {"user_id": "john", "app_id": 1, "patch": {"theme": "dark"}}') AS answer;

-- ## delete_profiles
SELECT opigno.delete_profiles('[{"user_id": "ada", "app_id": 1}, {"user_id": "john", "app_id": 1}]')
    AS answer;

-- ## parse_profiles
SELECT ordinal, user_id, app_id, profile_data, code, path, message
FROM opigno.parse_profiles('[{"user_id": "ada", "app_id": 1, "profile_data": {}},
    {"user_id": "john"}]');

-- ## load_profiles
SELECT * FROM staged;
SELECT opigno.load_profiles('staged', on_error => 'report') AS answer;
SELECT ordinal, code, path, message FROM opigno.bulk_error;

-- ## load_profiles_in_batches
-- no transaction
CALL opigno.load_profiles_in_batches('staged', batch_rows => 1000);
SELECT * FROM staged;

-- ## load_in_batches
-- no transaction
CALL opigno.load_in_batches('profiles', 'staged');

-- ## may_commit
SELECT opigno.may_commit();

-- ## merged_profile
SELECT opigno.merged_profile('{"a": 1}', '{"a": 2}', 1, true),
    opigno.merged_profile('{"a": 1}', '{"a": 1}', 1, true);

-- # Profiles of the request's user
-- The same documents, for the user of a request.

-- ## my_profiles
SELECT FROM opigno.test_request('ada');
SELECT app_id, profile_data, version FROM opigno.my_profiles();

-- ## create_my_profile
SELECT FROM opigno.test_request('john', app_id => 2);
SELECT * FROM opigno.create_my_profile(2, '{"cart": {}}');

-- ## patch_my_profile
SELECT FROM opigno.test_request('ada', app_id => 1);
SELECT * FROM opigno.patch_my_profile(1, '{"cart": null}');

-- ## delete_my_profile
SELECT FROM opigno.test_request('ada', app_id => 1);
SELECT opigno.delete_my_profile(1);

-- # Documents
-- Functions over jsonb values, which read no table.

-- ## jsonb_merge_patch
SELECT opigno.jsonb_merge_patch('{"a": "b", "c": {"d": "e", "f": "g"}}',
                                '{"a": "z", "c": {"f": null}}');

-- ## jsonb_merge_diff
SELECT opigno.jsonb_merge_diff('{"a": "b", "c": {"d": "e", "f": "g"}}',
                               '{"a": "z", "c": {"d": "e"}}');

-- ## jsonb_merge_patch_agg
SELECT opigno.jsonb_merge_patch_agg(doc ORDER BY n)
FROM (VALUES (1, '{"a": 1, "b": 2}'::jsonb), (2, '{"a": null}'), (3, '{"c": 3}'))
    AS change (n, doc);

-- ## jsonb_is_same
SELECT opigno.jsonb_is_same('1.0', '1.00'), '1.0'::jsonb = '1.00'::jsonb AS is_equal;

-- ## jsonb_text_size
SELECT * FROM opigno.jsonb_text_size('[1e131071]');

-- # Accounts
-- Optional data of users: extended profile fields, in the formats of Open edX.

-- ## configure_extended_profile_field
SELECT * FROM opigno.configure_extended_profile_field(
    'bio', visibility => 'custom', placement => 'account',
    value_schema => '{"type": "string", "maxLength": 300}');

-- ## configure_accounts
SELECT * FROM opigno.configure_accounts(default_visibility => 'private');

-- ## configure_preference
SELECT opigno.configure_preference('theme', '{"enum": ["dark", "light"]}');

-- ## list_preference_rules
SELECT * FROM opigno.list_preference_rules();

-- ## drop_preference_rule
SELECT opigno.drop_preference_rule('theme');

-- ## drop_extended_profile_field
SELECT opigno.drop_extended_profile_field('occupation');

-- ## list_extended_profile_fields
SELECT * FROM opigno.list_extended_profile_fields();

-- ## get_account
SELECT opigno.get_account('ada', view => 'shared') AS account;

-- ## get_accounts
SELECT * FROM opigno.get_accounts('{john,nobody,ada}', view => 'shared');

-- ## my_account
SELECT FROM opigno.test_request('ada');
SELECT account ->> 'name' AS name, account -> 'extended_profile' AS extended_profile
FROM opigno.my_account() AS account;

-- ## patch_account
SELECT opigno.patch_account('ada', '{"extended_profile": [
    {"field_name": "occupation", "field_value": "Writer"}]}')
    -> 'extended_profile' AS extended_profile;
SELECT opigno.patch_account('ada', '{"is_active": false}') AS answer;

-- ## patch_my_account
SELECT FROM opigno.test_request('ada');
SELECT opigno.patch_my_account('{"name": "A. Lovelace"}') -> 'name' AS name;

-- ## patch_accounts
SELECT opigno.patch_accounts('[{"username": "ada", "account_privacy": "all_users"},
    {"username": "john", "name": "J. Doe"}]') AS answer;

-- ## export_accounts
SELECT * FROM opigno.export_accounts();

-- ## load_accounts
SELECT * FROM staged_accounts;
SELECT opigno.load_accounts('staged_accounts') AS answer;

-- ## load_accounts_in_batches
-- no transaction
CALL opigno.load_accounts_in_batches('staged_accounts');

-- ## clear_account
SELECT opigno.clear_account('john');

-- # Preferences
-- One text value per user and key.

-- ## get_preferences
SELECT opigno.get_preferences('ada');

-- ## get_preference
SELECT opigno.get_preference('ada', 'time_zone');

-- ## preferences_version
SELECT opigno.preferences_version('ada') > 0 AS has_preferences;

-- ## my_preferences
SELECT FROM opigno.test_request('ada');
SELECT opigno.my_preferences();

-- ## patch_preferences
SELECT opigno.patch_preferences('ada', '{"time_zone": null, "theme": "dark"}');

-- ## patch_my_preferences
SELECT FROM opigno.test_request('ada');
SELECT opigno.patch_my_preferences('{"theme": "dark"}');

-- ## set_preference
SELECT opigno.set_preference('ada', 'theme', 'dark');

-- ## delete_preference
SELECT opigno.delete_preference('ada', 'time_zone'), opigno.delete_preference('ada', 'theme');

-- # Access
-- Levels of access of database roles. The markers are procedures that do nothing.

-- ## grant_access
CREATE ROLE reference_web;
SELECT opigno.grant_access('reference_web', 'user');
SELECT * FROM opigno.role_level;

-- ## revoke_access
CREATE ROLE reference_web;
SELECT opigno.grant_access('reference_web', 'user');
SELECT opigno.revoke_access('reference_web');
SELECT * FROM opigno.role_level;

-- ## refresh_grants
SELECT opigno.refresh_grants();

-- ## may_read_profile
SELECT FROM opigno.test_request('john', app_id => 1);
SELECT opigno.may_read_profile('john', 1);

-- ## may_read_whole_profile
SELECT opigno.may_read_whole_profile('john', 1);

-- ## visible_profile_data
SELECT opigno.visible_profile_data(1, '{"points": 10}');

-- ## may_read_account
SELECT opigno.may_read_account('john');

-- ## may_read_preference
SELECT opigno.may_read_preference('john');

-- ## may_read_user_context
SELECT opigno.may_read_user_context('john', NULL);

-- ## reads_every_user
SELECT opigno.reads_every_user();

-- ## access_user
CALL opigno.access_user();

-- ## access_gateway
CALL opigno.access_gateway();

-- ## access_operator
CALL opigno.access_operator();

-- ## access_learning
CALL opigno.access_learning();

-- ## access_auditor
CALL opigno.access_auditor();

-- # Audit
-- The table [audit](#audit) is the audit trail.

-- ## purge_audit
SELECT opigno.purge_audit('2000-01-01');
