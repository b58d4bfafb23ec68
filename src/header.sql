\echo Use "CREATE EXTENSION opigno_profiles" to load this file. \quit

/* SET LOCAL, because a plain SET would stay on in the session of whoever installs. */
SET LOCAL search_path TO pg_catalog, pg_temp;
/* For privileges.sql: nothing is there yet. */
SET LOCAL opigno_profiles_script.members_before TO '{}';
