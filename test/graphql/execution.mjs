// Executes generated valid documents with opigno.graphql() and with graphql-js over the same data, and
// compares the answers. Arguments: the client of an operator. The connection comes from PGHOST and so on.
// DOCUMENTS=... and DOCUMENT_SEED=... choose how many and which.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { buildSchema, execute, parse, validate } from 'graphql';
import pg from 'pg';
import { Generator } from './document_generator.mjs';
import { loadRoot } from './root.mjs';

const client = process.argv[2];
const count = Number(process.env.DOCUMENTS ?? 3000);
const seed = Number(process.env.DOCUMENT_SEED ?? 1);
const schema = buildSchema(fs.readFileSync(new URL('schema.graphql', import.meta.url), 'utf8'));

pg.types.setTypeParser(20, Number);
const database = new pg.Client();
await database.connect();
const rootValue = await loadRoot(database);

// Errors, by their paths. A path is all that both have in common.
const pathsOf = ({ errors }) => (errors ?? []).map(({ path }) => JSON.stringify(path ?? null)).sort();

async function ours({ query, variables }) {
    const { rows } = await database.query('SELECT opigno.graphql($1, $2)::text AS answer', [query, variables]);
    return JSON.parse(rows[0].answer);
}

const generator = new Generator(schema, seed, Object.keys(rootValue.uuids));
let executed = 0;
let withErrors = 0;
await database.query('BEGIN');
await database.query('SELECT opigno.test_request($1, client_id => $2)', ['u001', client]);
await database.query('SET LOCAL ROLE gateway');
while (executed < count) {
    const request = generator.next();
    const document = parse(request.query);
    if (validate(schema, document).length > 0)
        continue;
    ++executed;
    const their = await execute({ schema, document, rootValue, variableValues: request.variables });
    const our = await ours(request);
    try {
        assert.equal(JSON.stringify(our.data), JSON.stringify(their.data));
        assert.deepEqual(pathsOf(our), pathsOf(their));
    } catch (error) {
        console.error(request.query, JSON.stringify(request.variables));
        console.error('our errors:', JSON.stringify(our.errors), '\ntheir errors:', JSON.stringify(their.errors));
        throw error;
    }
    withErrors += our.errors ? 1 : 0;
}
await database.query('ROLLBACK');
await database.end();
console.log(`${executed} documents, ${withErrors} with errors of fields`);
assert(withErrors > 0 && withErrors < executed / 2);
