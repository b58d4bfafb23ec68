\echo Use "CREATE EXTENSION opigno_profiles" to load this file. \quit

/* SET LOCAL, because SET would remain in effect in the session that installs. */
SET LOCAL search_path TO pg_catalog, pg_temp;
/* For privileges.sql: no object existed before. */
SET LOCAL opigno_profiles_script.members_before TO '{}';
