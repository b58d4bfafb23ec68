// Compares our parser and validation with graphql-js, on the documents of the corpus and on documents
// mutated from it: the same trees, and the same errors at the same places. Arguments: the program
// graphql_reader. DOCUMENTS=... and DOCUMENT_SEED=... choose how many and which.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { buildSchema, getIntrospectionQuery } from 'graphql';
import { checkFound, compare, found, show, theirs } from './agreement.mjs';
import { mutatedDocuments } from './mutated_documents.mjs';
import { Random } from './random.mjs';

const reader = process.argv[2];
const count = Number(process.env.DOCUMENTS ?? 20000);
const seed = Number(process.env.DOCUMENT_SEED ?? 1);
const folder = new URL('corpus/', import.meta.url);

function run(input, ...args) {
    const { stdout, status, signal } = spawnSync(reader, args, { input, maxBuffer: 1 << 30 });
    assert.equal(status, 0, `graphql_reader ended with status ${status}, signal ${signal}`);
    return stdout.toString();
}

const schema = buildSchema(run('', 'schema'));

function corpus() {
    const files = fs.readdirSync(folder).sort().map((name) => fs.readFileSync(new URL(name, folder), 'utf8'));
    const introspection = [{}, { descriptions: false }, { specifiedByUrl: true, directiveIsRepeatable: true,
        schemaDescription: true, inputValueDeprecation: true, oneOf: true }].map(getIntrospectionQuery);
    return [...files.flatMap((text) => text.split(/^--------\n/m)).filter((text) => text.trim()), ...introspection];
}

const texts = mutatedDocuments(corpus(), schema, new Random(seed), count);
const answers = run(Buffer.concat(texts.flatMap((text) => {
    const bytes = Buffer.from(text);
    return [Buffer.from(bytes.length + '\n'), bytes];
}))).trimEnd().split('\n');
assert.equal(answers.length, texts.length);

const kinds = { syntax: 0, foreign: 0, valid: 0, invalid: 0 };
let different = 0;
texts.forEach((text, number) => {
    const their = theirs(text, schema);
    const our = JSON.parse(answers[number]);
    ++kinds[their.syntax ? 'syntax' : their.foreign ? 'foreign' : their.errors.length > 0 ? 'invalid' : 'valid'];
    try {
        compare(our, their);
    } catch (difference) {
        if (++different <= 5)
            show(text, our, their, difference);
    }
});
console.log(`${texts.length} documents of seed ${seed}:`, JSON.stringify(kinds), `${different} differences`);
console.log('errors by rule:', JSON.stringify(found));
assert.equal(different, 0);
checkFound();
for (const [kind, number] of Object.entries(kinds))
    assert(number >= texts.length / 100, `too few documents are ${kind}`);
