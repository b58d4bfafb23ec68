/*
 * The answers of loads over several shards, and loads of requests over HTTP. For these each shard
 * gets the request with the entries of its users, and verifies the token by itself. It answers with
 * an object with the members status, headers and body.
 */
CREATE OR REPLACE VIEW opigno.bulk_answer_proxy WITH (security_invoker = true) AS
    SELECT p.proxy, p.arguments, p.types, p.result, p.body, p.description
    FROM (VALUES
        ('bulk_answer', 'answers text[], flaw json, ordinals text[], codes text[], '
            'messages text[], reports boolean, max_errors integer',
         'text[], json, text[], text[], text[], boolean, integer', 'json', $body$
DECLARE
    listed text;
    missing bigint; /* entries of which no shard has said anything */
    failed bigint;
    refused boolean;
    response text := 'null';
BEGIN
    SELECT string_agg(e.error, ',' ORDER BY e.ordinal NULLS FIRST, e.path, e.part, e.place)
    INTO listed
    FROM (
        SELECT m.error::text AS error, (m.error ->> 'ordinal')::bigint AS ordinal,
            (m.error ->> 'path') COLLATE "C" AS path, a.part, m.place
        FROM unnest(answers) WITH ORDINALITY AS a (answer, part),
            json_array_elements(a.answer::json -> 'errors') WITH ORDINALITY AS m (error, place)
        UNION ALL
        SELECT format('{%s"code":%s,"path":"","message":%s}', '"ordinal":' || o.ordinal || ',',
                to_json(codes[l.part]), to_json(messages[l.part])),
            o.ordinal, '' COLLATE "C", l.part, 1
        FROM generate_subscripts(codes, 1) AS l (part)
            LEFT JOIN LATERAL unnest(ordinals[l.part]::bigint[]) AS o (ordinal) ON true
        WHERE codes[l.part] IS NOT NULL
        ORDER BY 2 NULLS FIRST, 3, 4, 5 LIMIT greatest(coalesce(max_errors, 100), 0)
    ) AS e;
    SELECT coalesce(sum(cardinality(ordinals[l.part]::bigint[])), 0) INTO missing
    FROM generate_subscripts(codes, 1) AS l (part) WHERE codes[l.part] IS NOT NULL;
    SELECT coalesce(sum((a.answer::json ->> 'failed')::bigint), 0), count(a.answer) = 0
        OR coalesce(bool_or((a.answer::json ->> 'refused')::boolean), false)
    INTO failed, refused FROM unnest(answers) AS a (answer) WHERE a.answer IS NOT NULL;
    refused := refused OR flaw IS NOT NULL OR (missing > 0 AND NOT reports);
    failed := failed + missing + CASE WHEN flaw IS NULL THEN 0 ELSE 1 END;
    IF refused THEN
        failed := greatest(failed, 1);
    ELSE
        SELECT '{' || string_agg(to_json(r.name) || ':' || r.value, ','
            ORDER BY r.name = 'not_shown', r.place) || '}' INTO response
        FROM (
            SELECT m.name, min(m.place) AS place, CASE m.name
                WHEN 'not_shown' THEN (
                    SELECT '[' || string_agg(to_json(n.name)::text, ',' ORDER BY n.name) || ']'
                    FROM (SELECT DISTINCT x.name COLLATE "C" AS name
                          FROM unnest(answers) AS b (answer), json_array_elements_text(
                              b.answer::json #> '{response,not_shown}') AS x (name)
                          ORDER BY 1 LIMIT 100) AS n)
                WHEN 'failed' THEN failed::text
                ELSE (sum(CASE WHEN m.name <> 'not_shown' THEN m.value::text::bigint END)
                    + CASE m.name WHEN 'received' THEN missing ELSE 0 END)::text END AS value
            FROM unnest(answers) AS a (answer),
                json_each(a.answer::json -> 'response') WITH ORDINALITY AS m (name, value, place)
            GROUP BY m.name
        ) AS r;
    END IF;
    RETURN format('{"errors":[%s],"refused":%s,"failed":%s,"response":%s}',
        concat_ws(',', flaw, listed), refused::text, failed, response);
END
$body$, 'Makes the answer of a load from those of the shards.'),

        ('raise_bulk', 'error jsonb', 'jsonb', 'void', $body$
BEGIN
    IF error ->> 'hint' <> '' THEN
        RAISE USING ERRCODE = error ->> 'code', MESSAGE = error ->> 'message',
            DETAIL = error ->> 'detail', HINT = error ->> 'hint';
    ELSIF error ->> 'detail' <> '' THEN
        RAISE USING ERRCODE = error ->> 'code', MESSAGE = error ->> 'message',
            DETAIL = error ->> 'detail';
    END IF;
    RAISE USING ERRCODE = error ->> 'code', MESSAGE = error ->> 'message';
END
$body$, 'Raises what a shard has raised.'),

        /* The answer of a load has the errors of its entries; those of the request are problems. */
        ('is_bulk_answer', 'response_headers jsonb', 'jsonb', 'boolean', $body$
BEGIN
    RETURN response_headers ->> 'Content-Type' = 'application/json';
END
$body$, 'Returns whether a shard has run the load of a request, and not refused the request.'),

        /* Logs and pg_stat_activity can show the statement: it has no tokens or documents. */
        ('bulk_request', 'request jsonb, body text, connection text, shard integer',
         'jsonb, text, text, integer', 'text', $body$
DECLARE
    headers bytea := convert_to((request -> 'headers')::text, 'UTF8');
    value bytea := headers || convert_to(coalesce(body, ''), 'UTF8');
BEGIN
    PERFORM site_schema.send_bulk(connection,
        format('SELECT opigno.bulk_mask(%s)', length(value)));
    RETURN format('SELECT json_build_object(''status'', r.status, ''headers'', r.response_headers, '
        '''body'', r.response_body) FROM opigno.unmasked(%1$L) AS u, opigno.http_request(%2$L, '
        '%3$L, convert_from(substr(u, 1, %4$s), ''UTF8'')::jsonb, substr(u, %4$s + 1)) AS r',
        opigno.masked(value, site_schema.await_bulk(connection, shard)::bytea),
        request ->> 'method', request ->> 'target', length(headers));
END
$body$, 'Returns the statement that runs a part of a load as a request on a shard.'),

        /* Whoever may not load is refused first. Each server knows the registries. */
        ('run_bulk_request', 'function_name text, on_error text, dry_run boolean, method text, '
            'target text, headers jsonb, body bytea, OUT status integer, '
            'OUT response_headers jsonb, OUT response_body text',
         'text, text, boolean, text, text, jsonb, bytea', 'record', $body$
DECLARE
    answer json;
    load json;
BEGIN
    SELECT * INTO status, response_headers, response_body
    FROM site_schema.ask_any_shard(method, target, headers, '[]');
    IF NOT site_schema.is_bulk_answer(response_headers) THEN
        RETURN;
    END IF;
    BEGIN
        answer := site_schema.run_bulk(function_name, convert_from(body, 'UTF8'), on_error, dry_run,
            NULL, '', jsonb_build_object('method', method, 'target', target, 'headers', headers));
        load := answer ->> 'body';
        response_headers := answer -> 'headers';
        response_body := answer ->> 'body';
        status := CASE WHEN NOT (load ->> 'refused')::boolean
                THEN CASE WHEN (load ->> 'failed')::bigint > 0 THEN 207 ELSE 200 END
            WHEN load #>> '{errors,0,code}' = '22P02' THEN 400
            WHEN (answer ->> 'is_incomplete')::boolean THEN 503 ELSE 422 END;
    EXCEPTION WHEN SQLSTATE 'PT000' THEN
        answer := SQLERRM;
        status := answer ->> 'status';
        response_headers := answer -> 'headers';
        response_body := answer ->> 'body';
    WHEN connection_failure OR lock_not_available OR feature_not_supported OR insufficient_privilege
            OR undefined_object THEN
        RAISE LOG 'a load through the front failed: %', SQLERRM;
        status := CASE WHEN SQLSTATE IN ('08006', '55P03') THEN 503 ELSE 501 END;
        response_headers :=
            '{"Content-Type": "application/problem+json", "Cache-Control": "no-store"}';
        response_body := json_build_object('title', CASE status WHEN 503 THEN 'Service Unavailable'
                ELSE 'Not Implemented' END, 'status', status, 'detail', CASE WHEN SQLSTATE = '08006'
                THEN 'a shard cannot be reached; nothing was written'
                WHEN SQLSTATE = '55P03' THEN 'another load is unfinished; nothing was written'
                ELSE 'the front is not set up for loads; its log has the reason' END);
    END;
END
$body$, 'Runs the load of a request on the shards of its users.'),

        ('ask_any_shard', 'method text, target text, headers jsonb, body bytea, '
            'OUT status integer, OUT response_headers jsonb, OUT response_body text',
         'text, text, jsonb, bytea', 'record', $body$
BEGIN
    FOR attempt IN 1..10 LOOP
        BEGIN
            SELECT * INTO status, response_headers, response_body
            FROM site_schema.http_request_of_any(method, target, headers, body);
            RETURN;
        EXCEPTION WHEN internal_error OR connection_exception OR admin_shutdown
                OR crash_shutdown OR cannot_connect_now THEN
            IF attempt = 10 THEN
                RAISE;
            END IF;
        END;
    END LOOP;
END
$body$, 'Runs a request that writes nothing on any shard that can be reached.')
    ) AS p (proxy, arguments, types, result, body, description);
COMMENT ON VIEW opigno.bulk_answer_proxy IS
'functions of the front for answers and requests of loads, a part of opigno.bulk_proxy';
COMMENT ON COLUMN opigno.bulk_answer_proxy.proxy IS 'as in opigno.bulk_proxy';
COMMENT ON COLUMN opigno.bulk_answer_proxy.arguments IS 'as in opigno.bulk_proxy';
COMMENT ON COLUMN opigno.bulk_answer_proxy.types IS 'as in opigno.bulk_proxy';
COMMENT ON COLUMN opigno.bulk_answer_proxy.result IS 'as in opigno.bulk_proxy';
COMMENT ON COLUMN opigno.bulk_answer_proxy.body IS 'as in opigno.bulk_proxy';
COMMENT ON COLUMN opigno.bulk_answer_proxy.description IS 'as in opigno.bulk_proxy';
