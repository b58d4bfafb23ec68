-- Scopes: built-in ones, the site's own, what is implied, what is refused.
\pset null '(null)'
BEGIN;
\set ON_ERROR_ROLLBACK on

SELECT * FROM opigno.scopes();

SELECT * FROM opigno.register_scope('MENTOR', '{AUTHENTICATED}', 'guides learners');
SELECT * FROM opigno.register_scope('HEAD_MENTOR', '{MENTOR}');
SELECT * FROM opigno.register_scope('_guest2');
SELECT * FROM opigno.scopes();

-- Again: what is given changes, the rest stays.
SELECT * FROM opigno.register_scope('HEAD_MENTOR', description => 'guides mentors');
SELECT * FROM opigno.register_scope('HEAD_MENTOR', '{MENTOR,_guest2}');
SELECT * FROM opigno.register_scope('HEAD_MENTOR', '{MENTOR}', '');

SELECT test.digest() AS digest_before \gset

-- Names.
SELECT name, test.refusal(format('SELECT opigno.register_scope(%L)', name))
FROM (VALUES (NULL), (''), ('2FAST'), ('NO-HYPHEN'), ('NO SPACE'), ('__introspection'), ('true'), ('false'), ('null'),
    ('AUTHENTICATED'), ('ADMINISTRATOR'), ('ANONYMOUS'), (repeat('X', 64))) AS v (name);
SELECT test.refusal($$INSERT INTO opigno.site_scope VALUES ('AUTHENTICATED', '{}', NULL, now(), now())$$) LIMIT 1;
SELECT test.refusal($$INSERT INTO opigno.site_scope VALUES ('__x', '{}', NULL, now(), now())$$) LIMIT 1;

-- What is implied.
SELECT test.refusal($$SELECT opigno.register_scope('COACH', '{COACH}')$$);
SELECT test.refusal($$SELECT opigno.register_scope('MENTOR', '{HEAD_MENTOR}')$$);
SELECT test.refusal($$SELECT opigno.register_scope('COACH', '{NOBODY}')$$);
SELECT test.refusal($$SELECT opigno.register_scope('COACH', '{MENTOR,MENTOR}')$$);
SELECT test.refusal($$SELECT opigno.register_scope('COACH', '{MENTOR,NULL}')$$);
SELECT test.refusal($$SELECT opigno.register_scope('COACH', '{ANONYMOUS,MENTOR}')$$);
SELECT test.digest() = :'digest_before' AS nothing_changed;

-- validate_scope
SELECT opigno.validate_scope('{AUTHENTICATED,MENTOR}'), opigno.validate_scope('{ANONYMOUS}'),
    opigno.validate_scope('{}');
SELECT test.refusal($$SELECT opigno.validate_scope('{AUTHENTICATED,WIZARD}')$$);
SELECT test.refusal($$SELECT opigno.validate_scope('{authenticated,WIZARD,MENTOR,MENTOR}')$$);
SELECT test.refusal($$SELECT opigno.validate_scope('{AUTHENTICATED,AUTHENTICATED}')$$);
SELECT test.refusal($$SELECT opigno.validate_scope('{AUTHENTICATED,ANONYMOUS}')$$);
SELECT test.refusal($$SELECT opigno.validate_scope('{AUTHENTICATED,NULL}')$$);
SELECT test.refusal($$SELECT opigno.validate_scope('{""}')$$);
SELECT test.refusal($$SELECT opigno.validate_scope('{{AUTHENTICATED},{MENTOR}}')$$);
SELECT test.refusal($$SELECT opigno.validate_scope(NULL)$$);
SELECT test.refusal(format('SELECT opigno.validate_scope(ARRAY[%L])', repeat('Z', 100000)));

-- has_scope
SELECT FROM opigno.set_user_context('admin', 'Admin', true, 'ADMINISTRATOR');
SELECT FROM opigno.set_user_context('head', 'Head', true, 'HEAD_MENTOR');
SELECT FROM opigno.set_user_context('learner', 'Learner', true, 'AUTHENTICATED');
SELECT FROM opigno.set_user_context('nobody', 'Nobody', true);
SELECT FROM opigno.set_user_context('gone', 'Gone', false, 'ADMINISTRATOR');
SELECT FROM opigno.set_user_context('gone-nobody', 'Gone', false);
SELECT uuid, opigno.has_scope(uuid, 'AUTHENTICATED') AS authenticated,
    opigno.has_scope(uuid, 'ADMINISTRATOR') AS administrator,
    opigno.has_scope(uuid, 'MENTOR') AS mentor, opigno.has_scope(uuid, 'HEAD_MENTOR') AS head_mentor,
    opigno.has_scope(uuid, 'ANONYMOUS') AS anonymous
FROM (VALUES ('admin'), ('head'), ('learner'), ('nobody'), ('gone'), ('gone-nobody'), ('unknown'), (''),
    (NULL)) AS v (uuid);
SELECT test.refusal($$SELECT opigno.has_scope('admin', 'WIZARD')$$);
SELECT test.refusal($$SELECT opigno.has_scope('admin', NULL)$$);
SELECT test.refusal($$SELECT opigno.has_scope('unknown', '')$$);

-- '' takes a description away.
SELECT description FROM opigno.scopes() WHERE scope = 'HEAD_MENTOR';

-- A trigger of the site's that suppresses what is written is told.
CREATE TRIGGER suppress BEFORE INSERT ON opigno.site_scope FOR EACH ROW EXECUTE FUNCTION test.suppress();
SELECT test.refusal($$SELECT opigno.register_scope('SUPPRESSED')$$);
DROP TRIGGER suppress ON opigno.site_scope;

-- Long lists are cut in messages, and a long chain of scopes is searched once.
SELECT count(*) FROM test.refusal(format('SELECT opigno.validate_scope(%L)',
    ARRAY(SELECT 'UNKNOWN_' || n FROM generate_series(1, 100) AS n)));
SAVEPOINT before;
INSERT INTO opigno.site_scope (scope, implies, created_at, updated_at)
    SELECT 'CHAIN_' || n, CASE WHEN n > 1 THEN ARRAY['CHAIN_' || n - 1] ELSE '{}' END, now(), now()
    FROM generate_series(1, 500) AS n;
SELECT test.refusal($$SELECT opigno.validate_scope('{WIZARD}')$$);
SELECT test.refusal($$SELECT opigno.register_scope('CHAIN_1', '{CHAIN_500}')$$);
SELECT FROM opigno.register_scope('ALL', ARRAY(SELECT 'CHAIN_' || n FROM generate_series(1, 500) AS n));
ROLLBACK TO before;

-- A cycle that direct writes made ends all the same.
SAVEPOINT before;
UPDATE opigno.site_scope SET implies = '{HEAD_MENTOR}' WHERE scope = 'MENTOR';
SELECT opigno.has_scope('head', 'MENTOR'), opigno.has_scope('head', 'AUTHENTICATED');
ROLLBACK TO before;
ROLLBACK;
