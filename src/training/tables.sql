/* Domains have the CHECK constraints, as in the tables of users: src/context/tables.sql. */
CREATE DOMAIN opigno.training_id AS text COLLATE "C"
    CONSTRAINT training_id_is_canonical CHECK (opigno.is_user_uuid(VALUE));
COMMENT ON DOMAIN opigno.training_id IS
'Key of a training: any unique string of 1 to 255 bytes without control characters. A UUID is '
'stored in lower case, as in opigno.user_uuid.';

CREATE DOMAIN opigno.training_title AS text
    CONSTRAINT training_title_has_1_to_255_characters CHECK (char_length(VALUE) BETWEEN 1 AND 255);
COMMENT ON DOMAIN opigno.training_title IS 'Title of a training, 1 to 255 characters.';

CREATE DOMAIN opigno.training_status AS text COLLATE "C"
    CONSTRAINT training_status_is_known
    CHECK (VALUE IN ('not_started', 'in_progress', 'failed', 'passed'));
COMMENT ON DOMAIN opigno.training_status IS
'What a user has reached in a training: not_started, in_progress, failed or passed.';

CREATE DOMAIN opigno.training_percentage AS numeric(5, 2)
    CONSTRAINT training_percentage_is_from_0_to_100 CHECK (VALUE BETWEEN 0 AND 100);
COMMENT ON DOMAIN opigno.training_percentage IS
'Progress in percent, from 0 to 100, with two digits after the point.';

CREATE DOMAIN opigno.training_score AS numeric
    CONSTRAINT training_score_is_finite
    CHECK (VALUE > '-Infinity'::numeric AND VALUE < 'Infinity'::numeric);
COMMENT ON DOMAIN opigno.training_score IS 'Score points, a finite number.';

CREATE TABLE opigno.training (
    training_id opigno.training_id PRIMARY KEY,
    title opigno.training_title NOT NULL,
    is_active boolean NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
) WITH (fillfactor = 90);
CREATE INDEX training_search_key_idx
    ON opigno.training ((opigno.search_key(title::text) COLLATE "C"), training_id)
    WHERE is_active;
COMMENT ON INDEX opigno.training_search_key_idx IS
'active trainings by title, for opigno.find_trainings()';
COMMENT ON TABLE opigno.training IS
'registered trainings; written by opigno.set_training() and opigno.set_trainings()';
COMMENT ON COLUMN opigno.training.training_id IS 'key of the training, in canonical form';
COMMENT ON COLUMN opigno.training.title IS 'title for people, 1 to 255 characters';
COMMENT ON COLUMN opigno.training.is_active IS
'whether opigno.find_trainings() offers the training; progress in it can always be reported';
COMMENT ON COLUMN opigno.training.version IS
'the clock in microseconds since 1970 at creation, and 1 more after each change';
COMMENT ON COLUMN opigno.training.created_at IS
'start of the transaction that created the training';
COMMENT ON COLUMN opigno.training.updated_at IS
'start of the transaction that last changed the training';
SELECT pg_extension_config_dump('opigno.training', '');

/* Every role with a level reads the table. No policy permits writes, whatever has been granted. */
ALTER TABLE opigno.training ENABLE ROW LEVEL SECURITY;
CREATE POLICY training_of_all ON opigno.training FOR SELECT USING (true);
COMMENT ON POLICY training_of_all ON opigno.training IS 'trainings are no secret';

CREATE TABLE opigno.training_progress (
    user_uuid opigno.user_uuid NOT NULL REFERENCES opigno.user_context,
    training_id opigno.training_id NOT NULL REFERENCES opigno.training,
    is_enrolled boolean NOT NULL,
    status opigno.training_status NOT NULL,
    progress opigno.training_percentage NOT NULL,
    score opigno.training_score,
    details jsonb,
    reported_at timestamptz,
    status_reported_at timestamptz,
    score_reported_at timestamptz,
    details_reported_at timestamptz,
    decreased_at timestamptz,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (user_uuid, training_id)
) WITH (fillfactor = 80);
CREATE INDEX training_progress_training_id_idx
    ON opigno.training_progress (training_id, user_uuid);
DO LANGUAGE plpgsql $$
BEGIN
    ALTER TABLE opigno.training_progress ALTER COLUMN details SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
    NULL;
END
$$;
COMMENT ON TABLE opigno.training_progress IS
'what each user has reached in each training; written by opigno.report_progress() and related '
'functions';
COMMENT ON COLUMN opigno.training_progress.user_uuid IS 'the user';
COMMENT ON COLUMN opigno.training_progress.training_id IS 'the training';
COMMENT ON COLUMN opigno.training_progress.is_enrolled IS
'whether the user is enrolled; opigno.remove_enrolment() sets false and keeps the progress';
COMMENT ON COLUMN opigno.training_progress.status IS
'not_started, in_progress, failed or passed';
COMMENT ON COLUMN opigno.training_progress.progress IS 'progress in percent';
COMMENT ON COLUMN opigno.training_progress.score IS 'score points; NULL if none were reported';
COMMENT ON COLUMN opigno.training_progress.details IS
'what the report says beside these columns: a JSON object, or NULL';
COMMENT ON COLUMN opigno.training_progress.reported_at IS
'the time that the newest report gives; NULL if nothing was reported';
COMMENT ON COLUMN opigno.training_progress.status_reported_at IS
'the time of the report that gave the status; NULL if none was reported: then the status follows '
'from progress';
COMMENT ON COLUMN opigno.training_progress.score_reported_at IS
'the time of the report that gave the score';
COMMENT ON COLUMN opigno.training_progress.details_reported_at IS
'the time of the report that gave the details';
COMMENT ON COLUMN opigno.training_progress.decreased_at IS
'the time of a report that lowered progress by allow_decrease; older reports do not raise it again';
COMMENT ON COLUMN opigno.training_progress.version IS
'the clock in microseconds since 1970 at creation, and 1 more after each change';
COMMENT ON COLUMN opigno.training_progress.created_at IS
'start of the transaction that created the row';
COMMENT ON COLUMN opigno.training_progress.updated_at IS
'start of the transaction that last changed the row';
SELECT pg_extension_config_dump('opigno.training_progress', '');

ALTER TABLE opigno.training_progress ENABLE ROW LEVEL SECURITY;
CREATE POLICY training_progress_of_request ON opigno.training_progress FOR SELECT
    USING (opigno.may_read_progress(user_uuid));
COMMENT ON POLICY training_progress_of_request ON opigno.training_progress IS
'a request sees the progress of its user; operators, auditors and the level learning see all';

/* Written with the progress of a user, by differences: src/training/ranking_standing.hpp. */
CREATE TABLE opigno.training_standing (
    user_uuid opigno.user_uuid PRIMARY KEY REFERENCES opigno.user_context,
    passed_trainings_number integer NOT NULL,
    completed_trainings_number integer NOT NULL,
    scored_trainings_number integer NOT NULL,
    score_sum numeric NOT NULL,
    average_score numeric NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX training_standing_place_idx
    ON opigno.training_standing (passed_trainings_number, average_score);
COMMENT ON TABLE opigno.training_standing IS
'how many trainings each user has completed; written with opigno.training_progress, read by '
'opigno.passed_trainings_ranking()';
COMMENT ON COLUMN opigno.training_standing.user_uuid IS
'the user, who has or had a completed training';
COMMENT ON COLUMN opigno.training_standing.passed_trainings_number IS 'number of trainings passed';
COMMENT ON COLUMN opigno.training_standing.completed_trainings_number IS
'number of trainings passed or failed';
COMMENT ON COLUMN opigno.training_standing.scored_trainings_number IS
'number of completed trainings with a score';
COMMENT ON COLUMN opigno.training_standing.score_sum IS 'sum of the scores of completed trainings';
COMMENT ON COLUMN opigno.training_standing.average_score IS
'score_sum divided by scored_trainings_number, to six digits after the point; 0 if there are no '
'scores';
SELECT pg_extension_config_dump('opigno.training_standing', '');

ALTER TABLE opigno.training_standing ENABLE ROW LEVEL SECURITY;
CREATE POLICY training_standing_of_request ON opigno.training_standing FOR SELECT
    USING (opigno.may_read_progress(user_uuid));
COMMENT ON POLICY training_standing_of_request ON opigno.training_standing IS
'a request sees the standing of its user; operators, auditors and the level learning see all';

CREATE TABLE opigno.ranking_step (
    passed_trainings_number integer NOT NULL,
    average_score numeric NOT NULL,
    users_before bigint NOT NULL,
    users_up_to bigint NOT NULL,
    refreshed_at timestamptz NOT NULL,
    PRIMARY KEY (passed_trainings_number, average_score)
);
COMMENT ON TABLE opigno.ranking_step IS
'places of the ranking, about one for each hundred users; written by '
'opigno.refresh_passed_trainings_ranking()';
COMMENT ON COLUMN opigno.ranking_step.passed_trainings_number IS
'number of trainings passed of the users at this place';
COMMENT ON COLUMN opigno.ranking_step.average_score IS 'their average score';
COMMENT ON COLUMN opigno.ranking_step.users_before IS 'number of users that are better';
COMMENT ON COLUMN opigno.ranking_step.users_up_to IS
'number of users that are better or at this place';
COMMENT ON COLUMN opigno.ranking_step.refreshed_at IS 'time at which the users were counted';
SELECT pg_extension_config_dump('opigno.ranking_step', '');

ALTER TABLE opigno.ranking_step ENABLE ROW LEVEL SECURITY;
CREATE POLICY ranking_step_of_all ON opigno.ranking_step FOR SELECT USING (true);
COMMENT ON POLICY ranking_step_of_all ON opigno.ranking_step IS 'steps name no user';
