// Sends generated requests to opigno.http_request(): REQUESTS of them, made from REQUEST_SEED. Prints
// the faults of answers, at most ten, and then the operations and statuses that were not answered.
import pg from 'pg';
import { check } from './checker.mjs';
import { conditionErrors, hasCondition, withTags } from './conditions.mjs';
import { operations } from './document.mjs';
import { makeRandom, makeRequest } from './generator.mjs';

const count = Number(process.env.REQUESTS);
const random = makeRandom(Number(process.env.REQUEST_SEED));
const database = new pg.Client();
let isConnected = true;
database.on('error', () => { isConnected = false; });
await database.connect();
await database.query('SET client_min_messages = error');
const clients = (await database.query('SELECT * FROM test.client')).rows;
const context = {
    clients: [...clients.map((row) => ({ key: row.client_key, secret: row.client_secret })), { key: 'a', secret: 'b' }],
    tokens: clients.map((row) => row.token),
};

const digest = async () => (await database.query('SELECT test.digest() AS digest')).rows[0].digest;
async function requireConditions(value) {
    await database.query('RESET ROLE');
    await database.query(`SET opigno_profiles.require_conditional_writes = ${value}`);
    await database.query('SET ROLE openapi_gateway');
}

async function send({ method, target, headers, body }) {
    const { rows } = await database.query({
        name: 'request',
        text: 'SELECT status, response_headers, response_body FROM opigno.http_request($1, $2, $3, $4)',
        values: [method, target, JSON.stringify(headers), body],
    });
    return { status: rows[0].status, headers: rows[0].response_headers, body: rows[0].response_body };
}

const answered = new Set();
let failures = 0;
let stored = await digest();

// Puts the ETag of the resource into the conditions of a request, and returns the ETag.
async function readTag(request) {
    if (!hasCondition(request))
        return undefined;
    const { 'If-Match': match, 'If-None-Match': noneMatch, ...headers } = request.headers;
    const answer = await send({ ...request, method: 'HEAD', headers, body: null });
    const tag = answer.status === 200 ? answer.headers.ETag : undefined;
    request.headers = withTags(request.headers, tag);
    return tag;
}

// Returns what is wrong with the answer to a request.
async function faultsOf(request) {
    const tag = await readTag(request);
    let answer;
    try {
        answer = await send(request);
    } catch (error) {
        return [`raises ${error.code}: ${error.message}`];
    }
    const { operationId, errors } = check(request, answer);
    answered.add(`${operationId} ${answer.status}`).add(answer.status);
    errors.push(...conditionErrors(request, tag, answer.status));
    const before = stored;
    stored = await digest();
    const mayWrite = answer.status < 300 && !['GET', 'HEAD', 'OPTIONS'].includes(request.method);
    if (stored !== before && !mayWrite)
        errors.push('an effect of this request is left');
    return errors.map((error) => `${answer.status} ${error}; content ${String(answer.body).slice(0, 500)}`);
}

// What each operation must have answered, if the document has it, and what any operation must have.
const ofEach = ['200', '201', '204', '207', '304', '412', '428'];
const wanted = [...operations.flatMap(({ operationId, responses }) =>
    ofEach.filter((status) => responses[status]).map((status) => `${operationId} ${status}`)),
    400, 401, 403, 404, 405, 406, 409, 413, 415, 422];
const missing = () => wanted.filter((one) => !answered.has(one));

// The operations that lack an answer; all if only answers of any operation are missing.
function lacking() {
    const named = new Set(missing().map((one) => String(one).split(' ')[0]));
    const found = operations.filter(({ operationId }) => named.has(operationId));
    return found.length > 0 ? found : operations;
}

// Rare answers can need more requests. The last third of the count must have conditions, each time.
let isRequired;
for (let number = 0; isConnected && (number < count || (number < 5 * count && missing().length > 0)); ++number) {
    const isInLastThird = number % count >= count * 0.67;
    if (isRequired !== isInLastThird)
        await requireConditions(isInLastThird);
    isRequired = isInLastThird;
    const request = makeRequest(random, context, number < count ? operations : lacking());
    const faults = await faultsOf(request);
    if (faults.length > 0 && ++failures <= 10)
        console.log(`${JSON.stringify({ ...request, body: request.body?.toString('latin1').slice(0, 500) })}\n  ` +
            faults.join('\n  '));
}
await database.end();

if (failures > 0)
    console.log(`${failures} of ${count} answers have faults`);
if (missing().length > 0)
    console.log(`never answered: ${missing().join(', ')}`);
process.exitCode = failures > 0 || missing().length > 0 ? 1 : 0;
