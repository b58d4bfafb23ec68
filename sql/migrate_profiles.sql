-- Stored profiles and schemas: validate, migrate, and explain what a patch would do.
SELECT count(opigno.set_user_context(uuid, uuid, true)) FROM unnest('{ada,bob,eve,zoe}'::text[]) AS uuid;
SELECT count(opigno.register_app('App ' || n, app_id => n)) FROM generate_series(1, 3) AS n;
SELECT count(opigno.upsert_profile(uuid, 1, data::jsonb)) FROM (VALUES ('ada', '{"language": "en", "points": 10}'),
    ('bob', '{"language": "German", "points": -5, "tags": ["a", "long"]}'), ('eve', '{"language": "fr", "beta": true}'),
    ('zoe', '7')) AS p (uuid, data);
\pset format unaligned
\pset tuples_only on
SELECT '{"type": "object", "properties": {"language": {"maxLength": 2}, "points": {"minimum": 0},
    "level": {"default": 1}, "tags": {"items": {"maxLength": 2}}}, "required": ["level"],
    "additionalProperties": false}' AS schema \gset
SELECT '{"type": "object", "properties": {"language": {"maxLength": 2}, "points": {"minimum": 0},
    "level": {"default": 1}, "tags": {"items": {"maxLength": 2}}, "beta": true}, "required": ["level"],
    "additionalProperties": false}' AS looser \gset

\echo -- validate by a given schema; its defaults; the number of errors
SELECT jsonb_pretty(opigno.validate_profiles(1, :'schema', apply_defaults => true)::jsonb);
SELECT v -> 'errors', v -> 'failed' FROM opigno.validate_profiles(1, :'schema', max_errors => 1) AS v;
SELECT v -> 'errors', v -> 'failed', json_array_length(v -> 'faults')
FROM opigno.validate_profiles(1, :'schema', 0) AS v;
SELECT opigno.validate_profiles(3, 'false');
SELECT opigno.validate_profiles(1, 'false', 1);
\echo -- by the stored one: that of mode warn first
SELECT opigno.validate_profiles(1);
SELECT opigno.set_profile_schema(1, 'true');
SELECT v -> 'version', v -> 'failed' FROM opigno.validate_profiles(1) AS v;
SELECT opigno.set_profile_schema(1, :'schema', 'warn', apply_defaults => true);
SELECT v -> 'version', v -> 'failed' FROM opigno.validate_profiles(1) AS v;
SELECT opigno.drop_profile_schema(1);
\echo -- bad arguments
SELECT opigno.validate_profiles(NULL, '{"type": 1, "minLength": -1}', -1);
SELECT opigno.validate_profiles(99, 'true');
SELECT opigno.validate_profiles(1, '{"$ref": "http://other.example/schema"}');
SELECT opigno.validate_profiles(1, '{"readOnly": true}');

\echo -- migrate, one profile a batch; what is refused stays
SELECT opigno.set_profile_schema(1, :'looser', apply_defaults => true);
CALL opigno.migrate_profiles(1, '{"beta": null, "points": null}', 1);
SELECT user_uuid, profile_data FROM opigno.list_profiles(1);
CALL opigno.migrate_profiles(1, '{"beta": null, "points": null}');
SELECT count(*) FROM opigno.profile_migration;
SELECT action, outcome, row_count, user_uuid, last_user_uuid FROM opigno.audit WHERE action LIKE 'migrate%' ORDER BY id;
\echo -- an interrupted migration
SELECT received, merged, is_complete FROM opigno.migrate_profile_batch(1, '{"points": 1}', 1, false, false);
SELECT app_id, patch, after_uuid, updated_at >= started_at FROM opigno.profile_migration;
CALL opigno.migrate_profiles(1, '{"points": 2}');
CALL opigno.migrate_profiles(1, '{"points": 1}');
SELECT received FROM opigno.migrate_profile_batch(1, '{"points": 1}', 1, false, false);
CALL opigno.migrate_profiles(1, '{"points": 2}', restart => true);
CALL opigno.migrate_profiles(3, '{"points": 2}');
\echo -- bad arguments
CALL opigno.migrate_profiles(NULL, '[]', 0);
CALL opigno.migrate_profiles(99, '{}');
BEGIN;
CALL opigno.migrate_profiles(1, '{}');
ROLLBACK;

\echo -- explain a patch: outcome, document, difference, errors
SELECT opigno.explain_patch('ada', 1, patch) FROM (VALUES (1, '{"points": 3, "tags": ["b"]}'::jsonb),
    (2, '{"points": 2}'), (3, '{"points": -1, "x": 1}'), (4, '[1]'), (5, '{"level": null}')) AS p (n, patch) ORDER BY n;
SELECT opigno.explain_patch('zoe', 2, '{"a": {"b": null}}');
SELECT opigno.explain_patch('nobody', 99, '{}');
SELECT opigno.explain_patch('eve', 1, 'null');
SELECT opigno.explain_patch(NULL, NULL, NULL);
SELECT opigno.explain_patch('', 1, '{}');
BEGIN READ ONLY;
SELECT opigno.explain_patch('eve', 1, '{"points": 9}') ->> 'outcome';
ROLLBACK;
\echo -- nothing was written
SELECT user_uuid, profile_data FROM opigno.list_profiles(1);
SELECT count(*) FROM opigno.audit WHERE action = 'explain_patch';
\echo -- in a request: rights, and only what it sees
SELECT opigno.set_profile_schema(1, '{"properties": {"points": {"readOnly": true}, "tags": {"writeOnly": true}}}');
CREATE ROLE regress_opigno_explainer;
SELECT opigno.grant_access('regress_opigno_explainer', 'user');
BEGIN;
SELECT opigno.test_request('ada', app_id => 1);
SET LOCAL ROLE regress_opigno_explainer;
SELECT opigno.explain_patch('ada', 1, '{"points": 5, "language": "sl"}');
SELECT opigno.explain_patch('ada', 1, '{"tags": ["c"], "language": "sl"}');
SELECT opigno.explain_patch('bob', 1, '{"language": "sl"}');
SELECT opigno.explain_patch('ada', 2, '{"language": "sl"}');
ROLLBACK;

\pset format aligned
\pset tuples_only off
SELECT opigno.drop_profile_schema(1);
DELETE FROM opigno.profile;
DELETE FROM opigno.app_schema;
DELETE FROM opigno.app;
DELETE FROM opigno.user_context;
DELETE FROM opigno.audit;
SELECT opigno.revoke_access('regress_opigno_explainer');
DROP OWNED BY regress_opigno_explainer;
DROP ROLE regress_opigno_explainer;
