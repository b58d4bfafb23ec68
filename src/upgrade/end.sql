/*
 * The end of every upgrade: names the roles that may write or refer to tables besides the owner, which older
 * versions let default privileges give. opigno.refresh_grants() takes these privileges away. A REVOKE here
 * would make the site's grants look like the extension's own, and pg_dump would lose them.
 */
DO LANGUAGE plpgsql $$
DECLARE
    roles text;
BEGIN
    SELECT string_agg(DISTINCT CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE g.grantee::regrole::text END, ', ')
        INTO roles FROM opigno.owner_privilege AS g;
    IF roles IS NOT NULL THEN
        RAISE WARNING 'roles with privileges on tables that only the extension''s owner should have: %', roles
            USING HINT = 'SELECT opigno.refresh_grants() takes these privileges away; foreign keys that exist keep working.';
    END IF;
END
$$;
