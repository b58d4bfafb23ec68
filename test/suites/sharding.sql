-- For sharding.t: calls of the functions that have proxies, the same on one server and through the front.
CREATE SCHEMA compare;
SET search_path = compare;
CREATE TABLE call (n integer PRIMARY KEY, name text NOT NULL, query text NOT NULL, answer text);

-- What cannot answer the same, or is tested elsewhere.
CREATE TABLE excluded (name text PRIMARY KEY, reason text NOT NULL);
INSERT INTO excluded SELECT unnest(names), reason FROM (VALUES
    ('{add_retirement_salt,list_retirement_salts,create_anonymous_user_context,issue_access_token,register_client,
    list_clients,update_client,rotate_client_secret,introspect_access_token,revoke_access_token,revoke_client,
    revoke_client_tokens,grant_user,revoke_user,list_client_credentials,purge_anonymous_user_contexts,
    import_retired_identifiers,delete_expired_access_tokens}'::text[], 'random keys, or of their age'),
    ('{grant_access,revoke_access,refresh_grants,purge_audit}', 'of the server'),
    ('{attach_entity_table,detach_entity_table,list_entity_tables}', 'tables of the site'),
    ('{delete_training,set_retirement_states}', 'a hub refuses some'),
    ('{profile_schema_faults}', 'each shard counts its own'),
    ('{register_token_issuer,register_token_key,register_token_keys,drop_token_issuer,drop_token_key,
    list_token_issuers,list_token_keys}', 'suite shard_server'),
    ('{create_profiles,delete_profiles,patch_accounts,patch_profiles,report_progress_many,set_user_contexts}',
    'suite sharding_bulk'), ('{http_request}', 'by itself'),
    ('{issue_user_assertion}', 'called by http_request')) AS e (names, reason);

-- Values by function.argument, by argument or by type.
CREATE TABLE value (kind text, expression text);
INSERT INTO value SELECT kind, unnest(expressions) FROM (VALUES
    ('queue_partner_report.user_uuid', ARRAY[$$'r1'$$, $$'u1'$$]), ('user_uuid', ARRAY[$$'u1'$$, $$'u11'$$,
        $$'U2'$$, $$'u3'$$, $$'u4'$$, $$'u5'$$, $$'u6'$$, $$'none'$$, 'NULL', $$''$$,
        $$'3BC5B83F-7D96-4B0C-B1E6-627A01D1AB77'$$, $$'3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77'$$]),
    ('uuid', ARRAY[$$'u1'$$, $$'u11'$$, $$'a2'$$, $$'u2'$$, $$'u7'$$, $$'u8'$$, $$'U3'$$,
        'NULL', 'chr(233)', $$'with space'$$,
        $$'3BC5B83F-7D96-4B0C-B1E6-627A01D1AB77'$$]),
    ('user_uuids', ARRAY[$$'{u1,u2,u3,u11,u4,U5,none,u1}'$$, $$'{}'$$, 'NULL', $$'{u6,NULL,u8}'$$]),
    ('retirement_cleanup.user_uuids', ARRAY[$$'{u1}'$$, $$'{r1}'$$, $$'{}'$$, 'NULL']),
    ('clean_up_partner_reports.user_uuids', ARRAY[$$'{u1}'$$, $$'{r1}'$$, $$'{}'$$, 'NULL']),
    ('from_uuid', ARRAY['(SELECT compare.neighbour(1))', '(SELECT compare.neighbour(2))']),
    ('into_uuid', ARRAY['(SELECT compare.neighbour(2))', '(SELECT compare.neighbour(3))']),
    ('app_id', ARRAY['0', '0', '1', '7', 'NULL']), ('app_ids', ARRAY['NULL', $$'{0,1}'$$]),
    ('register_app.app_id', ARRAY['NULL']), ('register_app.app', ARRAY[$$'App '$$ || ' || clock_timestamp()']),
    ('app', ARRAY['NULL', $$'First'$$]), ('domains', ARRAY['NULL', $$'{a.example}'$$]),
    ('training_id', ARRAY[$$'course'$$, $$'other'$$, $$'none'$$]), ('title', ARRAY[$$'Title'$$, $$'T'$$]),
    ('prefix', ARRAY[$$'T'$$, $$'Ti'$$]), ('expected_version', ARRAY['NULL', 'NULL', '0', '-1', '1']),
    ('profile_data', ARRAY[$$'{"a": 1}'$$, $$'{"a": {"b": [1, 2.50]}, "c": null}'$$, $$'[1]'$$, 'NULL']),
    ('patch', ARRAY[$$'{"a": null}'$$, $$'{"a": {"b": 2}, "d": "x"}'$$, $$'{"name": "New"}'$$, $$'{"theme": "dark"}'$$,
        $$'{"extended_profile": [{"field_name": "bio", "field_value": "b"}]}'$$, 'NULL']),
    ('payload', ARRAY[$$'{"uuid": "u1", "displayName": "One"}'$$,
        $$'{"uuid": "u9", "displayName": "N", "isActive": true}'$$,
        $$'{"uuid": "U2", "scope": "AUTHENTICATED"}'$$, $$'{"uuid": ["u1"]}'$$, $$'{"displayName": "N"}'$$,
            $$'[]'$$, 'NULL']),
    ('display_name', ARRAY[$$'Name'$$, 'NULL', $$''$$]), ('scope', ARRAY['NULL', $$'AUTHENTICATED'$$, $$'NONE'$$]),
    ('scopes', ARRAY[$$'{AUTHENTICATED}'$$, $$'{}'$$, 'NULL']), ('validate_scope.scope', ARRAY[$$'{AUTHENTICATED}'$$]),
    ('implies', ARRAY['NULL', $$'{AUTHENTICATED}'$$]), ('name', ARRAY[$$'MENTOR'$$, $$'GUIDE'$$]),
    ('key', ARRAY[$$'theme'$$, $$'time_zone'$$, $$'k'$$]), ('value', ARRAY[$$'dark'$$, $$'Asia/Tokyo'$$, 'NULL']),
    ('value_schema', ARRAY['NULL', $$'{"maxLength": 20}'$$]), ('field_name', ARRAY[$$'bio'$$, $$'job'$$]),
    ('view', ARRAY['NULL', $$'own'$$, $$'shared'$$, $$'none'$$]), ('include', ARRAY['NULL', $$'{profiles,account}'$$]),
    ('after_uuid', ARRAY['NULL', $$'u2'$$, $$'U4'$$]), ('before_uuid', ARRAY['NULL', $$'u5'$$]),
    ('max_rows', ARRAY['NULL', '3', '100', '0', '-1']), ('list_retirements.max_rows', ARRAY['NULL']),
    ('retirement_queue.max_rows', ARRAY['NULL']), ('after_id', ARRAY['NULL']), ('begun_from', ARRAY['NULL']),
    ('begun_before', ARRAY['NULL']), ('states', ARRAY[$$'{PENDING}'$$, $$'{PENDING,COMPLETE}'$$, $$'{NONE}'$$]),
    ('cool_off_days', ARRAY['0', '7']), ('state_name', ARRAY['NULL', $$'PENDING'$$]),
    ('new_state', ARRAY[$$'LOCKING_ACCOUNT'$$, $$'RETIRING_LMS'$$, $$'COMPLETE'$$]), ('response', ARRAY[$$'done'$$]),
    ('expected_state', ARRAY['NULL', $$'PENDING'$$]), ('status', ARRAY['NULL', $$'passed'$$, $$'in_progress'$$]),
    ('progress', ARRAY['NULL', '20', '100.5']), ('score', ARRAY['NULL', '3.5']),
    ('details', ARRAY['NULL', $$'{"a": 1}'$$]),
    ('reported_at', ARRAY['NULL', $$'2020-01-01'$$]), ('on_conflict', ARRAY['NULL', $$'replace'$$, $$'x'$$]),
    ('set_profile_schema.mode', ARRAY[$$'warn'$$, $$'off'$$]), ('mode', ARRAY[$$'warn'$$]),
    ('schema', ARRAY['NULL', $$'true'$$, $$'{"required": ["a"]}'$$,
        $$'{"properties": {"a": {"type": "integer"}}}'$$, $$'{"type": 7}'$$]),
    ('set_trainings.body', ARRAY[$$'[{"training_id": "other", "title": "O"}, {"training_id": "third",
        "title": "T"}]'$$, $$'['$$]),
    ('create_training_profiles.body',
        ARRAY[$$'[{"training_id": "course", "app_id": 0, "profile_data": {"b": 1}}]'$$, $$'['$$]),
    ('patch_training_profiles.body', ARRAY[$$'[{"training_id": "course", "app_id": 0, "patch": {"b": 1}}]'$$,
        $$'{}'$$]),
    ('delete_training_profiles.body', ARRAY[$$'[{"training_id": "course", "app_id": 0}]'$$, $$'[]'$$]),
    ('on_error', ARRAY['NULL', $$'report'$$]), ('label', ARRAY['NULL', $$'badges'$$]),
    ('visibility', ARRAY['NULL']), ('merge', ARRAY['NULL', $$'deep'$$]), ('placement', ARRAY['NULL']),
    ('editable_by', ARRAY['NULL']), ('empty_as', ARRAY['NULL']), ('default_visibility', ARRAY['NULL']),
    ('unconfigured', ARRAY['NULL']), ('redacted_uuid', ARRAY['NULL']), ('pseudonym', ARRAY['NULL', $$'Nobody'$$]),
    ('on_duplicate', ARRAY['NULL', $$'last'$$]), ('max_errors', ARRAY['NULL', '1']), ('text', ARRAY[$$'text'$$]),
    ('boolean', ARRAY['NULL', 'true', 'false']), ('integer', ARRAY['NULL', '1', '0']),
    ('bigint', ARRAY['NULL']), ('jsonb', ARRAY[$$'{"a": 1}'$$]), ('text[]', ARRAY[$$'{}'$$])) AS v (kind, expressions);

-- The n-th of some users that are on one shard of three.
CREATE FUNCTION neighbour(n integer) RETURNS text LANGUAGE sql AS $$
    SELECT 'm' || i FROM generate_series(1, 100) AS i WHERE opigno.user_shard('m' || i, 3) = 1 ORDER BY i
    OFFSET n - 1 LIMIT 1
$$;

CREATE FUNCTION call_of(name text, arguments text) RETURNS text LANGUAGE sql AS $$
    SELECT format('SELECT to_jsonb(r) AS r FROM %%I.%I(%s) AS r', name, replace(arguments, '%', '%%'))
$$;

CREATE PROCEDURE generate(calls integer) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM setseed(0.24);
    INSERT INTO compare.call (n, name, query)
    SELECT n, name, compare.call_of(name, arguments) FROM (VALUES
        (-50, 'set_user_context', $a$'r2', 'R', true$a$), (-49, 'begin_retirement', $a$'r2'$a$),
        (-48, 'move_retirement', $a$'r2', 'RETIRING_LMS', ''$a$), (-47, 'retire_user_data', $a$'r2'$a$),
        (-20, 'register_app', $a$'First', app_id => 0$a$), (-19, 'register_app', $a$'Second', app_id => 1$a$),
        (-18, 'set_training', $a$'course', 'Title'$a$), (-17, 'configure_extended_profile_field', $a$'bio'$a$),
        (-16, 'configure_preference', $a$'theme', '{"maxLength": 9}'$a$),
        (-15, 'set_user_context', 'compare.neighbour(1), $a$One$a$, true'),
        (-14, 'set_user_context', 'compare.neighbour(2), $a$Two$a$, true'),
        (-13, 'set_user_context', 'compare.neighbour(3), $a$Three$a$, true'),
        (-12, 'set_user_context', $a$'r1', 'R', true$a$), (-11, 'begin_retirement', $a$'r1'$a$),
        (-10, 'move_retirement', $a$'r1', 'LOCKING_ACCOUNT', ''$a$), (-9, 'queue_partner_report', $a$'r1'$a$),
        (-8, 'get_profile', $a$'u1', 0$a$)) AS f (n, name, arguments)
    UNION ALL SELECT i - 40, 'set_user_context', compare.call_of('set_user_context', format('%L, %L, true',
        'u' || i, 'U' || i))
    FROM generate_series(1, 11) AS i;
    INSERT INTO compare.call (n, name, query)
    SELECT c.n, c.name, compare.call_of(c.name, coalesce(string_agg(format('%I => %s::%s', c.names[a.n],
        (SELECT v.expression FROM compare.value AS v
         WHERE v.kind = (SELECT w.kind FROM compare.value AS w
            WHERE w.kind IN (c.name || '.' || c.names[a.n], c.names[a.n], c.types[a.n - 1]::text)
            ORDER BY w.kind = c.name || '.' || c.names[a.n] DESC, w.kind = c.names[a.n] DESC LIMIT 1)
         ORDER BY random() + c.n * 0 LIMIT 1), c.types[a.n - 1]), ', ' ORDER BY a.n) FILTER (WHERE a.n > 0), ''))
    FROM (SELECT i.n, f.* FROM generate_series(1, calls) AS i (n)
          JOIN (SELECT p.proname::text AS name, p.proargnames AS names, p.proargtypes::regtype[] AS types, p.pronargs,
                    row_number() OVER (ORDER BY p.proname) - 1 AS place, count(*) OVER () AS functions
                FROM opigno.function_route AS r JOIN pg_proc AS p ON p.proname = r.function_name
                    AND p.pronamespace = 'opigno'::regnamespace AND p.prokind = 'f'
                WHERE r.route <> 'local' AND (r.route = 'hub' OR r.key_argument IS DISTINCT FROM 'body')
                    AND p.proname NOT IN (SELECT e.name FROM compare.excluded AS e)) AS f
              ON f.place = i.n % f.functions) AS c
        LEFT JOIN LATERAL generate_series(1, c.pronargs) AS a (n) ON true
    GROUP BY c.n, c.name;
END
$$;

-- Without what differs from server to server: numbers, versions, times, and the audit trail, in which a call has a row
-- on each shard.
CREATE FUNCTION comparable(answer text) RETURNS text LANGUAGE sql AS $$
    SELECT regexp_replace(regexp_replace(regexp_replace(regexp_replace(answer, '"audit": \[[^]]*\]', '"audit": ~'),
        '"(id|app_id|appid|retirement_id|user_context_id|certificate_number|retired_uuid)": ?("[^"]*"|[0-9]+)',
            '"\1": ~', 'g'),
        '[0-9]{13,}|(retired__)?user_[0-9a-f]{16,}|[0-9a-f]{64}', '~', 'g'),
        '[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.+Z]+', '~', 'g')
$$;

CREATE PROCEDURE run(schema text) LANGUAGE plpgsql AS $$
DECLARE
    call record;
    result text;
BEGIN
    FOR call IN SELECT * FROM compare.call ORDER BY n LOOP
        BEGIN
            EXECUTE format('SELECT string_agg(r::text, E''\n''%s) FROM (%s) AS r (r)',
                CASE WHEN call.name IN ('list_retirements', 'retirement_queue') THEN ' ORDER BY r ->> ''user_uuid'''
                    ELSE '' END, format(call.query, schema)) INTO result;
            result := compare.comparable(result);
        EXCEPTION WHEN OTHERS THEN
            result := 'SQLSTATE ' || SQLSTATE;
        END;
        UPDATE compare.call AS c SET answer = coalesce(result, 'nothing') WHERE c.n = call.n;
        COMMIT;
    END LOOP;
END
$$;
