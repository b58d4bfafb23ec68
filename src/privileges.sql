/* Nothing for PUBLIC. */
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA opigno FROM PUBLIC;
REVOKE ALL ON TYPE opigno.user_uuid, opigno.scope_list, opigno.display_name FROM PUBLIC;
