// Compares the errors of opigno.graphql() with those of graphql-js, for documents of docs/schema.graphql
// and documents mutated from them. A definition with an error ends each document, so that none is
// executed, and all errors of all documents are compared. Arguments: the client of an operator. The
// connection comes from PGHOST and so on. DOCUMENTS=... and DOCUMENT_SEED=... choose how many and which.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { buildSchema, getIntrospectionQuery, GraphQLString } from 'graphql';
import pg from 'pg';
import { compare, described, show, theirs } from './agreement.mjs';
import { Generator } from './document_generator.mjs';
import { mutatedDocuments } from './mutated_documents.mjs';
import { Random } from './random.mjs';

const client = process.argv[2];
const count = Number(process.env.DOCUMENTS ?? 3000);
const seed = Number(process.env.DOCUMENT_SEED ?? 1);
const schema = buildSchema(fs.readFileSync(new URL('schema.graphql', import.meta.url), 'utf8'));
// What the definition of a scalar does not say.
for (const name of ['Cursor', 'DateTime'])
    schema.getType(name).parseLiteral = GraphQLString.parseLiteral;
const generator = new Generator(schema, seed, ['u001']);
const corpus = [...Array.from({ length: 60 }, () => generator.next().query), getIntrospectionQuery(),
    ...fs.readdirSync(new URL('corpus/', import.meta.url)).flatMap((name) =>
        fs.readFileSync(new URL('corpus/' + name, import.meta.url), 'utf8').split(/^--------\n/m))
        .filter((text) => text.trim())];

const database = new pg.Client();
await database.connect();
await database.query('BEGIN');
await database.query('SELECT opigno.test_request($1, client_id => $2)', ['u001', client]);
await database.query('SET LOCAL ROLE gateway');

async function ours(text) {
    const { rows: [{ answer }] } = await database.query('SELECT opigno.graphql($1)::text AS answer', [text]);
    const { data, errors } = JSON.parse(answer);
    assert.equal(data, undefined, `the document was executed: ${text}`);
    return errors[0].message.startsWith('Syntax Error:') ? { syntax: described(errors[0]) }
        : { errors: errors.map(described) };
}

const marker = '\nfragment Marker_ on Query { nothing_ }';
let syntax = 0;
for (const document of mutatedDocuments(corpus, schema, new Random(seed), count)) {
    const text = document + marker;
    if (text.includes('\0')) // PostgreSQL has no such texts
        continue;
    const { tree, ...their } = theirs(text, schema);
    const our = await ours(text);
    syntax += their.syntax ? 1 : 0;
    try {
        compare(our, their);
    } catch (difference) {
        show(text, our, their, difference);
        throw difference;
    }
}
await database.query('ROLLBACK');
await database.end();
console.log(`${count} documents, ${syntax} with errors of syntax`);
assert(syntax < count / 2);
