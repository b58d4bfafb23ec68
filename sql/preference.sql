-- Preferences by an operator: what may be stored, and every kind of bad input.
SELECT count(opigno.set_user_context(uuid, 'Name of ' || uuid, uuid <> 'asleep', CASE WHEN uuid <> 'anonymous'
    THEN 'AUTHENTICATED' END)) FROM unnest(ARRAY['learner', 'other', 'asleep', 'anonymous']) AS uuid;

\echo -- null deletes, a string stays as it is, anything else is stored as its JSON
SELECT opigno.get_preferences('learner'), opigno.get_preferences('unknown') IS NULL AS unknown;
SELECT opigno.patch_preferences('learner',
    '{"time_zone": "Asia/Tokyo", "pref-lang": "eo", "a.b_c-D9": " kept as it is ", "number": 10.50, "truth": true, '
    '"list": [1, "a"], "object": {"int_key": 10}, "absent": null, "account_privacy": "custom"}');
SELECT opigno.patch_preferences('learner',
    '{"number": null, "truth": null, "list": null, "object": null, "pref-lang": "en", "new": "n"}');
SELECT key, value FROM opigno.preference WHERE user_uuid = 'learner' ORDER BY key;
SELECT opigno.get_preference('learner', 'pref-lang'), opigno.get_preference('learner', 'absent') IS NULL
    AND opigno.get_preference('unknown', 'new') IS NULL AND opigno.get_preference(NULL, 'new') IS NULL
    AND opigno.get_preference('learner', NULL) IS NULL AS absent;

\echo -- one at a time
SELECT opigno.set_preference('learner', 'theme', v) FROM unnest(ARRAY['dark', 'dark', 'light']) AS v;
SELECT opigno.delete_preference('learner', 'theme'), opigno.delete_preference('learner', 'theme'),
    opigno.delete_preference('learner', 'not even a key');
SELECT opigno.set_preference('learner', repeat('k', 255), 'longest key'),
    opigno.delete_preference('learner', repeat('k', 255));

\echo -- at most 65536 bytes each, and 1000 a user
SELECT opigno.set_preference('learner', 'long', repeat('x', 65536)), opigno.delete_preference('learner', 'long');
SELECT test.refusal($$SELECT opigno.set_preference('learner', 'long', repeat('x', 65537))$$);
SELECT field, length(developer_message)
FROM test.field_errors(opigno.patch_preferences('learner', json_build_object('long', repeat('x', 65537))));
SELECT test.refusal($$SELECT opigno.patch_preferences('learner', (SELECT json_object_agg('p' || n, n)
    FROM generate_series(1, 1000) AS n))$$);
SELECT count(*) FROM opigno.preference WHERE user_uuid = 'learner';
SELECT count(*) FROM json_object_keys(opigno.patch_preferences('learner',
    (SELECT json_object_agg('p' || n, n) FROM generate_series(1, 995) AS n)));
SELECT opigno.patch_preferences('learner',
    '{"a-first": "created before the last is taken away", "p995": null}') IS NOT NULL AS as_many,
    opigno.patch_preferences('learner', '{"a-first": null, "p995": 995}') IS NOT NULL AS as_before;
SELECT test.refusal($$SELECT opigno.set_preference('learner', 'one too many', 'x')$$),
    test.refusal($$SELECT opigno.set_preference('learner', 'one-too-many', 'x')$$);
SELECT count(*) FROM json_object_keys(opigno.patch_preferences('learner',
    (SELECT json_object_agg('p' || n, NULL) FROM generate_series(1, 995) AS n)));

\echo -- and 1 MB of keys and values, of everybody; what makes them fewer is taken
SELECT count(*), sum(octet_length(value))
FROM json_each_text(opigno.patch_preferences('other',
    (SELECT json_object_agg(to_char(n, 'FM"p"00'), repeat('x', 65536)) FROM generate_series(1, 15) AS n)));
SELECT test.refusal($$SELECT opigno.set_preference('other', 'last', repeat('x', 65488))$$);
SELECT opigno.set_preference('other', 'last', repeat('x', 65487));
SELECT call, test.refusal('SELECT opigno.' || call)
FROM unnest(ARRAY[$$set_preference('other', 'last', repeat('y', 65488))$$, $$set_preference('other', 'x', 'y')$$,
    $$patch_account('other', '{"account_privacy": "custom"}')$$]) AS call;
BEGIN;
SELECT opigno.patch_accounts('[{"username": "other", "account_privacy": "custom", "name": "Left"},
    {"username": "learner", "name": "Written"}]', 'report');
SELECT uuid, display_name FROM opigno.user_context WHERE uuid IN ('other', 'learner') ORDER BY uuid;
ROLLBACK;
SELECT sum(octet_length(key) + octet_length(value)) AS all_there_may_be FROM opigno.preference
WHERE user_uuid = 'other';
SELECT opigno.set_preference('other', 'last', repeat('y', 65487)),
    opigno.patch_preferences('other', '{"a": "added before the other is taken away", "p15": null}') IS NOT NULL AS less,
    opigno.patch_preferences('other', (SELECT json_object_agg(key, NULL) FROM opigno.preference
    WHERE user_uuid = 'other'));
\echo -- more than that, written by hand: it fails alone, shows as null in accounts, and can be taken away
SELECT opigno.set_preference('other', 'account_privacy', 'all_users');
INSERT INTO opigno.preference SELECT 'other', 'hand' || n, repeat(chr(97 + n), 65535), now(), now()
FROM generate_series(1, 20) AS n;
SELECT call, test.refusal('SELECT opigno.' || call)
FROM unnest(ARRAY[$$get_preferences('other')$$, $$set_preference('other', 'hand1', repeat('y', 65536))$$,
    $$set_preference('other', 'new', 'n')$$]) AS call;
SELECT user_uuid, account -> 'account_privacy' AS privacy, account ->> 'preferences' AS preferences
FROM opigno.get_accounts('{learner,other}') ORDER BY 1 DESC;
SELECT opigno.get_account('other', 'own') ->> 'preferences' AS own,
    opigno.get_account('other', 'shared') ->> 'account_privacy' AS shared,
    octet_length(opigno.get_preference('other', 'hand1')) AS one;
SELECT opigno.set_preference('other', 'hand1', 'shorter'), opigno.delete_preference('other', 'hand2'),
    opigno.patch_preferences('other', '{"hand3": null, "hand4": "shorter", "new": "n"}') AS still_too_many;
SELECT count(*) FROM json_object_keys(opigno.patch_preferences('other', '{"hand5": null, "hand6": "shorter"}'));
INSERT INTO opigno.preference SELECT 'other', 'more' || n, 'x', now(), now() FROM generate_series(1, 1200) AS n;
SELECT count(*) FROM json_object_keys(opigno.get_preferences('other'));
SELECT test.refusal($$SELECT opigno.set_preference('other', 'one-more', 'x')$$);
SELECT opigno.set_preference('other', 'more1', 'a longer one'),
    opigno.patch_preferences('other', '{"more2": null, "more3": null, "one-more": "x"}') IS NOT NULL AS fewer;
DELETE FROM opigno.preference WHERE user_uuid = 'other';

\echo -- time zones: names the server knows, in their own spelling
-- A name that is a rule as well; newer systems have it only with the package tzdata-legacy.
SELECT ((opigno.patch_preferences('learner', '{"time_zone": "EST5EDT"}') -> 'field_errors') IS NULL) = EXISTS (SELECT
    FROM pg_timezone_names WHERE name = 'EST5EDT') AS as_the_server_has_it;
SELECT zone, (opigno.patch_preferences('learner', json_build_object('time_zone', zone)) -> 'field_errors') IS NULL AS
    taken
FROM unnest(ARRAY['Europe/Berlin', 'UTC', 'GMT', 'Etc/GMT+5', 'America/Argentina/Buenos_Aires', 'asia/tokyo',
    'Asia/Atlantis', 'XYZ3', 'FOO5BAR', '<+03>-3', 'CET-1CEST', '../etc/passwd', '+02', '2', 'localtime ',
    'Asia/Tokyo']) AS zone;
-- All names of IANA, and no other file of the server. Which of them there are depends on the system.
SELECT is_iana, count(*) > 0 AS are_there, bool_and(refused <> is_iana) AS as_they_should
FROM (SELECT name !~ '^(posix|right|SystemV)/' AND name NOT IN ('Factory', 'localtime', 'posixrules') AS is_iana,
        opigno.patch_preferences('other', json_build_object('time_zone', name)) -> 'field_errors' IS NOT NULL
            AS refused
    FROM pg_timezone_names) AS z GROUP BY is_iana ORDER BY is_iana;
-- One that is stored already stays readable.
UPDATE opigno.preference SET value = 'posix/Asia/Tokyo' WHERE user_uuid = 'other' AND key = 'time_zone';
SELECT opigno.get_preferences('other') ->> 'time_zone' AS time_zone,
    opigno.patch_preferences('other', '{"theme": "dark"}') ->> 'time_zone' AS after_a_patch;
DELETE FROM opigno.preference WHERE user_uuid = 'other' AND key = 'theme';

\echo -- what changes nothing writes nothing
BEGIN;
SELECT opigno.patch_preferences('learner', '{"pref-lang": "en", "new": "n", "absent": null}'),
    opigno.set_preference('learner', 'new', 'n');
SELECT pg_current_xact_id_if_assigned() IS NULL AS nothing_was_written;
COMMIT;

\echo -- refusals: every fault at once, and nothing is written
SELECT test.digest() AS digest_before \gset
SELECT f.* FROM test.field_errors(opigno.patch_preferences('learner',
    '{"good": "value", "new": null, "empty": "", "blank": " \t\n", "": "x", "a b": 1, "semi;colon": {"a": 1}, '
    '"time_zone": "Mars/Olympus", "account_privacy": "public"}')) AS f;
SELECT f.field = repeat('k', 256) AS field, length(developer_message),
    user_message = format('Invalid user preference key ''%s''.', repeat('k', 255)) AS clipped
    FROM test.field_errors(opigno.patch_preferences('learner', json_build_object(repeat('k', 256), 'v'))) AS f;
SELECT length(developer_message)
FROM test.field_errors(opigno.patch_preferences('learner', json_build_object('a b', repeat('v', 100000))));
SELECT patch, f.* FROM unnest(ARRAY['{}', '[]', '"text"', '1', 'null']) WITH ORDINALITY AS p (patch, n),
    LATERAL test.field_errors(opigno.patch_preferences('learner', patch::json)) AS f ORDER BY n;
SELECT call, test.refusal('SELECT opigno.' || call) FROM unnest(ARRAY[
    $$patch_preferences(NULL, NULL)$$, $$patch_preferences('unknown', '{"a": "b"}')$$,
    $$set_preference('', NULL, NULL)$$, $$set_preference('unknown', 'a', 'b')$$,
    $$set_preference('learner', 'a', E' \n')$$,
    $$set_preference('learner', 'a b', 'c')$$, $$set_preference('learner', repeat('k', 256), 'c')$$,
    $$set_preference('learner', '', 'c')$$, $$set_preference('learner', 'time_zone', 'XYZ3')$$,
    $$set_preference('learner', 'account_privacy', 'secret')$$, $$delete_preference('learner', NULL)$$,
    $$delete_preference('unknown', 'a')$$]) AS call;
SELECT test.digest() = :'digest_before' AS nothing_changed;
\echo -- the trail: keys, no values
SELECT action, outcome, user_uuid, subject FROM opigno.audit WHERE action LIKE '%preference%'
    AND subject NOT LIKE '%kkk%' AND subject NOT LIKE 'p%p%p%' AND subject NOT IN ('time_zone', 'long') ORDER BY id;
SELECT test.refusal($$INSERT INTO opigno.preference VALUES ('learner', 'a b', 'x', now(), now())$$) LIMIT 1;

DELETE FROM opigno.preference;
DELETE FROM opigno.user_context;
DELETE FROM opigno.audit;
