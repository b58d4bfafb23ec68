-- Erasure of users: salts, names of retired users, what is erased where, certificates, and who may.
BEGIN;
\set ON_ERROR_ROLLBACK on
CREATE ROLE regress_opigno_operator;
CREATE ROLE regress_opigno_app;
CREATE ROLE regress_opigno_auditor;
CREATE ROLE regress_opigno_learning;
CREATE ROLE regress_opigno_customer;
SELECT opigno.grant_access('regress_opigno_' || role, level)
FROM (VALUES ('operator', 'operator'), ('app', 'user'), ('auditor', 'auditor'), ('learning', 'learning'))
    AS r (role, level) \g /dev/null
DELETE FROM opigno.audit;

\echo -- salts: nobody sees them, and the newest is used
SELECT opigno.retired_user_uuid('learner1');
SET ROLE regress_opigno_operator;
SELECT opigno.add_retirement_salt('abc', 'sha1') IS NOT NULL AS is_added;
SELECT opigno.retired_user_uuid('learner1');
SELECT opigno.add_retirement_salt('123', 'sha1') IS NOT NULL AS is_added;
SELECT algorithm, is_newest, created_at = now() AS is_now FROM opigno.list_retirement_salts();
SELECT * FROM opigno.retirement_salt;
SELECT * FROM test.refusal($$SELECT opigno.add_retirement_salt('', 'md5')$$);
RESET ROLE;
SELECT action, outcome, acting_role, regexp_replace(subject, '\d+ ', '') AS subject FROM opigno.audit ORDER BY id;

\echo -- names as Open edX makes them
SELECT given, opigno.retired_user_uuid(given)
FROM unnest(ARRAY['learner1', 'LEARNER1', 'ALearnerUserName', 'a.learner@example.com', 'foo@bar.com']) AS given;
SELECT opigno.retired_user_uuid(one) = opigno.retired_user_uuid(other) AS is_same
FROM (VALUES ('17ADB4C1-EB29-44BF-9D9A-5F8D056E58EE', '17adb4c1-eb29-44bf-9d9a-5f8d056e58ee'), ('a', 'b'))
    AS v (one, other);
SELECT opigno.retired_user_uuid(NULL), opigno.is_retired(NULL);
SELECT * FROM test.refusal($$SELECT opigno.is_retired('')$$);

\echo -- names that were retired elsewhere
SELECT * FROM test.refusal($$SELECT opigno.import_retired_identifiers(ARRAY['no hash', NULL, repeat('g', 40)])$$);
SELECT * FROM test.refusal($$SELECT opigno.import_retired_identifiers(NULL)$$);
SELECT opigno.is_retired('learner1');
SELECT opigno.import_retired_identifiers(
    ARRAY['retired__user_fb5062b39630f07c662574f55a7e42ba68ad9437', repeat('Ab', 32), repeat('Ab', 32)]);
SELECT opigno.import_retired_identifiers(ARRAY['fb5062b39630f07c662574f55a7e42ba68ad9437']);
SELECT opigno.is_retired('learner1'), opigno.is_retired('LEARNER1'), opigno.is_retired('learner2');
-- The name by which the user was retired, not one by the newest salt.
SELECT opigno.retired_user_uuid('learner1');

\echo -- no function creates a user whose uuid is a retired one
SELECT opigno.register_app('app', app_id => 7) \g /dev/null
SELECT opigno.set_training('t1', 'Training') \g /dev/null
SELECT * FROM test.refusal($$SELECT opigno.set_user_context('Learner1', 'Name', true)$$);
SELECT opigno.set_user_context_json('{"uuid": "LEARNER1", "displayName": "Name", "isActive": true}');
SELECT * FROM test.refusal($$SELECT opigno.set_user_context('Retired__user_1', 'Name', true)$$);
SELECT opigno.set_user_contexts('[{"uuid": "LEARNER1", "displayName": "N", "isActive": true},
    {"uuid": "retired__user_1", "displayName": "N", "isActive": true},
    {"uuid": "new1", "displayName": "N", "isActive": true}]', on_error => 'report');
SELECT opigno.set_user_contexts('[{"uuid": "LEARNER1", "displayName": "N", "isActive": true},
    {"uuid": "new2", "displayName": "N", "isActive": true}]');
SELECT opigno.create_profiles('[{"user_id": "learneR1", "app_id": 7, "profile_data": 1},
    {"user_id": "new3", "app_id": 7, "profile_data": 1}]', on_error => 'report', create_missing_users => true);
SELECT opigno.report_progress_many('[{"user_id": "learneR1", "training_id": "t1", "status": "passed"},
    {"user_id": "new4", "training_id": "t1", "status": "passed"}]', on_error => 'report', create_missing_users => true);
SELECT uuid FROM opigno.user_context ORDER BY uuid;
SELECT action, user_uuid, row_count FROM opigno.audit WHERE user_uuid IS NOT NULL ORDER BY id;
-- A training can have such an id.
SELECT training_id FROM opigno.set_training('retired__user_x', 'Title');

\echo -- the columns of all tables: each is erased, or has no data of users
CREATE TABLE test.covered (place text, columns text[], what text);
INSERT INTO test.covered VALUES
    ('user_context', '{uuid,id,display_name,is_active,scope,created_by_client_id,version,account_version,
        preferences_version,created_at,updated_at}', 'deleted'),
    ('account', '{user_uuid,extended_profile,version,created_at,updated_at}', 'deleted'),
    ('preference', '{user_uuid,key,value,created_at,updated_at}', 'deleted'),
    ('profile', '{user_uuid,app_id,profile_data,version,created_at,updated_at}', 'deleted'),
    ('training_progress', '{user_uuid,training_id,is_enrolled,status,progress,score,details,reported_at,
        status_reported_at,score_reported_at,details_reported_at,decreased_at,version,created_at,
        updated_at}', 'deleted'),
    ('training_standing', '{user_uuid,passed_trainings_number,completed_trainings_number,scored_trainings_number,
        score_sum,average_score}', 'deleted'),
    ('client_user', '{user_uuid,client_id,created_at}', 'deleted'),
    ('user_merge', '{from_uuid,into_uuid,merged_at}', 'deleted'),
    ('bulk_error', '{id,recorded_at,recorded_by,staging,ordinal,user_uuid,app_id,code,path,message,line,expires_at}',
        'deleted'),
    ('audit', '{user_uuid,last_user_uuid,request_user,subject}', 'redacted'),
    ('audit', '{id,recorded_at,action,outcome,session_role,acting_role,request_client,row_count,app_id,version}',
        'no data of users'),
    ('profile_migration', '{after_uuid}', 'redacted'),
    ('profile_migration', '{app_id,patch,started_at,updated_at}', 'no data of users'),
    ('retirement', '{user_uuid,retirement_id,user_context_id,retired_uuid,was_active,current_state,last_state,responses,
        created_at,updated_at}', 'deleted by retirement_cleanup()'),
    ('retirement_partner_report', '{user_uuid,retirement_id,user_context_id,display_name,is_being_processed,created_at,
        updated_at}', 'deleted by clean_up_partner_reports()'),
    ('retired_identifier', '{identifier_hash,retired_at}', 'stays: a salted hash'),
    ('erasure_certificate', '{certificate_number,issued_at,retired_uuid,erased,acting_role,previous_hash,
        certificate_hash}', 'stays: a salted hash'),
    ('retirement_salt', NULL, 'no data of users'), ('retirement_state', NULL, 'no data of users'),
    ('site_scope', NULL, 'no data of users'), ('app', NULL, 'no data of users'),
    ('app_schema', NULL, 'no data of users'), ('app_schema_fault', NULL, 'no data of users'),
    ('extended_profile_field', NULL, 'no data of users'), ('account_setting', NULL, 'no data of users'),
    ('preference_rule', NULL, 'no data of users'), ('training', NULL, 'no data of users'),
    ('training_profile', NULL, 'no data of users'),
    ('server_role', NULL, 'no data of users'), ('bulk_transaction', NULL, 'no data of users'),
    ('moving_slot', NULL, 'no data of users'),
    ('ranking_step', NULL, 'no data of users'), ('entity_table', NULL, 'no data of users'),
    ('client', NULL, 'no data of users'), ('client_secret', NULL, 'no data of users'),
    ('access_token', NULL, 'no data of users'), ('token_issuer', NULL, 'no data of users'),
    ('token_key', NULL, 'no data of users'), ('token_secret', NULL, 'no data of users'),
    ('shard_secret', NULL, 'no data of users');
-- A new table or column appears here: erase it in src/retirement/places.cpp and test it here and in erasure.t.
SELECT c.relname AS "table", a.attname AS "column"
FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'm', 'p') AND c.relnamespace = 'opigno'::regnamespace
    AND NOT EXISTS (SELECT FROM test.covered AS t
        WHERE t.place = c.relname AND coalesce(a.attname = ANY (t.columns), true));
-- The tables that refer to user contexts are among the deleted ones.
SELECT conrelid::regclass FROM pg_constraint AS f
WHERE f.contype = 'f' AND f.confrelid = 'opigno.user_context'::regclass
    AND NOT EXISTS (SELECT FROM test.covered AS t
        WHERE f.conrelid = ('opigno.' || t.place)::regclass AND t.what = 'deleted');

\echo -- a user with data everywhere, and another one
CREATE SCHEMA customer AUTHORIZATION regress_opigno_operator;
GRANT regress_opigno_customer TO regress_opigno_operator;
GRANT ALL ON SCHEMA customer TO regress_opigno_customer;
SET ROLE regress_opigno_operator;
CREATE TABLE customer.contract (id integer PRIMARY KEY, who text, notes text);
CREATE INDEX ON customer.contract (who);
CREATE TABLE customer.ledger (id integer PRIMARY KEY, who opigno.user_uuid, notes text);
CREATE INDEX ON customer.ledger (who);
CREATE TABLE customer.short (id integer PRIMARY KEY, who varchar(40), notes text);
CREATE INDEX ON customer.short (who);
CREATE TABLE customer.badge (id integer PRIMARY KEY, who uuid, notes text);
CREATE INDEX ON customer.badge (who);
CREATE TABLE customer.archive (id integer PRIMARY KEY, who text, notes text);
CREATE INDEX ON customer.archive (who);
CREATE TABLE customer.dropped (id integer PRIMARY KEY, who text, notes text);
CREATE INDEX ON customer.dropped (who);
CREATE TABLE customer.changed (id integer PRIMARY KEY, who text, notes text);
CREATE INDEX ON customer.changed (who);
INSERT INTO customer.contract VALUES (1, 'u1', 'note'), (2, 'u2', 'note'), (3, 'u1', 'note');
INSERT INTO customer.ledger VALUES (1, 'u1', 'note'), (2, 'u2', 'note');
INSERT INTO customer.short VALUES (1, 'u1', 'note'), (2, 'u2', 'note');
INSERT INTO customer.archive VALUES (1, 'u1', 'note'), (2, 'u2', 'note');
INSERT INTO customer.changed VALUES (1, 'u1', 'note');
INSERT INTO customer.badge VALUES (1, '17adb4c1-eb29-44bf-9d9a-5f8d056e58ee', 'note');
SELECT opigno.attach_entity_table('customer.contract', 'contracts', 'who', on_retirement => 'erase');
SELECT opigno.attach_entity_table('customer.ledger', 'ledger', 'who', on_retirement => 'anonymise');
SELECT opigno.attach_entity_table('customer.short', 'short', 'who', on_retirement => 'anonymise');
SELECT opigno.attach_entity_table('customer.badge', 'badges', 'who', on_retirement => 'anonymise');
SELECT opigno.attach_entity_table('customer.archive', 'archive', 'who');
SELECT opigno.attach_entity_table('customer.dropped', 'dropped', 'who', on_retirement => 'erase');
SELECT opigno.attach_entity_table('customer.changed', 'changed', 'who', on_retirement => 'erase');
DROP TABLE customer.dropped;
ALTER TABLE customer.changed RENAME COLUMN who TO whom;
-- What could hold neither the name nor NULL is not attached so.
CREATE TABLE customer.strict (id integer PRIMARY KEY, who varchar(77) NOT NULL);
CREATE INDEX ON customer.strict (who);
SELECT * FROM test.refusal(
    $$SELECT opigno.attach_entity_table('customer.strict', 'strict', 'who', on_retirement => 'anonymise')$$);
ALTER TABLE customer.strict ALTER COLUMN who TYPE varchar(78);
SELECT opigno.attach_entity_table('customer.strict', 'strict', 'who', on_retirement => 'anonymise');
SELECT opigno.detach_entity_table('strict');
RESET ROLE;
DELETE FROM opigno.audit;

CREATE FUNCTION test.plant(uuid text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM opigno.set_user_context(uuid, 'Name of ' || uuid, true, 'AUTHENTICATED');
    PERFORM opigno.upsert_profile(uuid, 7, jsonb_build_object('text', 'profile of ' || uuid));
    PERFORM opigno.patch_account(uuid, json_build_object('extended_profile', json_build_array(json_build_object(
        'field_name', 'field of ' || uuid, 'field_value', 'value of ' || uuid))));
    PERFORM opigno.patch_preferences(uuid, json_build_object('key-of-' || uuid, 'preference of ' || uuid));
    PERFORM opigno.report_progress(uuid, 't1', 'passed', score => 5);
    PERFORM opigno.grant_user((SELECT max(client_id) FROM opigno.client), uuid);
    INSERT INTO opigno.bulk_error (recorded_at, recorded_by, staging, ordinal, user_uuid, code, path, message, line,
        expires_at)
    VALUES (now(), 'regress_opigno_operator', 'public.staged', 1, uuid, '22023', '', 'message', 'line', 'infinity'),
        (now(), 'regress_opigno_operator', 'public.staged', 2, NULL, '22023', '', 'message',
            '{"user_id": "' || uuid || '"', 'infinity');
    INSERT INTO opigno.profile_migration VALUES (7, '{}', uuid, now(), now())
        ON CONFLICT (app_id) DO UPDATE SET after_uuid = excluded.after_uuid;
END
$$;
SELECT count(opigno.register_client(7, 'Client'));
SELECT test.plant(uuid) FROM unnest(ARRAY['u2', '17adb4c1-eb29-44bf-9d9a-5f8d056e58ee', 'u1']) AS uuid;
-- Rows of the audit trail that name two users.
INSERT INTO opigno.audit (recorded_at, action, session_role, acting_role, request_user, user_uuid, last_user_uuid,
    row_count)
VALUES (now(), 'set_user_contexts', 'r', 'r', NULL, 'u1', 'u2', 2),
    (now(), 'patch_profile', 'r', 'r', 'u1', 'u2', NULL, NULL);

/* The tables of the extension and of the customer that have a text in any column. */
CREATE FUNCTION test.places_with(marker text) RETURNS TABLE (place text, row_count bigint) LANGUAGE plpgsql AS $$
BEGIN
    FOR place IN SELECT c.oid::regclass::text FROM pg_class AS c
        WHERE c.relkind = 'r' AND c.relnamespace IN ('opigno'::regnamespace, 'customer'::regnamespace) ORDER BY 1
    LOOP
        EXECUTE format('SELECT count(*) FROM %s AS t WHERE strpos(t::text, $1) > 0', place) INTO row_count USING marker;
        IF row_count > 0 THEN
            RETURN NEXT;
        END IF;
    END LOOP;
END
$$;
SELECT * FROM test.places_with('u1');

\echo -- the erasure needs a retirement in its state
SET ROLE regress_opigno_operator;
SELECT * FROM test.refusal($$SELECT opigno.retire_user_data('u1')$$);
SELECT * FROM test.refusal($$SELECT opigno.retire_user_data('nobody')$$);
SELECT * FROM test.refusal($$SELECT opigno.retire_user_data(NULL)$$);
SELECT current_state FROM opigno.begin_retirement('u1');
SELECT * FROM test.refusal($$SELECT opigno.retire_user_data('u1')$$);
SELECT current_state FROM opigno.move_retirement('u1', 'RETIRING_LMS', 'go');
-- A table that cannot be written hinders it, unless it was dropped.
SELECT * FROM test.refusal($$SELECT opigno.retire_user_data('u1')$$);
ALTER TABLE customer.changed RENAME COLUMN whom TO who;
-- The owner of a table with FORCE ROW LEVEL SECURITY may not see all rows.
ALTER TABLE customer.contract ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE customer.archive ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
SELECT * FROM test.refusal($$SELECT opigno.retire_user_data('u1')$$);
RESET ROLE;
SELECT * FROM test.refusal($$SELECT opigno.move_user_entities('u1', 'u2')$$);
SELECT * FROM test.refusal($$SELECT opigno.purge_user_entities(ARRAY['u1'])$$);
SET ROLE regress_opigno_operator;
ALTER TABLE customer.contract NO FORCE ROW LEVEL SECURITY;
-- Rows of a table are not in messages.
ALTER TABLE customer.short ADD CONSTRAINT has_user CHECK (who IS NOT NULL);
SELECT * FROM test.refusal($$SELECT opigno.retire_user_data('u1')$$);
ALTER TABLE customer.short DROP CONSTRAINT has_user;
SELECT * FROM opigno.retire_user_data('u1');
SELECT * FROM opigno.retire_user_data('u1');
ALTER TABLE customer.archive NO FORCE ROW LEVEL SECURITY;
RESET ROLE;
-- Only the retirement and what the customer keeps name the user.
SELECT * FROM test.places_with('u1');
SELECT * FROM test.places_with('retired__user_');
SELECT * FROM test.places_with('u2');
SELECT * FROM customer.ledger ORDER BY id;
SELECT * FROM customer.short ORDER BY id;
SELECT after_uuid FROM opigno.profile_migration;
SELECT certificate_number, issued_at > now() AS is_later, retired_uuid, acting_role, previous_hash,
    length(certificate_hash)
FROM opigno.retirement_certificate('U1');
SELECT e.key, e.value FROM opigno.retirement_certificate('u1'), jsonb_each(erased) AS e ORDER BY e.key COLLATE "C";
SELECT c.certificate_number = d.certificate_number AS is_same
FROM opigno.retirement_certificate('u1') AS c, opigno.retirement_certificate(c.retired_uuid) AS d;
SELECT * FROM opigno.retirement_certificate('u2');
SELECT action, outcome, user_uuid, last_user_uuid, request_user, row_count,
    regexp_replace(subject, 'client \d+', 'client n') AS subject FROM opigno.audit ORDER BY id;
SELECT * FROM test.refusal($$SELECT opigno.set_user_context('U1', 'Name', true)$$);

\echo -- many users at once: what cannot be erased is named
SELECT test.plant(uuid) FROM unnest(ARRAY['m1', 'm2', 'm3', 'm4']) AS uuid;
SELECT count(*) FROM opigno.begin_retirements(ARRAY['m1', 'm2', 'm3', '17adb4c1-eb29-44bf-9d9a-5f8d056e58ee']);
SELECT count(opigno.move_retirement(uuid, 'RETIRING_LMS', 'go'))
FROM unnest(ARRAY['m1', 'm2', '17adb4c1-eb29-44bf-9d9a-5f8d056e58ee']) AS uuid;
SELECT user_uuid, outcome, retired_uuid, certificate_number, code, message
FROM opigno.retire_users_data(ARRAY['m3', 'm2', 'u1', 'm1', NULL, '17ADB4C1-EB29-44BF-9D9A-5F8D056E58EE', 'm4', 'm2',
    'nobody', '']);
SELECT * FROM opigno.retire_users_data('{}');
SELECT * FROM test.refusal($$SELECT opigno.retire_users_data(NULL)$$);
SELECT * FROM test.places_with('m1');
SELECT * FROM test.places_with('17adb4c1');
SELECT * FROM customer.badge;
SELECT certificate_number, erased -> 'profile' AS profile, erased -> 'audit' AS audit, erased -> 'entities' -> 'badges'
    AS badges FROM opigno.erasure_certificate ORDER BY certificate_number;
SELECT outcome, user_uuid IS NOT NULL AS has_first, row_count FROM opigno.audit WHERE action = 'retire_users_data';

\echo -- merged users: their names are retired, too
SELECT opigno.detach_entity_table('changed'), opigno.detach_entity_table('dropped');
SELECT test.plant('k1');
SELECT count(opigno.set_user_context('anon-1', 'Anonymous User', true));
SELECT count(opigno.upsert_profile('anon-1', 7, '{"from": "anonymous"}'));
SELECT count(opigno.merge_user_contexts('anon-1', 'k1', 'keep'));
UPDATE opigno.profile_migration SET after_uuid = 'anon-1';
SELECT count(opigno.begin_retirement('k1')), count(opigno.move_retirement('k1', 'RETIRING_LMS', ''));
SELECT outcome FROM opigno.retire_user_data('k1');
SELECT * FROM test.places_with('anon-1');
SELECT opigno.is_retired('anon-1');

\echo -- another user whose uuid differs in letter case only is another user
SELECT count(opigno.set_user_context(uuid, 'Name', true)) FROM unnest(ARRAY['Twin', 'twin']) AS uuid;
SELECT count(opigno.begin_retirement('Twin')), count(opigno.move_retirement('Twin', 'RETIRING_LMS', ''));
SELECT outcome FROM opigno.retire_user_data('Twin');
SELECT * FROM test.refusal($$SELECT opigno.retire_user_data('twin')$$);
SELECT user_uuid, outcome, code, message FROM opigno.retire_users_data(ARRAY['twin', 'Twin']);
SELECT count(opigno.begin_retirement('twin')), count(opigno.move_retirement('twin', 'RETIRING_LMS', ''));
SELECT outcome FROM opigno.retire_user_data('twin');
SELECT user_uuid FROM opigno.get_retirement(opigno.retired_user_uuid('twin')) ORDER BY 1;
SELECT count(*) FROM opigno.retirement_certificate('TWIN');

\echo -- certificates are a chain
SELECT * FROM opigno.verify_retirement_certificates();
SAVEPOINT whole;
UPDATE opigno.erasure_certificate SET erased = '{}' WHERE certificate_number = 2;
SELECT * FROM opigno.verify_retirement_certificates();
ROLLBACK TO whole;
DELETE FROM opigno.erasure_certificate WHERE certificate_number = 2;
SELECT * FROM opigno.verify_retirement_certificates();
ROLLBACK TO whole;
UPDATE opigno.erasure_certificate AS c SET certificate_hash = sha256(convert_to(concat_ws(E'\n', c.certificate_number,
    (extract(epoch FROM c.issued_at) * 1000000)::bigint, 'other', c.erased, c.acting_role,
    encode(c.previous_hash, 'hex')), 'UTF8')), retired_uuid = 'other' WHERE certificate_number = 3;
SELECT * FROM opigno.verify_retirement_certificates();
ROLLBACK TO whole;

\echo -- triggers and foreign keys of the site
SELECT count(*) FROM (SELECT test.plant('k2')) AS p;
SELECT count(opigno.begin_retirement('k2')), count(opigno.move_retirement('k2', 'RETIRING_LMS', ''));
INSERT INTO customer.contract VALUES (9, 'k2', 'note');
CREATE TRIGGER keep BEFORE DELETE ON customer.contract FOR EACH ROW EXECUTE FUNCTION test.suppress();
SELECT * FROM test.refusal($$SELECT opigno.retire_user_data('k2')$$);
DROP TRIGGER keep ON customer.contract;
-- Deferred constraints of the table are checked at once.
CREATE TABLE customer.page (contract integer REFERENCES customer.contract DEFERRABLE INITIALLY DEFERRED);
SELECT * FROM test.refusal($$SELECT opigno.retire_user_data('k2')$$);
SAVEPOINT deferred;
SET CONSTRAINTS ALL IMMEDIATE;
SELECT outcome FROM opigno.retire_user_data('k2');
ROLLBACK TO deferred;
INSERT INTO customer.page VALUES (9);
SET CONSTRAINTS ALL IMMEDIATE;
SELECT * FROM test.refusal($$SELECT opigno.retire_user_data('k2')$$);
SET CONSTRAINTS ALL DEFERRED;
DROP TABLE customer.page;
-- The table's owner has no rights of ours in a trigger.
CREATE FUNCTION customer.spy() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE NOTICE 'current_user is %', current_user;
    PERFORM FROM opigno.audit;
    RETURN OLD;
END $$;
CREATE TRIGGER spy AFTER DELETE ON customer.contract FOR EACH ROW EXECUTE FUNCTION customer.spy();
ALTER TABLE customer.contract OWNER TO regress_opigno_customer;
SELECT opigno.detach_entity_table('contracts');
SET ROLE regress_opigno_operator;
SELECT opigno.attach_entity_table('customer.contract', 'contracts', 'who', on_retirement => 'erase');
RESET ROLE;
GRANT USAGE ON SCHEMA customer TO regress_opigno_customer;
SELECT * FROM test.refusal($$SELECT opigno.retire_user_data('k2')$$);
DROP TRIGGER spy ON customer.contract;
CREATE TABLE customer.loan (who opigno.user_uuid REFERENCES opigno.user_context);
INSERT INTO customer.loan VALUES ('k2');
SELECT * FROM test.refusal($$SELECT opigno.retire_user_data('k2')$$) LIMIT 1;
DROP TABLE customer.loan;
CREATE TRIGGER keep BEFORE DELETE ON opigno.user_context FOR EACH ROW EXECUTE FUNCTION test.suppress();
SELECT * FROM test.refusal($$SELECT opigno.retire_user_data('k2')$$);
DROP TRIGGER keep ON opigno.user_context;

\echo -- who may
SELECT count(test.plant('k3'));
GRANT USAGE ON SCHEMA test TO regress_opigno_app;
SELECT statement, test.as_user('k3', statement) FROM (VALUES
    ($$SELECT outcome FROM opigno.retire_user_data('k3')$$),
    ($$SELECT count(*) FROM opigno.retire_users_data('{k3}')$$),
    ($$SELECT opigno.is_retired('u1')::text$$),
    ($$SELECT opigno.retired_user_uuid('u1')$$),
    ($$SELECT count(*) FROM opigno.retirement_certificate('u1')$$),
    ($$SELECT count(*) FROM opigno.list_retirement_salts()$$),
    ($$SELECT count(*) FROM opigno.verify_retirement_certificates()$$),
    ($$SELECT count(*) FROM opigno.erasure_certificate$$),
    ($$SELECT count(*) FROM opigno.retired_identifier$$),
    ($$SELECT opigno.import_retired_identifiers('{}')$$),
    ($$SELECT opigno.add_retirement_salt()$$)) AS s (statement);
SET ROLE regress_opigno_auditor;
SELECT opigno.is_retired('u1'), opigno.retired_user_uuid('u1') LIKE 'retired\_\_user\_%' AS is_name;
SELECT count(*) FROM opigno.retirement_certificate('u1');
SELECT count(*) > 0 AS has_rows FROM opigno.retired_identifier;
SELECT * FROM opigno.verify_retirement_certificates();
SELECT count(*) FROM opigno.list_retirement_salts();
SELECT * FROM test.refusal($$SELECT * FROM opigno.retirement_salt$$);
SELECT * FROM test.refusal($$SELECT opigno.retire_user_data('k3')$$);
SELECT * FROM test.refusal($$SELECT opigno.add_retirement_salt()$$);
SET ROLE regress_opigno_learning;
SELECT * FROM test.refusal($$SELECT opigno.is_retired('u1')$$);
RESET ROLE;
ROLLBACK;

\echo -- the first erasure makes a salt
BEGIN;
SELECT count(opigno.set_user_context('u9', 'Name', true));
SELECT count(opigno.begin_retirement('u9')), count(opigno.move_retirement('u9', 'RETIRING_LMS', ''));
SELECT outcome, length(retired_uuid), certificate_number FROM opigno.retire_user_data('u9');
SELECT algorithm, is_newest FROM opigno.list_retirement_salts();
-- The clean-up redacts what was written of the user meanwhile.
INSERT INTO opigno.audit (recorded_at, action, session_role, acting_role, request_user, user_uuid, subject)
VALUES (now(), 'patch_preferences', 'r', 'r', 'u9', 'other', 'key'),
    (now(), 'patch_preferences', 'r', 'r', NULL, 'u9', 'key');
INSERT INTO opigno.bulk_error (recorded_at, recorded_by, staging, ordinal, user_uuid, code, path, message, expires_at)
VALUES (now(), current_user::regrole, 'public.staged', 1, 'u9', '22023', '', 'message', 'infinity'),
    (now(), current_user::regrole, 'public.staged', 2, 'other', '22023', '', 'message', 'infinity');
SELECT count(opigno.move_retirement('u9', 'COMPLETE', '')), count(opigno.retirement_cleanup('{u9}'));
SELECT left(user_uuid, 14) AS user_uuid, left(request_user, 14) AS request_user, subject FROM opigno.audit
WHERE action = 'patch_preferences' AND session_role = 'r' ORDER BY id;
SELECT user_uuid FROM opigno.bulk_error WHERE user_uuid IN ('u9', 'other');
-- It is known after the clean-up, too.
SELECT outcome, certificate_number FROM opigno.retire_user_data('U9');
ROLLBACK;

\echo -- other isolation levels
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT * FROM test.refusal($$SELECT opigno.retire_user_data('u9')$$);
SELECT * FROM test.refusal($$SELECT opigno.retirement_cleanup('{u9}')$$);
ROLLBACK;
