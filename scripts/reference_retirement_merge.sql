-- # Merging, purging and exporting users
-- What becomes of anonymous users, and all that is known about one user. docs/guide/merging.md describes it.

-- ## merge_user_contexts
SELECT FROM opigno.report_progress('anon-7f3a', 'algebra', 'passed', 100, 90, '2026-01-31 12:00Z');
SELECT into_uuid, profiles, trainings, outcome FROM opigno.merge_user_contexts('anon-7f3a', 'john', 'merge');
SELECT training_id, status, progress, score FROM opigno.get_progress('john');

-- ## purge_anonymous_user_contexts
SELECT opigno.purge_anonymous_user_contexts(now() - interval '90 days');

-- ## purge_anonymous_user_contexts_in_batches
-- no transaction
CALL opigno.purge_anonymous_user_contexts_in_batches(now() - interval '90 days');

-- ## purge_anonymous_user_context_batch
SELECT deleted, last_uuid FROM opigno.purge_anonymous_user_context_batch('2000-01-01', 1000, NULL, NULL);

-- ## export_user
SELECT member, length(content::text) > 2 AS has_content
FROM json_each(opigno.export_user('ada')) AS e (member, content);

-- ## move_progress
SELECT opigno.move_progress('ada', 'john', 'merge');

-- ## move_user_entities
SELECT opigno.move_user_entities('ada', 'john');

-- ## purge_user_entities
SELECT opigno.purge_user_entities('{ada}');
