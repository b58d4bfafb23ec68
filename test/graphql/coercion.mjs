// Compares what becomes of the values of variables and of literals with graphql-js: mutations store
// them in a profile and answer the profile, or are refused. A message must not show a value.
// Arguments: the client of an operator. The connection comes from PGHOST and so on. DOCUMENTS=... and
// DOCUMENT_SEED=... choose how many and which.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { buildSchema, execute, isEnumType, isInputObjectType, isListType, isNonNullType, parse, parseType, typeFromAST,
    validate, valueFromASTUntyped } from 'graphql';
import pg from 'pg';
import { Random } from './random.mjs';

const client = process.argv[2];
const count = Number(process.env.DOCUMENTS ?? 3000);
const random = new Random(Number(process.env.DOCUMENT_SEED ?? 1));
const schema = buildSchema(fs.readFileSync(new URL('schema.graphql', import.meta.url), 'utf8'));
// As docs/schema.graphql describes it.
const bigInt = schema.getType('BigInt');
bigInt.parseValue = (value) => typeof value === 'string' && /^-?[0-9]{1,15}$/.test(value) ? Number(value) : value;
bigInt.parseLiteral = (node, variables) => bigInt.parseValue(valueFromASTUntyped(node, variables));
const happens = (percent) => random.below(100) < percent;

const secret = 'sEcReT';
const strings = ['', 'a', '1', '-007', '+1', secret, 'true', 'null', 'AUTHENTICATED', 'é€😀', '"\\\n', '__proto__',
    ' '];
const integers = [0, 1, -1, 7, 2147483647, -2147483648];
const values = {
    Int: integers, fractions: [...integers, 0.5, -1e-7, 1e21, 1.7e308, 12345.678], String: strings,
    Boolean: [true, false],
    ID: [...strings, ...integers, 2147483648, 9007199254740991, -9007199254740991],
};
const untyped = [...strings, ...values.fractions, true, null, [], [[]], {}, { a: { constructor: 1 } },
    [null, { toString: [] }],
    JSON.parse('{"__proto__": {"length": 1}}')];
values.JSON = values.BigInt = untyped;
// JavaScript writes larger numbers as IDs with an exponent, which we refuse.
const wrong = [...untyped.filter((value) => !Number.isInteger(value) || Number.isSafeInteger(value)),
    2147483648, -2147483649, 1.5, [secret], { [secret]: 1 }, { uuid: secret }, { uuid: null },
    { uuid: 'a', scope: ['AUTHENTICATED', null] }, { uuid: 'a', isActive: secret }, { uuid: 'a', nothing: 1 }, 'ABORT',
    [1, secret], [[1], 2], { uuid: ['a'] }, [{ uuid: 'a' }, {}], { scope: 'NOBODY' }];
const literals = ['0', '-0', '1', '2147483647', '2147483648', '1.5', '-1e10', '1E+2', '0.10', '""', '"a"', '"0012"',
    '"\\u{1F600}\\u00e9"',
    '"\\uD83D\\uDE00"', '"""\n  one\n    two \\"""\n\n"""', 'true', 'false', 'null', 'AUTHENTICATED', 'ABORT',
    'on', '[]',
    '[[1], 2]', '[null, ["a"]]', '{}', '{uuid: "a"}', '{uuid: "a", scope: ADMINISTRATOR, isActive: null}',
    '{uuid: "a", scope: [AUTHENTICATED, ANONYMOUS], version: {a: [1, {b: x}]}}', '[{uuid: "a"}, {uuid: "b"}]',
    '{__proto__: {a: 1}, constructor: [b]}'];
const names = ['a', 'b', 'on', 'query', 'length', 'constructor', 'toString', 'hasOwnProperty'];

// A value that mostly is one of the type.
function valueOf(type) {
    if (happens(4))
        return random.of(wrong);
    if (isNonNullType(type))
        return valueOf(type.ofType);
    if (happens(8))
        return null;
    if (isListType(type))
        return happens(25) ? valueOf(type.ofType)
            : Array.from({ length: random.below(4) }, () => valueOf(type.ofType));
    if (isEnumType(type))
        return random.of(type.getValues()).name;
    if (!isInputObjectType(type))
        return random.of(values[type.name]);
    return Object.fromEntries(Object.values(type.getFields())
        .filter((field) => isNonNullType(field.type) ? happens(95) : happens(40))
        .map((field) => [field.name, valueOf(field.type)]));
}

function randomType() {
    let type = random.of(['Int', 'String', 'Boolean', 'ID', 'JSON', 'BigInt', 'Scope', 'OnError',
        'UserContextInput']);
    for (let lists = random.of([0, 0, 0, 1, 1, 2]); ; --lists) {
        type += happens(30) ? '!' : '';
        if (lists === 0)
            return type;
        type = `[${type}]`;
    }
}

// The name and the type of a variable, its default and its value; undefined: it has none.
function variable(name) {
    const type = randomType();
    const mayMiss = !(name in {}); // JavaScript finds its own members
    return { name, type, fallback: happens(30) ? random.of(literals) : undefined,
        value: mayMiss && happens(15) ? undefined : valueOf(typeFromAST(schema, parseType(type))) };
}

function request() {
    const variables = happens(5)
        ? [{ name: 'v', type: 'JSON', fallback: '1', value: random.of([null, undefined, [null]]) }]
        : names.filter(() => happens(25)).map(variable);
    const uses = variables.map(({ name }) => random.of([`$${name}`, `[$${name}, 1]`, `{x: $${name}, y: [$${name}]}`]));
    const members = [...uses, ...Array.from({ length: random.below(3) }, () => random.of(literals))]
        .map((use, at) => `m${at}: ${use}`);
    const isWhole = variables.length === 1 && happens(50);
    const declared = variables.map(({ name, type, fallback }) => `$${name}: ${type}` +
        (fallback === undefined ? '' : ` = ${fallback}`));
    return {
        query: `mutation m${declared.length > 0 ? `(${declared.join(', ')})` : ''} {
            upsertProfile(appId: 1, profileData: ${isWhole ? `$${variables[0].name}` : `{${members.join(', ')}}`}) {
                response { profileData } } }`,
        variables: Object.fromEntries([...variables, ...(happens(10) ? [{ name: 'more', value: 1 }] : [])]
            .filter(({ value }) => value !== undefined).map(({ name, value }) => [name, value])),
    };
}

// A document without the order of its members.
function sorted(value) {
    if (Array.isArray(value))
        return ['list', ...value.map(sorted)];
    if (value === null || typeof value !== 'object')
        return Object.is(value, -0) ? 0 : value;
    return Object.entries(value).map(([name, inner]) => [name, sorted(inner)])
        .sort(([one], [other]) => one < other ? -1 : 1);
}
const placesOf = (errors) => [...new Set((errors ?? []).map(({ path, locations }) =>
    JSON.stringify(path ? [path] : locations)))].sort();

const database = new pg.Client();
await database.connect();
await database.query('BEGIN');
await database.query('SELECT opigno.test_request($1, client_id => $2)', ['u001', client]);
await database.query('SET LOCAL ROLE gateway');
const rootValue = { upsertProfile: ({ profileData }) => ({ response: { profileData } }) };
const kinds = { executed: 0, refused: 0, failed: 0 };
for (let left = count; left > 0;) {
    const { query, variables } = request();
    const document = parse(query);
    if (validate(schema, document).length > 0)
        continue;
    --left;
    const their = await execute({ schema, document, rootValue, variableValues: variables });
    const { rows: [{ answer }] } = await database.query('SELECT opigno.graphql($1, $2)::text AS answer',
        [query, JSON.stringify(variables)]);
    const our = JSON.parse(answer);
    ++kinds[our.data === undefined ? 'refused' : our.errors ? 'failed' : 'executed'];
    try {
        assert.deepEqual(sorted(our.data ?? null), sorted(JSON.parse(JSON.stringify(their.data ?? null))));
        assert.deepEqual(placesOf(our.errors), placesOf(their.errors));
        assert(!(our.errors ?? []).some(({ message }) =>
            message.includes(secret) && !message.includes('has no field')));
    } catch (error) {
        console.error(query, JSON.stringify(variables));
        console.error('ours:', answer, '\ntheirs:', JSON.stringify(their));
        throw error;
    }
}
await database.query('ROLLBACK');
await database.end();
console.log(`${count} requests:`, JSON.stringify(kinds));
assert(kinds.executed > count / 10 && kinds.refused > count / 10 && kinds.failed > 0);
