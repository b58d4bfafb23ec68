-- For move_users.t, on the front: clients that write through proxies, and note what they were told.
CREATE SCHEMA load;
CREATE TABLE load.stop (at timestamptz);
-- One counter of each client for each user: the highest number that was sent, and the highest that was acknowledged.
CREATE TABLE load.written (client integer, kind text, user_uuid text, sent integer, acknowledged integer,
    PRIMARY KEY (client, kind, user_uuid));
CREATE TABLE load.problem (client integer, kind text, user_uuid text, code text, message text);
CREATE SEQUENCE load.calls;

CREATE PROCEDURE load.write_users(client integer, users integer) LANGUAGE plpgsql AS $$
DECLARE
    i integer := 0;
    what text;
    who text;
    number integer;
BEGIN
    WHILE NOT EXISTS (SELECT FROM load.stop) LOOP
        i := i + 1;
        what := (ARRAY['preference', 'profile', 'progress', 'new', 'read'])[1 + i % 5];
        who := CASE what WHEN 'new' THEN format('new-%s-%s', client, i) ELSE 'hot-' || 1 + floor(random() * users) END;
        INSERT INTO load.written AS w VALUES (client, what, who, 1, 0)
        ON CONFLICT ON CONSTRAINT written_pkey DO UPDATE SET sent = w.sent + 1 RETURNING sent INTO number;
        COMMIT;
        BEGIN
            IF what = 'preference' THEN
                PERFORM sharded.set_preference(who, 'c' || client, number::text);
            ELSIF what = 'profile' THEN
                PERFORM sharded.patch_profile(who, 1, jsonb_build_object('c' || client, number));
            ELSIF what = 'progress' THEN
                PERFORM sharded.report_progress(who, 't' || client, 'in_progress', score => number);
            ELSIF what = 'new' THEN
                PERFORM sharded.set_user_context(who, 'New', true);
            ELSIF NOT EXISTS (SELECT FROM sharded.get_user_context(who)) THEN
                RAISE 'nothing was found' USING ERRCODE = 'P0002';
            END IF;
            UPDATE load.written AS w SET acknowledged = number
            WHERE (w.client, w.kind, w.user_uuid) = (write_users.client, what, who);
            PERFORM nextval('load.calls');
        EXCEPTION WHEN OTHERS THEN
            INSERT INTO load.problem VALUES (client, what, who, SQLSTATE, SQLERRM);
        END;
        COMMIT;
    END LOOP;
END
$$;

CREATE FUNCTION load.stored(client integer, kind text, user_uuid text) RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
    RETURN CASE kind
        WHEN 'preference' THEN (SELECT sharded.get_preference(user_uuid, 'c' || client))::integer
        WHEN 'profile' THEN (SELECT p.profile_data ->> ('c' || client)
            FROM sharded.get_profile(user_uuid, 1) AS p)::integer
        WHEN 'progress' THEN (SELECT p.score FROM sharded.get_progress(user_uuid) AS p
            WHERE p.training_id = 't' || client)::integer
        ELSE (SELECT count(*) FROM sharded.get_user_context(user_uuid)) END;
END
$$;
