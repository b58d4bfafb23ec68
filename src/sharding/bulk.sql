/* Loads from text over several shards. src/sharding/bulk_proxies.sql calls these. */

CREATE OR REPLACE FUNCTION opigno.split_bulk(function_name text, body text, shards integer)
    RETURNS TABLE (shard integer, part text, ordinals bigint[], positions bigint[],
                   are_lines boolean, flaw json)
    LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10000 ROWS 10
    AS 'MODULE_PATHNAME', 'opigno_split_bulk';
COMMENT ON FUNCTION opigno.split_bulk(text, text, integer) IS
E'Splits the body of a load by the shards of the users in its entries.\n'
'There is one row for each shard that has entries, in the order of shards. part is a body with the '
'entries as they are in the original: lines if are_lines is true, and an array otherwise. ordinals '
'are their numbers in the original from 1, positions the bytes where they begin, from 1. If one '
'shard has all entries, part is the original body, and the next three columns are NULL.\n'
'Entries whose user cannot be read go to shard 0. Entries are not checked: what is wrong with them '
'any shard reports. A body without entries, and NULL, are for shard 0. flaw is the error of a body '
'that is malformed outside of its entries, as in the answers of loads.\n'
'function_name: a function of the route bulk with the key argument body\n'
'body: as in that function\n'
'shards: the number of shards, 1 to 65536\n'
'Raises 22023 for another function or number of shards.';

CREATE OR REPLACE FUNCTION opigno.begin_bulk_part(
    ordinals bigint[], positions bigint[], are_lines boolean DEFAULT NULL,
    is_flawed boolean DEFAULT NULL) RETURNS bigint
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_begin_bulk_part';
COMMENT ON FUNCTION opigno.begin_bulk_part(bigint[], bigint[], boolean, boolean) IS
E'Says that the next load from text of this transaction loads a part of a larger body.\n'
'Its errors then have the ordinals and the byte positions of that body. It is forgotten after that '
'load, at the end of the transaction, and if the subtransaction is rolled back. Returns the number '
'of entries. A load with another number of entries raises 22023.\n'
'It is for operators, and for the levels learning and gateway.\n'
'ordinals: the numbers of the entries in the whole body, as opigno.split_bulk() returns them\n'
'positions: the bytes of the whole body where the entries begin\n'
'are_lines: each line of the part is an entry. Default false: the part is an array.\n'
'is_flawed: the whole body is malformed: the load writes nothing, and its answer has the errors '
'that reading finds. Default false.\n'
'Raises 22023 for NULLs, for lists of different lengths, and unless numbers are positive and '
'ascending.\n'
'Raises 42501 if the caller has no such level.';

CREATE OR REPLACE FUNCTION opigno.begin_bulk_transaction(
    transaction_id text, is_coordinator boolean DEFAULT NULL) RETURNS boolean
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_begin_bulk_transaction';
COMMENT ON FUNCTION opigno.begin_bulk_transaction(text, boolean) IS
E'Makes the current transaction the part of a load that is atomic over several shards.\n'
'Such transactions run one after the other on a shard: the function waits for others until they '
'have ended, prepared ones included. The shard with the lowest number coordinates: what happens to '
'its transaction happens to the others. Returns whether this shard is that.\n'
'It is for operators, and for the levels learning and gateway.\n'
'transaction_id: a random name of the load\n'
'is_coordinator: true on the coordinating shard, which stores the name. Default false.\n'
'Raises 0A000 if the shard does not coordinate and has no prepared transactions.\n'
'Raises 22023 for NULL, for an empty name, and for one longer than 100 bytes.\n'
'Raises 23505 for a name that is in use.\n'
'Raises 42501 if the caller has no such level.';

CREATE OR REPLACE FUNCTION opigno.bulk_transaction_committed(transaction_id text)
    RETURNS boolean
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_bulk_transaction_committed';
COMMENT ON FUNCTION opigno.bulk_transaction_committed(text) IS
E'Returns whether a load over several shards has committed, on the shard that coordinates it.\n'
'Waits while it is undecided. After false it never commits. It is for operators, and for the '
'levels learning and gateway.\n'
'transaction_id: as in opigno.begin_bulk_transaction()\n'
'Raises 22023 for NULL, for an empty name, and for one longer than 100 bytes.\n'
'Raises 42501 if the caller has no such level.';

CREATE OR REPLACE FUNCTION opigno.end_bulk_transaction(transaction_id text) RETURNS boolean
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_end_bulk_transaction';
COMMENT ON FUNCTION opigno.end_bulk_transaction(text) IS
E'Forgets a load that has committed on all its shards.\n'
'Returns false if there is no such load, and if another role has begun it and the caller is no '
'superuser. It is for operators, and for the levels learning and gateway. Call it on the '
'coordinating shard, only when no shard has a prepared transaction of the load.\n'
'transaction_id: as in opigno.begin_bulk_transaction()\n'
'Raises 22023 for NULL, for an empty name, and for one longer than 100 bytes.\n'
'Raises 42501 if the caller has no such level.';

CREATE OR REPLACE FUNCTION opigno.connect_shard(
    cluster text, shard integer, connection_name text) RETURNS boolean
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 10000
    AS 'MODULE_PATHNAME', 'opigno_connect_shard';
COMMENT ON FUNCTION opigno.connect_shard(text, integer, text) IS
E'Opens a connection of dblink to a shard, as the current role, and returns true.\n'
'It connects as PL/Proxy does, by the connection string of the shard and the user mapping. Only a '
'superuser may connect as another user than the current role.\n'
'The connection lasts until dblink_disconnect() or the end of the session. It belongs to the '
'session: after RESET ROLE and DISCARD ALL, and for the next client of a pooler, it still runs as '
'the role that opened it. So close it before the role changes. Loads close theirs.\n'
'It is for operators, and for the levels learning and gateway, on the front.\n'
'cluster: the foreign server of PL/Proxy whose partitions are the shards\n'
'shard: the number of the shard\n'
'connection_name: a name for the functions of dblink\n'
'Raises 08001 if the shard cannot be reached.\n'
'Raises 0A000 if the extension dblink is missing.\n'
'Raises 22023 for NULLs, for a server that is not one of PL/Proxy, and for a shard that it does '
'not have.\n'
'Raises 42501 if the caller has no such level or may not use the server, if the server belongs to '
'neither a superuser nor the owner of the extension, if the owner may not execute '
'dblink_connect_u(), and if the connection string of the shard has the keyword user, or the user '
'mapping another user, unless the caller is a superuser.\n'
'Raises 42704 for an unknown server, and if the role has no user mapping.\n'
'Raises 42710 for a name that is in use.';

CREATE OR REPLACE FUNCTION opigno.bulk_mask(size integer) RETURNS bytea
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_bulk_mask';
COMMENT ON FUNCTION opigno.bulk_mask(integer) IS
E'Returns random bytes that mask a request for this session.\n'
'A request has a token and documents, and the text of a statement can be logged. So the front '
'calls this on a shard, and passes opigno.masked() of the request to opigno.unmasked(). The mask '
'lasts until the next call, or the end of the session. Use it for one request only.\n'
'It is for operators, and for the levels learning and gateway.\n'
'size: the number of bytes, 1 to 268435456\n'
'Raises 22023 for NULL and for another size.\n'
'Raises 42501 if the caller has no such level.';

CREATE OR REPLACE FUNCTION opigno.masked(value bytea, mask bytea) RETURNS bytea
    LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100
    AS 'MODULE_PATHNAME', 'opigno_masked';
COMMENT ON FUNCTION opigno.masked(bytea, bytea) IS
E'Returns the exclusive or of two values with the same length.\n'
'value: what is masked\n'
'mask: the result of opigno.bulk_mask() on a shard\n'
'Raises 22023 for NULLs, and for values of different lengths.';

CREATE OR REPLACE FUNCTION opigno.unmasked(value bytea) RETURNS bytea
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_unmasked';
COMMENT ON FUNCTION opigno.unmasked(bytea) IS
E'Returns what was masked with the result of the last call of opigno.bulk_mask() in this session.\n'
'It is for operators, and for the levels learning and gateway.\n'
'value: the result of opigno.masked()\n'
'Raises 22023 for NULL.\n'
'Raises 42501 if the caller has no such level.\n'
'Raises 55000 if the session has no mask of this size.';
