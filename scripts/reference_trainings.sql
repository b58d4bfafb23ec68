-- # Trainings
-- The registry of trainings. docs/guide/trainings.md describes trainings and progress.

-- ## set_training
SELECT training_id, title, is_active FROM opigno.set_training('first-aid', 'First Aid');

-- ## set_trainings
SELECT opigno.set_trainings('[{"training_id": "fire-safety", "title": "Fire Safety"},
    {"training_id": "first-aid", "title": "First  Aid"}]') AS answer;

-- ## get_training
SELECT training_id, title, is_active FROM opigno.get_training('first-aid');

-- ## list_trainings
SELECT training_id, title, is_active FROM opigno.list_trainings();

-- ## find_trainings
SELECT * FROM opigno.find_trainings('first');

-- ## search_key
SELECT opigno.search_key('  First  AID') AS search_key;

-- ## search_key_end
SELECT opigno.search_key_end('First') AS search_key_end;

-- ## delete_training
SELECT opigno.delete_training('fire-safety') AS deleted;

-- # Training profiles
-- One JSON document per training and app, with the rules of profiles. See docs/guide/trainings.md.

-- ## upsert_training_profile
SELECT outcome FROM opigno.upsert_training_profile('first-aid', 1, '{"room": "B12", "seats": 20}');

-- ## patch_training_profile
SELECT outcome FROM opigno.patch_training_profile('algebra', 1, '{"room": null, "seats": 24}');

-- ## get_training_profile
SELECT training_id, app_id, profile_data FROM opigno.get_training_profile('algebra', 1);

-- ## list_training_profiles
SELECT training_id, app_id, profile_data FROM opigno.list_training_profiles(1);

-- ## create_training_profiles
SELECT opigno.create_training_profiles('[
    {"training_id": "first-aid", "app_id": 1, "profile_data": {"seats": 12}},
    {"training_id": "unknown", "app_id": 1, "profile_data": {"seats": 3}}]', on_error => 'report');

-- ## patch_training_profiles
SELECT opigno.patch_training_profiles('[{"training_id": "algebra", "app_id": 1, "patch": {"seats": 14}}]');

-- ## delete_training_profiles
SELECT opigno.delete_training_profiles('[{"training_id": "algebra", "app_id": 1}]');

-- ## set_training_profile_schema
SELECT * FROM opigno.set_training_profile_schema(1, '{"properties": {"seats": {"type": "integer"}}}');

-- ## training_profile_schemas
SELECT version, mode, draft, schema FROM opigno.training_profile_schemas(1);

-- ## training_profile_schema_faults
SELECT version, path, keyword, faults FROM opigno.training_profile_schema_faults(1);

-- ## validate_training_profiles
SELECT opigno.validate_training_profiles(1, '{"properties": {"seats": {"maximum": 12}}}');

-- ## drop_training_profile_schema
SELECT opigno.drop_training_profile_schema(1);

-- ## may_read_training_profile
SELECT FROM opigno.test_request('ada');
SELECT opigno.may_read_training_profile(1);

-- ## may_read_whole_training_profile
SELECT opigno.may_read_whole_training_profile(1);

-- ## visible_training_profile_data
SELECT opigno.visible_training_profile_data(1, '{"seats": 24}');

-- ## may_read_app_schema
SELECT opigno.may_read_app_schema('training_profile');

-- ## merged_training_profile
SELECT opigno.merged_training_profile('{"seats": 24}', '{"seats": 20}', 1, true);

-- ## delete_training_profile
SELECT opigno.delete_training_profile('algebra', 1);

-- # Progress in trainings
-- What users have reached in trainings, and their ranking.

-- ## report_progress
SELECT status, progress, score, outcome
FROM opigno.report_progress('john', 'algebra', 'passed', 100, 80, '2026-02-01 09:30Z');

-- ## report_progress_many
SELECT opigno.report_progress_many('[
    {"user_id": "john", "training_id": "algebra", "progress": 60, "reported_at": "2026-02-01T08:00:00Z"},
    {"user_id": "john", "training_id": "algebra", "status": "failed", "reported_at": "2026-02-01T09:00:00Z"},
    {"user_id": "ada", "training_id": "geometry"}]', on_error => 'report');

-- ## enrol_user
SELECT training_id, is_enrolled, status, outcome FROM opigno.enrol_user('ada', 'first-aid');

-- ## remove_enrolment
SELECT training_id, is_enrolled, status, outcome FROM opigno.remove_enrolment('ada', 'algebra');

-- ## get_progress
SELECT training_id, status, progress, score FROM opigno.get_progress('ada');

-- ## list_progress
SELECT user_uuid, status, progress FROM opigno.list_progress('algebra', max_rows => 10);

-- ## my_progress
SELECT FROM opigno.test_request('ada');
SELECT training_id, status, progress, score FROM opigno.my_progress();

-- ## may_read_progress
SELECT opigno.may_read_progress('ada');

-- ## passed_trainings_ranking
SELECT rank, average_score, passed_trainings_number, completed_trainings_number
FROM opigno.passed_trainings_ranking('ada');

-- ## refresh_passed_trainings_ranking
SELECT opigno.refresh_passed_trainings_ranking();

-- # Entity tables of the site
-- Tables of the site whose rows belong to users or to trainings. docs/guide/entities.md describes them.

-- ## attach_entity_table
CREATE TABLE certificate (learner text PRIMARY KEY, issued date);
SELECT opigno.attach_entity_table('certificate', 'certificates', user_column => 'learner',
    on_retirement => 'erase');

-- ## list_entity_tables
SELECT label, relation, key_column, keyed_by, on_retirement FROM opigno.list_entity_tables();

-- ## user_entities
SELECT label, entity FROM opigno.user_entities('ada');

-- ## training_entities
SELECT label, entity FROM opigno.training_entities('algebra');

-- ## detach_entity_table
SELECT opigno.detach_entity_table('badges');

-- # Combined requests
-- What is known about a user, in one call and one snapshot.

-- ## get_user_bundle
SELECT jsonb_pretty(opigno.get_user_bundle('ada', '{1}', '{user_context,preferences,entities}')::jsonb);

-- ## get_user_bundles
SELECT user_uuid, bundle
FROM opigno.get_user_bundles('{ada,john,nobody}', include => '{preferences}');
