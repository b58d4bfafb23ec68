CREATE OR REPLACE FUNCTION opigno.attach_entity_table(
    entity_table text, label text, user_column text DEFAULT NULL,
    training_column text DEFAULT NULL, on_retirement text DEFAULT NULL) RETURNS void
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_attach_entity_table';
COMMENT ON FUNCTION opigno.attach_entity_table(text, text, text, text, text) IS
E'Makes the rows of a table of yours entities of users or of trainings.\n'
'opigno.user_entities() or opigno.training_entities() then return the rows of each user or '
'training. They read the table with the rights of its owner. Policies of the table hold only with '
'FORCE ROW LEVEL SECURITY.\n'
'The table must be an ordinary one: no view, no foreign, partitioned or temporary table, no '
'partition, no table of the server or of the extension, and no table that others inherit from. An '
'index that starts with the column is required. The types of all columns must belong to the '
'owner of the table or to a superuser.\n'
'The table can be renamed. What else keeps its rows from being shown later is in the column '
'problem of opigno.list_entity_tables().\n'
'Requires the level operator or the rights of the extension''s owner, and ownership of the '
'table.\n'
'entity_table: the name of the table in SQL syntax, with or without its schema; or its OID\n'
'label: the name under which the rows are shown: 1 to 63 ASCII letters, digits and underscores, '
'no digit first. No two tables have the same label.\n'
'user_column: the name of the column that holds the user, as in pg_attribute; its type must be '
'text, varchar, uuid or opigno.user_uuid, with a deterministic collation. The values must be in '
'canonical form.\n'
'training_column: the same for the training; the type can also be opigno.training_id, but not '
'opigno.user_uuid. Exactly one of the two columns is required.\n'
'on_retirement: what becomes of the rows of a user who is retired: keep (the default), erase or '
'anonymise, which gives the column the name that stands for the user, or NULL if the column cannot '
'have it; then the column must not be NOT NULL. Erase and anonymise require that policies do not '
'hold for the owner.\n'
'Raises 22023 for invalid arguments; the error lists all faults.\n'
'Raises 23505 for a label that is in use.\n'
'Raises 42501 if the caller does not have the level operator or does not own the table, and for '
'types of other roles.\n'
'Raises 42602 for a name that is not a name in SQL syntax.\n'
'Raises 42703 for an unknown column.\n'
'Raises 42804 for a column of another type.\n'
'Raises 42809 for an object that is not such a table.\n'
'Raises 42P01 for an unknown table.\n'
'Raises 42P17 if the index is missing.\n'
'Raises PT409 if a trigger suppresses the write.';

CREATE OR REPLACE FUNCTION opigno.detach_entity_table(label text) RETURNS boolean
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_detach_entity_table';
COMMENT ON FUNCTION opigno.detach_entity_table(text) IS
E'Takes back opigno.attach_entity_table() and returns whether a table had this label.\n'
'The table and its rows are not touched. Requires the level operator or the rights of the '
'extension''s owner.\n'
'label: the label of the table\n'
'Raises 22023 if the label is missing.\n'
'Raises 42501 if the caller does not have the level operator.\n'
'Raises PT409 if a trigger suppresses the write.';

CREATE OR REPLACE FUNCTION opigno.list_entity_tables()
    RETURNS TABLE (label text, relation text, key_column text, keyed_by text, on_retirement text,
        attached_at timestamptz, problem text)
    LANGUAGE c STABLE PARALLEL RESTRICTED COST 200 ROWS 20
    AS 'MODULE_PATHNAME', 'opigno_list_entity_tables';
COMMENT ON FUNCTION opigno.list_entity_tables() IS
E'Returns the attached tables in the order of their labels, for operators and auditors.\n'
'The column relation is NULL for a table that was dropped. The column problem says what keeps the '
'rows of the table from being shown now; it is NULL if nothing is known. An error that only '
'reading rows shows is in the server log instead.\n'
'Other callers see no rows.';

CREATE OR REPLACE FUNCTION opigno.user_entities(user_uuid text, label text DEFAULT NULL)
    RETURNS TABLE (label text, entity jsonb)
    LANGUAGE c STABLE PARALLEL UNSAFE COST 200 ROWS 20
    AS 'MODULE_PATHNAME', 'opigno_user_entities';
COMMENT ON FUNCTION opigno.user_entities(text, text) IS
E'Returns the rows of attached tables that belong to a user.\n'
'Each is a JSON object of all columns of the row. They are in the order of labels, and then of '
'the primary key of the table, or of the objects if there is none.\n'
'A request sees the rows of its user, if the user can act. Operators and auditors see those of '
'every user. Other callers see no rows.\n'
'Of each table there are at most 1000 rows. If it has more of this user, a row follows whose '
'entity is NULL.\n'
'A table with a problem (opigno.list_entity_tables()), whose rows cannot be read, or that is '
'locked for more than two seconds or lock_timeout, is left out. A transaction waits for one table '
'only. A call that waits for an ALTER TABLE which writes all rows anew does not see these yet.\n'
'user_uuid: the user\n'
'label: the label of one table; NULL stands for all\n'
'Raises 25000 during a parallel query.';

CREATE OR REPLACE FUNCTION opigno.training_entities(training_id text, label text DEFAULT NULL)
    RETURNS TABLE (label text, entity jsonb)
    LANGUAGE c STABLE PARALLEL UNSAFE COST 200 ROWS 20
    AS 'MODULE_PATHNAME', 'opigno_training_entities';
COMMENT ON FUNCTION opigno.training_entities(text, text) IS
E'Returns the rows of attached tables that belong to a training, as opigno.user_entities() does.\n'
'A request sees them if its user can act. Operators and auditors see them without a request. '
'Other callers see no rows.\n'
'training_id: the training\n'
'label: the label of one table; NULL stands for all\n'
'Raises 25000 during a parallel query.';

CREATE OR REPLACE FUNCTION opigno.move_user_entities(
    from_uuid text, into_uuid text, on_conflict text DEFAULT NULL) RETURNS bigint
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
    AS 'MODULE_PATHNAME', 'opigno_move_user_entities';
COMMENT ON FUNCTION opigno.move_user_entities(text, text, text) IS
E'Gives the rows that attached tables have of a user to another one, for '
'opigno.merge_user_contexts(). Call that.\n'
'Returns their number. The tables are written with the rights of their owners. Requires the rights '
'of the extension''s owner.\n'
'from_uuid: the user who has no rows afterwards\n'
'into_uuid: the other user\n'
'on_conflict: what becomes of two rows that a unique index does not allow for one user: keep (the '
'default) and merge delete the row of from_uuid, and replace that of into_uuid\n'
'Raises 22023 for invalid arguments.\n'
'Raises 42501 if the caller does not have the rights of the extension''s owner.\n'
'Raises PT409 if a table refuses the write, or its policies hold for its owner.';

CREATE OR REPLACE FUNCTION opigno.purge_user_entities(user_uuids text[]) RETURNS bigint
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
    AS 'MODULE_PATHNAME', 'opigno_purge_user_entities';
COMMENT ON FUNCTION opigno.purge_user_entities(text[]) IS
E'Deletes the rows that attached tables have of users, for '
'opigno.purge_anonymous_user_contexts(). Call that.\n'
'Returns their number. Only tables with on_retirement erase are written, with the rights of their '
'owners. Requires the rights of the extension''s owner.\n'
'user_uuids: the users, in canonical form\n'
'Raises 22023 for NULL.\n'
'Raises 42501 if the caller does not have the rights of the extension''s owner.\n'
'Raises PT409 if a table refuses the write, or its policies hold for its owner.';
