/*
 * The end of every upgrade: names the roles besides the owner that may write to tables or refer to
 * them. Older versions let default privileges grant this. opigno.refresh_grants() revokes these
 * privileges. After a REVOKE in an extension's script pg_dump would take the site's grants for the
 * extension's own, and would not dump them.
 */
DO LANGUAGE plpgsql $$
DECLARE
    roles text;
BEGIN
    SELECT string_agg(
            DISTINCT CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE g.grantee::regrole::text END, ', ')
        INTO roles FROM opigno.owner_privilege AS g;
    IF roles IS NOT NULL THEN
        RAISE WARNING 'roles with privileges that only the extension''s owner should have: %', roles
            USING HINT = 'SELECT opigno.refresh_grants() revokes them. '
                'Existing foreign keys continue to work.';
    END IF;
END
$$;
