/*
 * relation is a regclass, so that a renamed table stays attached and pg_dump writes its name. It
 * restores these rows after all tables were created. The OID of a dropped table is restored as a
 * number; what has this OID by then is shown only if all other columns agree with it.
 */
CREATE TABLE opigno.entity_table (
    label text COLLATE "C" PRIMARY KEY
        CONSTRAINT label_is_a_name CHECK (label ~ '^[A-Za-z_][A-Za-z0-9_]{0,62}$'),
    relation regclass NOT NULL,
    table_owner text NOT NULL,
    key_column text NOT NULL,
    keyed_by text NOT NULL CONSTRAINT keyed_by_is_known CHECK (keyed_by IN ('user', 'training')),
    on_retirement text NOT NULL
        CONSTRAINT on_retirement_is_known CHECK (on_retirement IN ('keep', 'erase', 'anonymise')),
    attached_at timestamptz NOT NULL,
    attached_by text NOT NULL
);
COMMENT ON TABLE opigno.entity_table IS
'tables of the site whose rows belong to users or to trainings; written by '
'opigno.attach_entity_table() and opigno.detach_entity_table()';
COMMENT ON COLUMN opigno.entity_table.label IS 'the name under which the rows are shown';
COMMENT ON COLUMN opigno.entity_table.relation IS 'the table';
COMMENT ON COLUMN opigno.entity_table.table_owner IS
'the role that owned the table when it was attached; rows are read with the rights of this role';
COMMENT ON COLUMN opigno.entity_table.key_column IS
'the column that holds the user or the training of a row';
COMMENT ON COLUMN opigno.entity_table.keyed_by IS 'user or training';
COMMENT ON COLUMN opigno.entity_table.on_retirement IS
'what becomes of the rows of a user who is retired: keep, erase or anonymise';
COMMENT ON COLUMN opigno.entity_table.attached_at IS
'start of the transaction that attached the table';
COMMENT ON COLUMN opigno.entity_table.attached_by IS 'the role that attached the table';
SELECT pg_extension_config_dump('opigno.entity_table', '');

ALTER TABLE opigno.entity_table ENABLE ROW LEVEL SECURITY;
CREATE POLICY entity_table_of_operators ON opigno.entity_table FOR SELECT
    USING (opigno.reads_every_user());
COMMENT ON POLICY entity_table_of_operators ON opigno.entity_table IS
'operators and auditors see all';
