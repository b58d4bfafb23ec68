ALTER TABLE opigno.user_context ENABLE ROW LEVEL SECURITY;
CREATE POLICY user_context_of_request ON opigno.user_context FOR SELECT
    USING (opigno.may_read_user_context(uuid, created_by_client_id));
COMMENT ON POLICY user_context_of_request ON opigno.user_context IS
'a request sees its own user context and, if its user can act, those of users for whom its client '
'may act; operators and auditors see all';
