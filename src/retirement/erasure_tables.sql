/*
 * Salts of the hashes that stand for retired users. A salt that is lost cannot be replaced: its
 * hashes would never be found again. So dumps have the table.
 */
CREATE SEQUENCE opigno.retirement_salt_id_seq AS bigint;
COMMENT ON SEQUENCE opigno.retirement_salt_id_seq IS 'numbers of salts';

CREATE TABLE opigno.retirement_salt (
    salt_id bigint PRIMARY KEY DEFAULT nextval('opigno.retirement_salt_id_seq'),
    salt bytea NOT NULL,
    algorithm text COLLATE "C" NOT NULL
        CONSTRAINT salt_algorithm_is_known CHECK (algorithm IN ('sha256', 'sha1')),
    created_at timestamptz NOT NULL
);
COMMENT ON TABLE opigno.retirement_salt IS
'salts of the hashes in opigno.retired_identifier; written by opigno.add_retirement_salt() and by '
'the first erasure; no level of access can read them';
COMMENT ON COLUMN opigno.retirement_salt.salt_id IS
'number of the salt, from a sequence; the highest is used for new hashes';
COMMENT ON COLUMN opigno.retirement_salt.salt IS 'the bytes before the identifier';
COMMENT ON COLUMN opigno.retirement_salt.algorithm IS 'sha256 or sha1';
COMMENT ON COLUMN opigno.retirement_salt.created_at IS
'start of the transaction that added the salt';
SELECT pg_extension_config_dump('opigno.retirement_salt_id_seq', '');
SELECT pg_extension_config_dump('opigno.retirement_salt', '');

ALTER TABLE opigno.retirement_salt ENABLE ROW LEVEL SECURITY;
CREATE POLICY retirement_salt_of_nobody ON opigno.retirement_salt FOR SELECT USING (false);
COMMENT ON POLICY retirement_salt_of_nobody ON opigno.retirement_salt IS
'only the owner and superusers, to whom row security does not apply';

/* As long as this table has no block, writes that create users look no further. */
CREATE TABLE opigno.retired_identifier (
    identifier_hash bytea PRIMARY KEY
        CONSTRAINT identifier_hash_has_20_or_32_bytes CHECK (length(identifier_hash) IN (20, 32)),
    retired_at timestamptz NOT NULL
);
COMMENT ON TABLE opigno.retired_identifier IS
'hashes of the uuids of retired users, which no new user can have; written by '
'opigno.retire_user_data() and opigno.import_retired_identifiers()';
COMMENT ON COLUMN opigno.retired_identifier.identifier_hash IS
'SHA-256 or SHA-1 of a salt and the uuid in lower case';
COMMENT ON COLUMN opigno.retired_identifier.retired_at IS
'start of the transaction that erased the user or imported the hash';
SELECT pg_extension_config_dump('opigno.retired_identifier', '');

ALTER TABLE opigno.retired_identifier ENABLE ROW LEVEL SECURITY;
CREATE POLICY retired_identifier_of_operators ON opigno.retired_identifier FOR SELECT
    USING (opigno.reads_every_user());
COMMENT ON POLICY retired_identifier_of_operators ON opigno.retired_identifier IS
'operators and auditors see all';

/* Each erasure numbers its certificates under a lock on this table (SHARE ROW EXCLUSIVE). */
CREATE TABLE opigno.erasure_certificate (
    certificate_number bigint PRIMARY KEY
        CONSTRAINT certificate_number_is_positive CHECK (certificate_number > 0),
    issued_at timestamptz NOT NULL,
    retired_uuid text COLLATE "C" NOT NULL,
    erased jsonb NOT NULL,
    acting_role text NOT NULL,
    previous_hash bytea
        CONSTRAINT only_the_first_has_no_previous
        CHECK ((previous_hash IS NULL) = (certificate_number = 1)),
    certificate_hash bytea NOT NULL
        CONSTRAINT certificate_hash_has_32_bytes CHECK (length(certificate_hash) = 32)
);
CREATE INDEX erasure_certificate_retired_uuid_idx
    ON opigno.erasure_certificate (retired_uuid);
DO LANGUAGE plpgsql $$
BEGIN
    ALTER TABLE opigno.erasure_certificate ALTER COLUMN erased SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
    NULL;
END
$$;
COMMENT ON INDEX opigno.erasure_certificate_retired_uuid_idx IS
'for opigno.retirement_certificate()';
COMMENT ON TABLE opigno.erasure_certificate IS
'what was erased of each retired user, without personal data; written by '
'opigno.retire_user_data() and never changed';
COMMENT ON COLUMN opigno.erasure_certificate.certificate_number IS
'number of the certificate, from 1 and without gaps';
COMMENT ON COLUMN opigno.erasure_certificate.issued_at IS 'time of the erasure';
COMMENT ON COLUMN opigno.erasure_certificate.retired_uuid IS
'what stands for the user: retired__user_ and a hash';
COMMENT ON COLUMN opigno.erasure_certificate.erased IS
'per table the number of rows that were erased, anonymised or kept; attached tables are in the '
'member entities, by their labels';
COMMENT ON COLUMN opigno.erasure_certificate.acting_role IS
'the role whose rights were used (current_user of the caller)';
COMMENT ON COLUMN opigno.erasure_certificate.previous_hash IS
'certificate_hash of the certificate before; NULL for the first';
COMMENT ON COLUMN opigno.erasure_certificate.certificate_hash IS
'SHA-256 of the other columns; opigno.verify_retirement_certificates() compares it';
SELECT pg_extension_config_dump('opigno.erasure_certificate', '');

ALTER TABLE opigno.erasure_certificate ENABLE ROW LEVEL SECURITY;
CREATE POLICY erasure_certificate_of_operators ON opigno.erasure_certificate FOR SELECT
    USING (opigno.reads_every_user());
COMMENT ON POLICY erasure_certificate_of_operators ON opigno.erasure_certificate IS
'operators and auditors see all';
