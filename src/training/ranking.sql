CREATE OR REPLACE FUNCTION opigno.passed_trainings_ranking(user_uuid text)
    RETURNS TABLE (rank bigint, average_score numeric, passed_trainings_number integer,
                   completed_trainings_number integer, ranked_at timestamptz)
    LANGUAGE c STABLE PARALLEL RESTRICTED COST 1000 ROWS 1
    AS 'MODULE_PATHNAME', 'opigno_passed_trainings_ranking';
COMMENT ON FUNCTION opigno.passed_trainings_ranking(text) IS
E'Returns the place of a user among all users by the number of trainings passed, then by the '
'average score of trainings passed or failed.\n'
'Users with the same number and average share a rank. Users without scopes and users that are not '
'active are not counted and have no row. A training without a score does not count for the '
'average, which is 0 if there are no scores.\n'
'The counts are those of this moment. The rank adds the users between this one and a step, of '
'which opigno.refresh_passed_trainings_ranking() stores one for each hundred users, to the number '
'that the step had. So a rank costs milliseconds among a million users, and is as fresh as '
'ranked_at. Without steps all better users are counted, which is slow for users far down the '
'ranking.\n'
'Operators, auditors and the level learning may read it for every user, and a request for its '
'own.\n'
'user_uuid: the user, in any letter case\n'
'Implements getUserPassedTrainingsRanking of Opigno.';

CREATE OR REPLACE FUNCTION opigno.refresh_passed_trainings_ranking() RETURNS bigint
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100000
    AS 'MODULE_PATHNAME', 'opigno_refresh_passed_trainings_ranking';
COMMENT ON FUNCTION opigno.refresh_passed_trainings_ranking() IS
E'Counts the users at each place of the ranking again, and returns the number of steps stored.\n'
'Call it from a scheduler, as often as ranks must be fresh: every quarter of an hour, say. It '
'reads the standings of all users once. Other sessions read the old steps meanwhile.\n'
'Raises 42501 if the caller has neither the level operator or learning nor an operator''s '
'request.';
