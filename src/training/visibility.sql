/* The policies call may_read_progress. It is LEAKPROOF and cheap: queries by key use the index. */

CREATE OR REPLACE FUNCTION opigno.may_read_progress(user_uuid text) RETURNS boolean
    LANGUAGE c STABLE STRICT LEAKPROOF PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME', 'opigno_may_read_progress';
COMMENT ON FUNCTION opigno.may_read_progress(text) IS
E'Returns whether the caller may read the training progress of a user.\n'
'A request may read the progress of its user, if the user can act. Operators, auditors and roles '
'of the level learning may read all.\n'
'user_uuid: the user, in canonical form';

/* An index on trainings depends on this function. */
CREATE OR REPLACE FUNCTION opigno.search_key(value text) RETURNS text
    LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
    AS 'MODULE_PATHNAME', 'opigno_search_key';
COMMENT ON FUNCTION opigno.search_key(text) IS
E'Returns a text as opigno.find_trainings() compares it: without letter case and with single '
'spaces.\n'
'Letters are folded by Unicode''s simple case folding, version 14, whatever the locale is. White '
'space at the start is removed, and further white space becomes one space.\n'
'value: the text';

CREATE OR REPLACE FUNCTION opigno.search_key_end(prefix text) RETURNS text
    LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5
    AS 'MODULE_PATHNAME', 'opigno_search_key_end';
COMMENT ON FUNCTION opigno.search_key_end(text) IS
E'Returns the end of the range of search keys that start with that of a text.\n'
'All these keys, in the collation "C", are less than the end and not less than '
'opigno.search_key(prefix). For an empty text all keys are less than the end.\n'
'prefix: the start of a text';
