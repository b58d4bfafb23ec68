/* Every role with a level reads the table. No policy permits writes, whatever has been granted. */
ALTER TABLE opigno.site_scope ENABLE ROW LEVEL SECURITY;
CREATE POLICY site_scope_of_all ON opigno.site_scope FOR SELECT USING (true);
COMMENT ON POLICY site_scope_of_all ON opigno.site_scope IS 'names of scopes are no secret';
