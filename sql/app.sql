-- Apps: chosen and generated ids, changes, and what is refused.
BEGIN;
\set ON_ERROR_ROLLBACK on
SELECT * FROM opigno.register_app('Shop', 'sells courses', '{shop.example,www.shop.example}', 0);
SELECT * FROM opigno.register_app('Forum', app_id => 2);
SELECT app_id FROM opigno.register_app('generated 1');
SELECT app_id FROM opigno.register_app('generated 2 skips what was chosen');
SELECT app_id FROM opigno.register_app('the largest', app_id => 2147483647);
SELECT * FROM opigno.list_apps();
SELECT * FROM opigno.update_app(2, description => 'for questions', is_private => true);
SELECT * FROM opigno.update_app(2, 'The forum', '', '{}', false);
SELECT updated_at AS updated_before, (SELECT count(*) FROM opigno.audit) AS audited_before FROM opigno.app
WHERE app_id = 2 \gset
SELECT * FROM opigno.update_app(2, 'The forum');
SELECT updated_at = :'updated_before' AS not_written FROM opigno.app WHERE app_id = 2;
SELECT count(*) = :audited_before AS not_recorded FROM opigno.audit;
SELECT app_id, is_private FROM opigno.app ORDER BY app_id;

SELECT test.digest() AS digest_before \gset
SELECT call, test.refusal('SELECT opigno.' || call) FROM unnest(ARRAY[
    $$register_app(NULL)$$, $$register_app('')$$, $$register_app(E' \t')$$, $$register_app(repeat('x', 256))$$,
    $$register_app('negative', app_id => -1)$$, $$register_app('taken', app_id => 0)$$, $$register_app('Shop')$$,
    $$register_app('Shop', app_id => 99)$$,
    $$register_app('', app_id => -7, domains => '{"",a,a,NULL,"b c"}')$$, $$register_app('x', domains => '{{a},{b}}')$$,
    $$register_app('x', domains => '{b,a,c,a}')$$,
    $$register_app('x', domains => ARRAY[repeat('x', 256)])$$,
    $$update_app(NULL)$$, $$update_app(99)$$, $$update_app(99, 'x')$$, $$update_app(2, '')$$, $$update_app(2, 'Shop')$$,
    $$update_app(2, domains => '{" "}')$$]) AS call;
SELECT test.digest() = :'digest_before' AS nothing_changed;

-- A trigger of the site's that suppresses what is written is told, not looped over.
CREATE TRIGGER suppress BEFORE INSERT OR UPDATE ON opigno.app FOR EACH ROW EXECUTE FUNCTION test.suppress();
SELECT call, test.refusal('SELECT opigno.' || call)
FROM unnest(ARRAY[$$register_app('x')$$, $$register_app('x', app_id => 50)$$]) AS call;
DROP TRIGGER suppress ON opigno.app;

SELECT action, outcome, app_id FROM opigno.audit ORDER BY id;
DELETE FROM opigno.app;
DELETE FROM opigno.audit;

\echo -- descriptions and domains, shown in the lists of everybody, are limited
SELECT opigno.register_app('Large', repeat('\', 10001),
    (SELECT array_agg('d' || n) FROM generate_series(1, 1001) AS n));
SELECT opigno.register_scope('LARGE', description => repeat('\', 10001));
SAVEPOINT before;
SELECT length(description), array_length(domains, 1)
FROM opigno.register_app('Large', repeat('\', 10000), (SELECT array_agg('d' || n) FROM generate_series(1, 1000) AS n));
SELECT length(description) FROM opigno.register_scope('LARGE', description => repeat('\', 10000));
ROLLBACK TO before;
ROLLBACK;
