/* Reads are inlined, as in src/context/functions.sql. */

CREATE OR REPLACE FUNCTION opigno.get_training(training_id text)
    RETURNS TABLE (training_id text, title text, is_active boolean, version bigint,
                   created_at timestamptz, updated_at timestamptz)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT t.training_id::text, t.title::text, t.is_active, t.version, t.created_at, t.updated_at
    FROM opigno.training AS t
    WHERE t.training_id = opigno.canonical_user_uuid($1);
END;
COMMENT ON FUNCTION opigno.get_training(text) IS
E'Returns a training, or no row if there is none.\n'
'The planner inlines the function, so it costs no more than a SELECT by primary key.\n'
'training_id: the training; a UUID in any letter case';

CREATE OR REPLACE FUNCTION opigno.list_trainings(
    after_training_id text DEFAULT NULL, max_rows integer DEFAULT NULL,
    is_active boolean DEFAULT NULL)
    RETURNS TABLE (training_id text, title text, is_active boolean, version bigint,
                   created_at timestamptz, updated_at timestamptz)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 100
BEGIN ATOMIC
    SELECT t.training_id::text, t.title::text, t.is_active, t.version, t.created_at, t.updated_at
    FROM opigno.training AS t
    WHERE t.training_id > coalesce(opigno.canonical_user_uuid($1), '')
      AND ($3 IS NULL OR t.is_active = $3)
    ORDER BY t.training_id
    LIMIT coalesce($2, 100);
END;
COMMENT ON FUNCTION opigno.list_trainings(text, integer, boolean) IS
E'Returns a page of the trainings, in the byte order of their ids.\n'
'after_training_id: the page starts after this id, the last one of the page before; NULL for the '
'first page\n'
'max_rows: the number of rows of a page, 100 by default\n'
'is_active: only trainings with this value\n'
'Raises 2201W for a negative max_rows.';

/*
 * Both bounds are expressions of the arguments: an index range in custom and generic plans. For
 * EXISTS the planner would read all training profiles into a hash table.
 */
CREATE OR REPLACE FUNCTION opigno.find_trainings(
    prefix text, app_id integer DEFAULT NULL, max_rows integer DEFAULT NULL)
    RETURNS TABLE (training_id text, title text)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 10
BEGIN ATOMIC
    SELECT t.training_id::text, t.title::text
    FROM opigno.training AS t
    WHERE t.is_active
      AND opigno.search_key(t.title::text) COLLATE "C" >= opigno.search_key(coalesce($1, ''))
      AND opigno.search_key(t.title::text) COLLATE "C" < opigno.search_key_end(coalesce($1, ''))
      AND ($2 IS NULL OR opigno.may_read_training_profile($2))
      AND ($2 IS NULL OR (SELECT true FROM opigno.visible_training_profile AS p
                          WHERE p.training_id = t.training_id::text AND p.app_id = $2))
    ORDER BY opigno.search_key(t.title::text) COLLATE "C", t.training_id
    LIMIT coalesce($3, 10);
END;
COMMENT ON FUNCTION opigno.find_trainings(text, integer, integer) IS
E'Returns the active trainings whose titles start with a text, the title that equals it first.\n'
'Letter case does not matter, nor does the kind and number of white space characters: titles are '
'compared and ordered by opigno.search_key(). The function reads no more of an index than it '
'returns, unless app_id leaves trainings out: then it looks up the profile of each training that '
'has the prefix until the page is full.\n'
'prefix: the start of the title. NULL and an empty text list the first trainings.\n'
'app_id: only trainings that have a profile in this app that the caller may see; NULL for all\n'
'max_rows: the number of rows, 10 by default\n'
'Raises 2201W for a negative max_rows.';

/* Writes. */

CREATE OR REPLACE FUNCTION opigno.set_training(
    training_id text, title text DEFAULT NULL, is_active boolean DEFAULT NULL,
    expected_version bigint DEFAULT NULL,
    OUT training_id text, OUT title text, OUT is_active boolean, OUT version bigint,
    OUT created_at timestamptz, OUT updated_at timestamptz)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_set_training';
COMMENT ON FUNCTION opigno.set_training(text, text, boolean, bigint) IS
E'Creates or changes a training and returns its row.\n'
'NULL leaves a property unchanged. A training that does not exist is created, which requires a '
'title. Nothing is written if nothing changes. Requires the level operator or learning, or a '
'request of an operator.\n'
'training_id: the training, any string of 1 to 255 bytes without control characters; a UUID in '
'any letter case. The id of a new training has no white space at its ends and no invisible '
'characters.\n'
'title: title for people, 1 to 255 characters, one of them visible, without bidirectional control '
'characters\n'
'is_active: whether opigno.find_trainings() offers the training. Default true for a new one.\n'
'expected_version: write only if the training has this version; 0: only if there is none; -1: '
'only if there is one. NULL writes in any case.\n'
'Raises 22023 for invalid arguments. The message and the detail list the first eleven errors and '
'the number of the others.\n'
'Raises 42501 if the caller may not write trainings.\n'
'Raises PT409 if a trigger suppresses the write.\n'
'Raises PT412 if the stored version is not the expected one.';

CREATE OR REPLACE FUNCTION opigno.delete_training(
    training_id text, expected_version bigint DEFAULT NULL) RETURNS boolean
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_delete_training';
COMMENT ON FUNCTION opigno.delete_training(text, bigint) IS
E'Deletes a training to which nothing refers, and returns whether there was one.\n'
'Requires the level operator or learning, or a request of an operator.\n'
'training_id: the training; a UUID in any letter case\n'
'expected_version: delete only if the training has this version; 0: only if there is none; -1: '
'only if there is one\n'
'Raises 22023 for invalid arguments.\n'
'Raises 23503 if users have progress in the training, or apps have profiles of it.\n'
'Raises 42501 if the caller may not write trainings.\n'
'Raises PT409 if a trigger suppresses the deletion.\n'
'Raises PT412 if the stored version is not the expected one.';

CREATE OR REPLACE FUNCTION opigno.set_trainings(
    body text, on_error text DEFAULT NULL, dry_run boolean DEFAULT NULL,
    max_errors integer DEFAULT NULL, on_duplicate text DEFAULT NULL) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_set_trainings';
COMMENT ON FUNCTION opigno.set_trainings(text, text, boolean, integer, text) IS
E'Does the same as opigno.set_training() for many trainings in one call.\n'
'The result is {"errors":[{"ordinal","training_id","code","path","message"}],"refused",'
'"failed","response":{"received","created","updated","unchanged","skipped","failed"}}, as in '
'opigno.set_user_contexts(). Requires the level operator or learning, or a request of an '
'operator.\n'
'body: a JSON array, {"trainings":[...]}, or one JSON object per line (NDJSON), of '
'{"training_id","title","is_active","version"}. null leaves a member unchanged. version is the '
'expected version.\n'
'on_error: ''abort'' (default) or ''report'', as in opigno.create_profiles()\n'
'dry_run: if true, returns the same result and writes nothing\n'
'max_errors: the number of errors that are listed. Default 100.\n'
'on_duplicate: what to do with two different entries for one training, as in '
'opigno.set_user_contexts()\n'
'Raises 22023 for invalid arguments.\n'
'Raises 25006 for a dry run on a standby.\n'
'Raises 42501 if the caller may not write trainings.\n'
'Raises PT409 if other sessions or triggers prevent the call from writing all entries.';
