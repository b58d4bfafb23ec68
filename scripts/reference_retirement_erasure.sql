-- # Erasing users
-- What is left of a retired user: a name by a hash, and a certificate. docs/guide/erasure.md
-- describes it.

-- ## retire_user_data
SELECT FROM opigno.begin_retirement('john');
SELECT FROM opigno.move_retirement('john', 'RETIRING_LMS', 'started');
SELECT outcome, certificate_number FROM opigno.retire_user_data('john');

-- ## retire_users_data
SELECT FROM opigno.begin_retirement('john');
SELECT FROM opigno.move_retirement('john', 'RETIRING_LMS', 'started');
SELECT user_uuid, outcome, certificate_number, code, message
FROM opigno.retire_users_data(ARRAY['john', 'ada']);

-- ## retirement_certificate
SELECT FROM opigno.begin_retirement('john');
SELECT FROM opigno.move_retirement('john', 'RETIRING_LMS', 'started');
SELECT outcome FROM opigno.retire_user_data('john');
SELECT certificate_number, erased -> 'training_progress' AS training_progress
FROM opigno.retirement_certificate('john');

-- ## verify_retirement_certificates
SELECT * FROM opigno.verify_retirement_certificates();

-- ## retired_user_uuid
SELECT opigno.add_retirement_salt('123', 'sha1') \g /dev/null
SELECT opigno.retired_user_uuid('learner1');

-- ## is_retired
SELECT opigno.is_retired('john');

-- ## add_retirement_salt
SELECT opigno.add_retirement_salt('abc', 'sha1') IS NOT NULL AS is_added;

-- ## list_retirement_salts
SELECT opigno.add_retirement_salt('123', 'sha1') \g /dev/null
SELECT algorithm, is_newest FROM opigno.list_retirement_salts();

-- ## import_retired_identifiers
SELECT opigno.import_retired_identifiers(
    ARRAY['retired__user_6eeb7e012f8baccfd697cb4dc11eaaf228e889e7']);
