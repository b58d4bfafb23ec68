// Sends documents and variables that try to cost much to opigno.graphql(), once as they are and once
// with a timeout of the statement. Each is answered as expected, and each ends soon after the timeout.
// Arguments: the client of an operator. The connection comes from PGHOST and so on.
import assert from 'node:assert/strict';
import pg from 'pg';

const times = (part, count) => part.repeat(count);
const many = (count, part) => Array.from({ length: count }, (_, at) => part(at)).join(' ');
const variable = 'mutation m($v: JSON!) { upsertProfile(appId: 1, profileData: ';
const cases = [
    ['deep selection sets', times('{a', 9000) + times('}', 9000), /more than 64 levels/],
    ['deep lists', `{ apps(x: ${times('[', 4900)}${times(']', 4900)}) { app } }`, /more than 64 levels/],
    ['deep types', `query q($a: ${times('[', 4900)}Int${times(']', 4900)}) { apps { app } }`, /more than 15 lists/],
    ['aliases', `{ ${many(2000, (at) => `a${at}: apps { app }`)} }`, /more than 10000 tokens|more than 100 aliases/],
    ['a field many times', `{ apps { ${times('app ', 9900)} } }`, /too complex/],
    ['fields with different arguments', `{ ${many(900, (at) => `a: getUserContext(uuid: "${at}") { uuid }`)} }`,
        /conflict|too complex/],
    ['fragments in one set', `{ ${many(500, (at) => `...f${at}`)} } ` +
        many(500, (at) => `fragment f${at} on Query { apps { app appId domains } }`), /too complex/],
    ['cycles of fragments', `{ ...f0 } ` + many(1200, (at) =>
        `fragment f${at} on Query { ...f${(at + 1) % 1200} }`), /within itself/],
    ['many cycles', `{ ...f0 } ` + many(300, (at) => `fragment f${at} on Query { ...f${(at + 1) % 300}
        ...f${(at + 2) % 300} ...f${at * 13 % 300} }`), /within itself/],
    ['fragments that double', `{ ...f0 } ` + many(40, (at) =>
        `fragment f${at} on Query { ...f${at + 1} ... { ...f${at + 1} } }`) + ' fragment f40 on Query { apps { app } }',
        /more than 10000 fields/],
    ['introspection in itself', `{ __schema { types ${times('{ fields { type ', 10)} { name } ${times('} }', 10)} } }`,
        /introspection depth/],
    ['introspection often', `{ ${many(50, (at) =>
        `a${at}: __schema { types { fields { type { fields { type { name } } } } } }`)} }`, /"data"/],
    ['long names', `{ ${many(100, (at) => times('b', 2500) + at)} }`, /Cannot query field/],
    ['an argument often', `{ getUserContext(${times('uuid: "a" ', 3000)}) { uuid } }`, /only one argument/],
    ['a long number', `mutation { upsertProfile(appId: 1, profileData: ${times('9', 200000)}) { errors } }`, /22003/],
    ['a large exponent', 'mutation { upsertProfile(appId: 1, profileData: 1e999999999) { errors } }', /22003/],
    ['a long escape', `{ getUserContext(uuid: "\\u{${times('0', 200000)}}") { uuid } }`, /Unicode escape/],
    ['comments', times('#\r\n', 80000) + '{ apps { app } }', /"data"/],
    ['a variable in lists', `${variable} $v) { errors } }`, /"errors":\[\]/, times('[', 5000) + times(']', 5000)],
    ['a large variable often', `${variable} [${times('$v ', 4000)}]) { errors } }`, /the value is too large/,
        JSON.stringify(times('x', 1000000))],
    ['a large variable in many fields', `mutation m($v: JSON!) { ${many(90, (at) =>
        `a${at}: upsertProfile(appId: 1, profileData: [${times('$v ', 40)}]) { errors }`)} }`, /the value is too large/,
        JSON.stringify(times('x', 400000))],
    ['pages', `{ ${many(90, (at) => `a${at}: userContexts(first: 500) { edges { node { uuid profiles { profileData }
        account { name } } } }`)} }`, /too many values/],
];

const client = process.argv[2];
const database = new pg.Client();
await database.connect();

async function run(query, value, timeout) {
    await database.query('BEGIN');
    await database.query('SELECT opigno.test_request($1, client_id => $2)', ['u001', client]);
    await database.query(`SET LOCAL ROLE gateway; SET LOCAL statement_timeout = ${timeout}`);
    const start = performance.now();
    const answer = await database.query('SELECT opigno.graphql($1, $2::text::jsonb)::text AS answer',
        [query, value && `{"v": ${value}}`]).then(({ rows }) => rows[0].answer, ({ code }) => code);
    const took = performance.now() - start;
    await database.query('ROLLBACK');
    return { answer, took };
}

const timeout = 100;
const slack = 400; // a busy machine
for (const [name, query, expected, value] of cases) {
    const { answer, took } = await run(query, value, 0);
    assert.match(answer.length < 1e6 ? answer : answer.slice(0, 1e6), expected, name);
    const canceled = await run(query, value, timeout);
    assert(canceled.answer === '57014' || expected.test(canceled.answer), `${name}: ${canceled.answer.slice(0, 500)}`);
    assert(canceled.took < timeout + slack, `${name} was canceled after ${canceled.took} ms`);
    console.log(`${name}: ${Math.round(took)} ms, with a timeout ${Math.round(canceled.took)} ms, ` +
        `${answer.length} bytes`);
}
await database.end();
