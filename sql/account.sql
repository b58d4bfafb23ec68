-- Accounts by an operator: configured fields, patches, and every kind of bad input.
SELECT FROM test.register_scopes();
SELECT count(opigno.set_user_context(uuid, 'Name of ' || uuid, uuid <> 'asleep', 'AUTHENTICATED'))
FROM unnest(ARRAY['learner', 'other', 'asleep', '17adb4c1-eb29-44bf-9d9a-5f8d056e58ee']) AS uuid;
SELECT count(test.nth(account_version)) FROM opigno.user_context;

\echo -- the example of Open edX: stored, shown once it is configured, removed by null
SELECT test.account(opigno.patch_account('learner', '{
        "extended_profile": [
            {
                "field_name": "occupation",
                "field_value": {
                    "name": "Organic Farmer",
                    "salary": "65000"
                }
            }
        ]
    }'));
SELECT extended_profile, version FROM opigno.account WHERE user_uuid = 'learner';
SELECT * FROM opigno.configure_extended_profile_field('occupation');
SELECT test.account(opigno.get_account('learner'));
SELECT test.account(opigno.patch_account('learner',
    '{"extended_profile": [{"field_name": "occupation", "field_value": null}]}'));
SELECT extended_profile, version FROM opigno.account WHERE user_uuid = 'learner';
\echo -- as it is printed there, with its quotation mark out of place
SELECT test.refusal($sql$SELECT opigno.patch_account('learner', '{
        "extended_profile": [
            {
                "field_name:" "occupation",
                "field_value": {
                    "name": "Organic Farmer",
                    "salary": "65000"
                }
            }
        ]
    }')$sql$) LIMIT 1;

\echo -- configured fields: order, defaults, changes, and what is refused
SELECT * FROM opigno.configure_extended_profile_field('degree', 1, 'shared', 'replace');
SELECT * FROM opigno.configure_extended_profile_field('bio', placement => 'account', visibility => 'custom');
SELECT * FROM opigno.configure_extended_profile_field('city', 0);
SELECT * FROM opigno.list_extended_profile_fields();
SELECT xmin AS xmin_before FROM opigno.extended_profile_field WHERE field_name = 'city' \gset
SELECT * FROM opigno.configure_extended_profile_field('city', 0, 'private');
SELECT xmin = :'xmin_before' AS nothing_was_written FROM opigno.extended_profile_field WHERE field_name = 'city';
SELECT * FROM opigno.configure_extended_profile_field('city', visibility => 'shared');
SELECT opigno.drop_extended_profile_field('city'), opigno.drop_extended_profile_field('city');
SELECT call, test.refusal('SELECT opigno.' || call) FROM unnest(ARRAY[
    $$configure_extended_profile_field(NULL, NULL, 'public', 'shallow', 'attic')$$,
    $$configure_extended_profile_field('  ')$$, $$configure_extended_profile_field(repeat('x', 256))$$,
    $$configure_extended_profile_field('session_id')$$,
    $$configure_extended_profile_field('username', placement => 'account')$$, $$drop_extended_profile_field('')$$,
    $$drop_extended_profile_field(NULL)$$,
    $$configure_extended_profile_field('name', visibility => 'custom')$$,
    $$configure_extended_profile_field('date_joined', visibility => 'custom')$$,
    $$configure_extended_profile_field('spoken languages', visibility => 'custom')$$,
    $$configure_extended_profile_field(repeat('x', 245), visibility => 'custom')$$]) AS call;
SELECT count(opigno.configure_extended_profile_field(repeat('x', 244), 2147483647, 'custom')),
    bool_and(opigno.drop_extended_profile_field(repeat('x', 244)));
\echo -- behind the last possible position
SELECT field_position FROM opigno.configure_extended_profile_field('last', 2147483647);
SELECT field_position FROM opigno.configure_extended_profile_field('too late');
SELECT visibility FROM opigno.configure_extended_profile_field('too late', visibility => 'shared');
SELECT count(opigno.drop_extended_profile_field(name)) FROM unnest(ARRAY['last', 'too late']) AS name;
SELECT field_name, placement FROM opigno.configure_extended_profile_field('username');
SELECT opigno.drop_extended_profile_field('username');
SELECT count(opigno.configure_extended_profile_field(repeat('x', 255))),
    bool_and(opigno.drop_extended_profile_field(repeat('x', 255)));

\echo -- any JSON value; what is not named is left alone; objects merge, or are replaced with all that is in them
SELECT value,
    test.account(opigno.patch_account('learner',
    json_build_object('extended_profile',
    json_build_array(json_build_object('field_name', field, 'field_value', value::json)))))
FROM (VALUES (1, 'occupation', '"farmer"'), (2, 'occupation', '1.10'), (3, 'occupation', '12345678901234567890'),
    (4, 'occupation', 'true'), (5, 'occupation', '[1, null, {"a": null}]'), (6, 'occupation', '""'),
    (7, 'occupation', '{"a": {"b": 1, "c": 2}, "gone": null}'), (8, 'occupation', '{"a": {"c": null, "d": []}}'),
    (9, 'degree', '{"a": {"b": 1, "c": null}}'), (10, 'degree', '{"a": {"d": null}}'), (11, 'degree', '{}'))
    AS v (n, field, value) ORDER BY n;
\echo -- several at once, of one name the last, and fields that are not configured
SELECT test.account(opigno.patch_account('learner',
    '{"extended_profile": [{"field_name": "degree", "field_value": 1}, {"field_name": "hidden", "field_value": {"x": '
    '1}}, {"field_name": "degree", "field_value": 2}, {"field_value": 3, "field_name": "degree"}], "bio": "I was '
    'here"}'));
SELECT extended_profile FROM opigno.account WHERE user_uuid = 'learner';
SELECT test.account(opigno.patch_account('learner',
    '{"bio": null, "extended_profile": [{"field_name": "hidden", "field_value": null}, {"field_name": "never there", '
    '"field_value": null}]}'));

\echo -- the display name: of the user context, trimmed
SELECT test.account(opigno.patch_account('learner', '{"name": "\t Grace Hopper \n"}'));
SELECT display_name FROM opigno.get_user_context('learner');

\echo -- what changes nothing writes nothing, also for a user of whom nothing is stored
SELECT xmin AS xmin_before, ctid AS ctid_before FROM opigno.account WHERE user_uuid = 'learner' \gset
SELECT count(*) AS audited_before FROM opigno.audit \gset
BEGIN;
SELECT count(opigno.patch_account('learner', patch::json))
FROM unnest(ARRAY['{}', '{"name": "Grace Hopper"}', '{"extended_profile": []}',
    '{"extended_profile": [{"field_name": "degree", "field_value": 3}, {"field_name": "no", "field_value": null}]}',
    '{"bio": null, "account_privacy": null}']) AS patch;
SELECT test.account(opigno.patch_account('other',
    '{"bio": null, "extended_profile": [{"field_name": "no", "field_value": null}]}'));
SELECT pg_current_xact_id_if_assigned() IS NULL AS nothing_was_written;
COMMIT;
SELECT xmin = :'xmin_before' AND ctid = :'ctid_before' AS is_the_same_row FROM opigno.account
WHERE user_uuid = 'learner';
SELECT count(*) = :audited_before AS nothing_was_audited FROM opigno.audit;

\echo -- expected versions; -1: any; 0, which no account has, since it exists with its user
SELECT opigno.get_account('other') ->> 'version' AS first \gset
SELECT test.account(opigno.patch_account('other', '{"bio": "first"}', :first));
SELECT test.account(opigno.patch_account('other', '{"bio": "second"}', :first + 1));
SELECT test.account(opigno.patch_account('other', '{"bio": "second"}', -1));
SELECT call, test.refusal(format('SELECT opigno.' || call, :first)) FROM unnest(ARRAY[
    $$patch_account('other', '{"bio": "third"}', %s)$$, $$patch_account('other', '{"bio": "third"}', 1)$$,
    $$patch_account('other', '{"bio": "third", "name": "Third"}', 0)$$, $$patch_account('other', '{}', 9)$$,
    $$patch_account('asleep', '{"bio": "third"}', 1)$$, $$patch_account('asleep', '{}', 0)$$,
    $$patch_account('unknown', '{}', -1)$$, $$patch_account('other', '{}', -2)$$]) AS call;
SELECT test.account(opigno.get_account('other'));

\echo -- refusals: every fault at once, and nothing is written
SELECT test.digest() AS digest_before \gset
SELECT f.*
FROM test.field_errors(opigno.patch_account('learner',
    '{"username": "x", "is_active": false, "date_joined": null, "id": "0", "scope": [], "version": 1, "preferences": '
    '{"x": "1"}, "unknown": 1, "occupation": "a field of the list", "a/b~c": 2,
    "name": "", "account_privacy": "secret", "bio": "would be fine",
    "extended_profile": ["string", {}, {"field_name": "fine", "field_value": 1}, {"field_name": 1, "field_value": 1}, '
    '{"field_name": null, "field_value": 1}, {"field_name": "", "field_value": 1},
        {"field_name": "old_names", "field_value": 1}, {"field_name": "old_emails", "field_value": null}, '
        '{"field_name": "session_id", "field_value": 1}, {"field_name": "bio", "field_value": 1},
        {"field_name": "fine", "field_value": 1, "field/kind": 2}, {"field_name": "fine"}, null, [1]]}')) AS f;
SELECT name, f.*
FROM unnest(ARRAY['null', '1', '{}', '"   "', to_jsonb(repeat('x', 256))::text, '"a<b"', '"a>b"',
    '"https://x"']) WITH ORDINALITY AS n (name, at),
    LATERAL test.field_errors(opigno.patch_account('learner', ('{"name": ' || name || '}')::json)) AS f ORDER BY at;
SELECT list, f.* FROM unnest(ARRAY['null', '1', '{}', '"list"', 'true']) WITH ORDINALITY AS n (list, at),
    LATERAL test.field_errors(opigno.patch_account('learner', ('{"extended_profile": ' || list || '}')::json)) AS f
    ORDER BY at;
SELECT patch, f.* FROM unnest(ARRAY['[]', '"text"', '1', 'null', 'true']) WITH ORDINALITY AS n (patch, at),
    LATERAL test.field_errors(opigno.patch_account('learner', patch::json)) AS f ORDER BY at;
SELECT f.field, length(developer_message)
FROM test.field_errors(opigno.patch_account('learner',
    json_build_object('extended_profile',
    json_build_array(json_build_object('field_name', repeat('x', 256), 'field_value', 1))))) AS f;
SELECT f.field = repeat('long', 1000) AS whole_name, length(developer_message)
FROM test.field_errors(opigno.patch_account('learner', json_build_object(repeat('long', 1000), 1))) AS f;
SELECT call, test.refusal('SELECT opigno.' || call) FROM unnest(ARRAY[
    $$patch_account(NULL, NULL, -2)$$, $$patch_account('learner', NULL)$$, $$patch_account('', '{}')$$,
    $$patch_account('unknown', '{}')$$, $$patch_account('unknown', '{"foo": 1}')$$,
    $$patch_account('learner', (repeat('{"a":', 100000) || '1' || repeat('}', 100000))::json)$$,
    $$get_account('learner', 'everything')$$, $$get_accounts('{learner}', '')$$]) AS call;
SELECT opigno.patch_account('learner', '{"bio": "\u0000"}');
SELECT test.digest() = :'digest_before' AS nothing_changed;

\echo -- reading: by any letter case, lists in their order, and what does not exist
SELECT test.account(opigno.get_account('17ADB4C1-eb29-44bf-9d9a-5f8d056e58ee'));
SELECT user_uuid, test.account(account)
FROM opigno.get_accounts('{other,unknown,17ADB4C1-EB29-44BF-9D9A-5F8D056E58EE,NULL,learner}', 'own');
SELECT opigno.get_account('unknown') IS NULL AND opigno.get_account(NULL) IS NULL AS no_account,
    (SELECT count(*) FROM opigno.get_accounts(NULL)) + (SELECT count(*) FROM opigno.get_accounts('{}')) AS rows;

\echo -- in a parallel query: the leader reads
CREATE TABLE test.many AS SELECT 'learner' AS uuid, n FROM generate_series(1, 20000) AS n;
ALTER TABLE test.many SET (parallel_workers = 2);
ANALYZE test.many;
BEGIN;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
\set read 'CREATE TABLE test.read AS SELECT opigno.get_account(uuid)::text AS account, opigno.get_preferences(uuid)::text AS preferences, (SELECT count(*) FROM opigno.get_accounts(ARRAY[uuid])) AS listed FROM test.many WHERE n % 5000 = 0'
SELECT count(*) AS parallel_lines FROM test.plan(:'read') AS line WHERE line ~ 'Gather|Parallel';
:read;
SELECT count(*), count(DISTINCT account) AS accounts, min(account) = opigno.get_account('learner')::text AS same,
    min(preferences) AS preferences, sum(listed) AS listed FROM test.read;
COMMIT;
DROP TABLE test.many, test.read;

\echo -- a list of patches: counts, every fault by ordinal, dry runs
SELECT opigno.patch_accounts('[{"username": "other", "bio": "one"}, {"username": "learner", "name": "Grace Hopper"}]',
    dry_run => true);
SELECT opigno.patch_accounts('[{"username": "other", "bio": "one"}, {"username": "learner", "name": "Grace Hopper"}]');
SELECT opigno.patch_accounts('[{"username": "other", "bio": "one"}, {"username": "learner", "name": "Grace Hopper"}]');
SELECT opigno.patch_accounts('[{"username": "other", "bio": "two"}, {"username": "unknown", "bio": 1}, {"bio": 1}, 7, '
    '{"username": 1}, {"username": "OTHER2", "x": 1}, {"username": "other", "bio": 3}, {"username": "asleep", "foo": '
    '1, "is_active": true, "extended_profile": [{"field_name": "a"}]}]');
SELECT opigno.patch_accounts('[{"username": "other", "bio": "two"}, {"username": "unknown", "bio": 1}]', 'report',
    true);
SELECT opigno.patch_accounts('[{"username": "other", "bio": "two"}, {"username": "unknown", "bio": 1}, {"username": '
    '"asleep", "account_privacy": "custom"}]', 'report');
SELECT opigno.patch_accounts('{}'), opigno.patch_accounts('[]');
\echo -- the same body as lines and under "accounts"; entries that repeat a user; max_errors; what is no list
SELECT opigno.patch_accounts(E'{"username": "other", "bio": "two"}\n\n{"username": "asleep", "bio": {}}\n',
    dry_run => true);
SELECT opigno.patch_accounts('{"accounts": [{"username": "other", "bio": "two"}, {"username": "other", "bio": '
    '"two"}]}');
SELECT opigno.patch_accounts('[{"username": "other", "bio": 1}, {"username": "other", "bio": 2}, 7, {]',
    max_errors => 1);
SELECT opigno.patch_accounts('[{"username": "other", "bio": 1}');
SELECT call, test.refusal('SELECT opigno.' || call)
FROM unnest(ARRAY[$$patch_accounts(NULL)$$, $$patch_accounts('[]', 'ignore')$$, $$patch_accounts('[')$$]) AS call;
SELECT user_uuid, test.account(account) FROM opigno.get_accounts('{other,asleep}');

\echo -- the trail: names of what was given, no values
SELECT action, outcome, user_uuid, last_user_uuid, row_count, test.nth(version) AS version, subject
FROM opigno.audit
WHERE action LIKE '%account%' OR action LIKE '%field%' ORDER BY id;

\echo -- direct writes of the owner: constraints only
SELECT test.refusal($$INSERT INTO opigno.account VALUES ('unknown', '{}', 1, now(), now())$$) LIMIT 1;
SELECT test.refusal($$UPDATE opigno.account SET extended_profile = '[1, 2, 3]'$$) LIMIT 1;
SELECT test.refusal($$DELETE FROM opigno.user_context WHERE uuid = 'other'$$) LIMIT 1;
SELECT test.refusal($$INSERT INTO opigno.extended_profile_field VALUES ('x', 1, 'public', 'deep', 'account', 'user',
    'text', now(), now())$$) LIMIT 1;
\echo -- a trigger of the site that suppresses what is written is told, not looped over
CREATE TRIGGER suppress BEFORE INSERT OR UPDATE OR DELETE ON opigno.account FOR EACH ROW
    EXECUTE FUNCTION test.suppress();
SELECT test.refusal($$SELECT opigno.patch_account('learner', '{"bio": "x"}')$$);
SELECT test.refusal($$SELECT opigno.patch_account('17adb4c1-eb29-44bf-9d9a-5f8d056e58ee', '{"bio": "x"}')$$);
DROP TRIGGER suppress ON opigno.account;

DELETE FROM opigno.account;
DELETE FROM opigno.preference;
DELETE FROM opigno.extended_profile_field;
DELETE FROM opigno.user_context;
DELETE FROM opigno.audit;

\echo -- an answer lists the first 100 faults: a request may have millions
BEGIN;
SELECT uuid FROM opigno.set_user_context('faulty', 'Faulty', true);
SELECT count(*)
FROM json_object_keys(opigno.patch_account('faulty',
    json_build_object('extended_profile', (SELECT json_agg(1) FROM generate_series(1, 1000)))) -> 'field_errors');
SELECT count(*)
FROM json_object_keys(opigno.patch_account('faulty',
    (SELECT json_object_agg('m' || n, n) FROM generate_series(1, 1000) AS n)) -> 'field_errors');
SELECT count(*)
FROM json_object_keys(opigno.patch_account('faulty',
    json_build_object('extended_profile',
    json_build_array((SELECT json_object_agg('m' || n, n) FROM generate_series(1, 1000) AS n)))) -> 'field_errors');
SELECT count(*)
FROM json_object_keys(opigno.patch_preferences('faulty',
    (SELECT json_object_agg('m ' || n, n) FROM generate_series(1, 1000) AS n)) -> 'field_errors');
SELECT json_array_length(opigno.set_user_context_json(json_build_object('uuid', 'faulty', 'scope',
    (SELECT json_agg(1) FROM generate_series(1, 1000)))) -> 'errors');
SELECT json_array_length(opigno.set_user_context_json((SELECT jsonb_object_agg('m' || n, n) || '{"uuid": "faulty"}'
    FROM generate_series(1, 1000) AS n)::json) -> 'errors');
SELECT opigno.validate_scope(array_fill('NONE'::text, '{1000}'));
ROLLBACK;
\echo -- deletions make room for what the same patch sets
BEGIN;
SELECT uuid FROM opigno.set_user_context('full', 'Full', true);
INSERT INTO opigno.preference SELECT 'full', 'z' || n, 'v', now(), now() FROM generate_series(1, 3000) AS n;
SELECT count(*)
FROM json_object_keys(opigno.patch_preferences('full',
    ((SELECT jsonb_object_agg('a' || n, 'v')
        FROM generate_series(1, 1001) AS n) || (SELECT jsonb_object_agg('z' || n, null)
        FROM generate_series(1, 2900) AS n))::json));
ROLLBACK;
DELETE FROM opigno.site_scope;
