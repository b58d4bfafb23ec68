-- # Retirement
-- States and the process. docs/guide/retirement.md describes it.

-- ## begin_retirement
SELECT user_uuid, current_state, was_active FROM opigno.begin_retirement('john');

-- ## begin_retirements
SELECT * FROM opigno.begin_retirements('{john,nobody}');

-- ## cancel_retirement
SELECT FROM opigno.begin_retirement('john');
SELECT user_uuid, current_state FROM opigno.cancel_retirement('john');

-- ## get_retirement
SELECT FROM opigno.begin_retirement('john');
SELECT user_uuid, current_state, last_state FROM opigno.get_retirement('john');

-- ## list_retirements
SELECT FROM opigno.begin_retirement('john');
SELECT user_uuid, current_state FROM opigno.list_retirements('PENDING', max_rows => 10);

-- ## retirement_queue
SELECT FROM opigno.begin_retirement('john');
SELECT user_uuid, current_state FROM opigno.retirement_queue('{PENDING,LOCKING_COMPLETE}', 0, 10);

-- ## move_retirement
SELECT FROM opigno.begin_retirement('john');
SELECT user_uuid, current_state, last_state
FROM opigno.move_retirement('john', 'LOCKING_ACCOUNT', 'by worker 1', expected_state => 'PENDING');

-- ## retirement_cleanup
SELECT FROM opigno.begin_retirement('john');
SELECT FROM opigno.move_retirement('john', 'RETIRING_LMS', 'others are done');
SELECT FROM opigno.retire_user_data('john');
SELECT FROM opigno.move_retirement('john', 'COMPLETE', 'all done');
SELECT opigno.retirement_cleanup('{john}') AS deleted;

-- ## queue_partner_report
SELECT FROM opigno.begin_retirement('john');
SELECT FROM opigno.move_retirement('john', 'RETIRING_NOTES', 'partners must be told');
SELECT opigno.queue_partner_report('john') AS outcome;

-- ## take_partner_reports
SELECT FROM opigno.begin_retirement('john');
SELECT FROM opigno.move_retirement('john', 'RETIRING_NOTES', 'partners must be told');
SELECT FROM opigno.queue_partner_report('john');
SELECT user_uuid, display_name FROM opigno.take_partner_reports(10);

-- ## clean_up_partner_reports
SELECT FROM opigno.begin_retirement('john');
SELECT FROM opigno.move_retirement('john', 'RETIRING_NOTES', 'partners must be told');
SELECT FROM opigno.queue_partner_report('john');
SELECT FROM opigno.take_partner_reports(10);
SELECT opigno.clean_up_partner_reports('{john}') AS deleted;

-- ## list_retirement_states
SELECT * FROM opigno.list_retirement_states() WHERE category <> 'complete';

-- ## default_retirement_states
SELECT state_name, execution_order FROM opigno.default_retirement_states() LIMIT 3;

-- ## set_retirement_states
SELECT * FROM opigno.set_retirement_states('["PENDING", "RETIRING_LMS", "LMS_COMPLETE",
    "ERRORED", "ABORTED", "COMPLETE"]');
