/* Retired identifiers. */

CREATE OR REPLACE FUNCTION opigno.add_retirement_salt(
    salt text DEFAULT NULL, algorithm text DEFAULT NULL) RETURNS bigint
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_add_retirement_salt';
COMMENT ON FUNCTION opigno.add_retirement_salt(text, text) IS
E'Adds a salt for the hashes that stand for retired users, and returns its number.\n'
'The newest salt is used for new hashes, and all for look-ups. No function shows a salt, but the '
'server''s log can have the statement that gave it. Without this function the first erasure makes '
'a random salt. To go on with the retired users of an Open edX site, add its '
'RETIRED_USER_SALTS in their order with the algorithm sha1, and then call '
'opigno.import_retired_identifiers().\n'
'Requires the level operator or the rights of the extension''s owner.\n'
'salt: 1 to 1000 bytes in UTF-8; NULL: 32 random bytes\n'
'algorithm: sha256 (the default), or sha1 for hashes as in Open edX\n'
'Raises 22023 for invalid arguments.\n'
'Raises 42501 if the caller does not have the level operator.';

CREATE OR REPLACE FUNCTION opigno.list_retirement_salts()
    RETURNS TABLE (salt_id bigint, algorithm text, is_newest boolean, created_at timestamptz)
    LANGUAGE c STABLE PARALLEL UNSAFE COST 200 ROWS 5
    AS 'MODULE_PATHNAME', 'opigno_list_retirement_salts';
COMMENT ON FUNCTION opigno.list_retirement_salts() IS
E'Returns the salts of opigno.add_retirement_salt() in their order, without the salts themselves.\n'
'Operators and auditors see them. Other callers see no rows.';

CREATE OR REPLACE FUNCTION opigno.retired_user_uuid(user_uuid text) RETURNS text
    LANGUAGE c STABLE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_retired_user_uuid';
COMMENT ON FUNCTION opigno.retired_user_uuid(text) IS
E'Returns what stands for a user after opigno.retire_user_data(): retired__user_ and a hash.\n'
'That is the name that a retired user has, or the one that another user would get by the newest '
'salt. The user need not exist. Returns NULL for NULL, and for callers that are neither operators '
'nor auditors.\n'
'user_uuid: the user, in any letter case\n'
'Raises 22023 for a text that is no user uuid.\n'
'Raises PT409 if there is no salt and the user was not retired.';

CREATE OR REPLACE FUNCTION opigno.is_retired(user_uuid text) RETURNS boolean
    LANGUAGE c STABLE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_is_retired';
COMMENT ON FUNCTION opigno.is_retired(text) IS
E'Returns whether a user with this uuid, in any letter case, was retired, so that no new user can '
'have it.\n'
'Returns NULL for NULL, and for callers that are neither operators nor auditors.\n'
'user_uuid: the user\n'
'Raises 22023 for a text that is no user uuid.';

CREATE OR REPLACE FUNCTION opigno.import_retired_identifiers(identifiers text[]) RETURNS bigint
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_import_retired_identifiers';
COMMENT ON FUNCTION opigno.import_retired_identifiers(text[]) IS
E'Takes over the names of users that were retired elsewhere, and returns how many were new.\n'
'No new user can then have their uuids, if opigno.add_retirement_salt() has got the salts of the '
'hashes. Requires the level operator, or an operator''s request.\n'
'identifiers: hashes in hexadecimal, of 40 digits (SHA-1) or 64 (SHA-256), or names such as '
'retired__user_6eeb7e012f8baccfd697cb4dc11eaaf228e889e7\n'
'Raises 22023 for other texts; the error lists the first of them by their places.\n'
'Raises 42501 if the caller is not an operator.';

/* The erasure. */

CREATE OR REPLACE FUNCTION opigno.retire_user_data(
    user_uuid text, OUT outcome text, OUT retired_uuid text, OUT certificate_number bigint)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
    AS 'MODULE_PATHNAME', 'opigno_retire_user_data';
COMMENT ON FUNCTION opigno.retire_user_data(text) IS
E'Erases all data of a user whose retirement is in the state that erases data, and the user '
'context itself.\n'
'These are the display name, the account, preferences, the profiles of all apps, progress in '
'trainings and the standing in their ranking, grants to clients, errors of loads (with them the '
'stored rows of loads that name no user, of everybody), and the rows of attached tables as '
'opigno.attach_entity_table() says. The rows of the audit trail stay; they name the user by '
'retired_uuid, and no longer name fields or trainings. Each row is redacted before it is deleted. '
'Everything is done in this transaction.\n'
'Returns the outcome "deleted" or, if it was done before, "unchanged", and the number of the '
'certificate: opigno.retirement_certificate(). No new user can have the uuid any more; '
'opigno.retirement keeps it until opigno.retirement_cleanup(). A user who already has it in '
'another letter case stays, can be retired in turn, and then gets the same retired_uuid.\n'
'Attached tables that were dropped do not hinder the erasure, and are named in the certificate as '
'not_done, as are those with on_retirement keep whose rows cannot be counted. Others that cannot '
'be written do hinder it: mend or detach them. Erasures take turns from the redaction of the audit '
'trail on until they commit: erase no second user in the transaction, or deadlocks are possible.\n'
'Requires the level operator, or an operator''s request.\n'
'user_uuid: the user\n'
'Raises 22023 for an invalid uuid.\n'
'Raises 25000 at other isolation levels than READ COMMITTED.\n'
'Raises 42501 if the caller is not an operator.\n'
'Raises PT409 if the user is not being retired, or not in that state, or if an attached table '
'cannot be written; the detail then has the SQLSTATE of its error.\n'
'Raises PT409 if rows of a table that is not attached refer to the user context.\n'
'Other errors are those of triggers of the site.';

CREATE OR REPLACE FUNCTION opigno.retire_users_data(user_uuids text[])
    RETURNS TABLE (user_uuid text, outcome text, retired_uuid text, certificate_number bigint,
        code text, message text)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000 ROWS 1000
    AS 'MODULE_PATHNAME', 'opigno_retire_users_data';
COMMENT ON FUNCTION opigno.retire_users_data(text[]) IS
E'Does the same as opigno.retire_user_data() for many users, with one statement for each table.\n'
'Returns a row for each user, in the order of the uuids. The outcome of a user whose data cannot '
'be erased is "failed", with the SQLSTATE as code, and a message; the others are erased. Repeated '
'uuids count once. It reads the audit trail once, whatever the number of users.\n'
'Requires the level operator, or an operator''s request.\n'
'user_uuids: the users\n'
'Raises 22023 if the list is missing.\n'
'Raises 25000 at other isolation levels than READ COMMITTED.\n'
'Raises 42501 if the caller is not an operator.\n'
'Raises PT409 if an attached table cannot be written; the detail has the SQLSTATE of its error.\n'
'Raises PT409 if rows of a table that is not attached refer to the user context.\n'
'Other errors are those of triggers of the site.';

/* Certificates. */

CREATE OR REPLACE FUNCTION opigno.retirement_certificate(user_uuid text)
    RETURNS TABLE (certificate_number bigint, issued_at timestamptz, retired_uuid text,
        erased jsonb, acting_role text, previous_hash bytea, certificate_hash bytea)
    LANGUAGE c STABLE PARALLEL UNSAFE COST 200 ROWS 1
    AS 'MODULE_PATHNAME', 'opigno_retirement_certificate';
COMMENT ON FUNCTION opigno.retirement_certificate(text) IS
E'Returns what opigno.retire_user_data() has erased of a user.\n'
'Users whose uuids differed only in letter case have the same retired_uuid, so there is a row for '
'each of them. Operators and auditors see it. Other callers see no rows.\n'
'user_uuid: the user, by the former uuid or by what stands for it now';

CREATE OR REPLACE FUNCTION opigno.verify_retirement_certificates()
    RETURNS TABLE (certificate_number bigint, fault text)
    LANGUAGE c STABLE PARALLEL UNSAFE COST 1000 ROWS 10
    AS 'MODULE_PATHNAME', 'opigno_verify_retirement_certificates';
COMMENT ON FUNCTION opigno.verify_retirement_certificates() IS
E'Returns the faults of the chain of certificates, the first one first; no rows if it is whole.\n'
'Each certificate has the SHA-256 of its columns and of the hash before it. So no certificate can '
'be changed, taken out or put in without a fault, unless all later ones are made anew: keep the '
'newest hash elsewhere, and compare. The last certificates can be missing without a fault.\n'
'Operators and auditors may call it.\n'
'Raises 42501 for other callers, to whom no rows would look like a whole chain.';
