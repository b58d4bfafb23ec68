-- The shard of a user, and the route of every function.
BEGIN;
\set ON_ERROR_ROLLBACK on
-- Vectors, as in docs/guide/sharding.md. Letter case does not matter.
SELECT given, opigno.user_shard(given, 4) AS of_4, opigno.user_shard(given, 65536) AS of_65536
FROM (VALUES ('john'), ('JOHN'), ('anon-7F3A'), ('3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77'),
    ('3BC5B83F-7D96-4B0C-B1E6-627A01D1AB77'), ('')) AS v (given);
SELECT opigno.user_shard(name || CASE getdatabaseencoding() WHEN 'SQL_ASCII' THEN convert_from(bytes, 'SQL_ASCII')
    ELSE chr(code) END, 65536) AS of_65536
FROM (VALUES ('Andr', '\xc3a9'::bytea, 233), ('ANDR', '\xc389', 201)) AS v (name, bytes, code);
SELECT opigno.user_shard('john', 1), opigno.user_shard(NULL, 4) IS NULL AS of_nobody;
SELECT test.refusal(format('SELECT opigno.user_shard(%L, %s)', 'john', shards))
FROM unnest('{0,-1,65537}'::integer[]) AS shards;
-- Uniform: 40,000 users over 7 shards, within five standard deviations.
SELECT count(*) AS shards, bool_and(abs(n - 40000 / 7.0) < 5 * sqrt(40000 / 7.0)) AS is_uniform
FROM (SELECT count(*) AS n FROM generate_series(1, 40000) AS i GROUP BY opigno.user_shard('user-' || i, 7)) AS s;
-- Twice the shards: a user stays, or goes to the one new shard.
SELECT count(*) FROM generate_series(1, 1000) AS i
WHERE opigno.user_shard('user-' || i, 8) % 4 <> opigno.user_shard('user-' || i, 4);

CREATE TEMP VIEW function AS
    SELECT p.* FROM pg_proc AS p JOIN pg_depend AS d ON d.objid = p.oid AND d.classid = 'pg_proc'::regclass
    AND d.deptype = 'e' JOIN pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'opigno_profiles';
\echo -- every function has exactly one route, and every route a function; key arguments exist
SELECT proname AS without_route FROM function
WHERE (SELECT count(*) FROM opigno.function_route WHERE function_name = proname) <> 1 ORDER BY 1;
SELECT function_name AS without_function FROM opigno.function_route
WHERE function_name NOT IN (SELECT proname FROM function) ORDER BY 1;
SELECT r.function_name, r.key_argument FROM opigno.function_route AS r JOIN function ON proname = r.function_name
WHERE (r.route IN ('user', 'bulk')) <> (r.key_argument IS NOT NULL)
    OR r.key_argument IS NOT NULL AND r.key_argument <> ALL (coalesce(proargnames[:pronargs], '{}'));
SELECT DISTINCT route FROM opigno.function_route ORDER BY route;
ROLLBACK;
