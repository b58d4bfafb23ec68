/* Sub-selects are evaluated once per query, so that queries by key use the index. */
ALTER TABLE opigno.user_context ENABLE ROW LEVEL SECURITY;
CREATE POLICY user_context_of_request ON opigno.user_context FOR SELECT
    USING ((SELECT opigno.reads_every_user())
           OR uuid = (SELECT opigno.request_named_user())
           OR created_by_client_id = (SELECT CASE WHEN opigno.request_user() IS NOT NULL
                                                  THEN opigno.request_client() END));
COMMENT ON POLICY user_context_of_request ON opigno.user_context IS
'a request sees its own user context and, if its user can act, those that its client created; '
'operators and auditors see all';
