// Makes requests from the document: valid ones, and broken ones. A request is {method, target,
// headers, body}, with a Buffer or null as body.
import { mayRepeat, resolve } from './document.mjs';

// A generator of 32 bits (mulberry32), so that a seed repeats a run.
export function makeRandom(seed) {
    let state = seed >>> 0;
    const next = () => {
        state = (state + 0x6d2b79f5) >>> 0;
        let t = Math.imul(state ^ (state >>> 15), state | 1);
        t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
        return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
    return {
        below: (limit) => Math.floor(next() * limit),
        happens: (share) => next() < share,
        pick: (list) => list[Math.floor(next() * list.length)],
    };
}

const users = ['ada', 'bob', 'anon-7f3a', '3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77', 'nobody'];
// Enough that some have neither progress nor profiles, and can be deleted.
const trainings = [...Array(8).fill('safety'), ...Array(4).fill('first aid'), 'old', 'nothing',
    ...Array.from({ length: 40 }, (_, n) => `t${n}`)];
// Likely values of parameters and members.
const pools = {
    userid: users, username: users, uuid: users, user_id: users, 'Opigno-Client-UUID': users, user_uuid: users,
    training: trainings, training_id: trainings, include: ['user_context', 'trainings,profiles', 'entities', ''],
    users: ['ada', 'ada,bob', 'nobody'], apps: ['0', '0,1', ''],
    appid: [0, 0, 1, 7, 99], app_id: [0, 0, 1, 99],
    key: ['time_zone', 'pref-lang', 'account_privacy', 'k', 'k2'],
    scope: ['AUTHENTICATED', ['AUTHENTICATED'], 'ADMINISTRATOR', null, []],
    Prefer: ['return=minimal', 'handling=lenient', 'return=minimal, handling=lenient'],
    'If-None-Match': ['*', '"1"', 'E'], 'If-Match': ['*', '"1"', 'E'],
    query: ['{apps{app}}', 'query q($u:String!){getUserContext(uuid:$u){uuid account{name}}}', '{nothing}', '{',
        '{userContexts{edges{node{uuid}}}}', 'mutation{patchProfile(appId:0,patch:{a:1}){errors}}'],
    grant_type: ['client_credentials'], account_privacy: ['private', 'all_users'],
};
// Users whose retirements are in several states, others who may leave, and anonymous ones: setup.sql makes them.
const numbered = (name, count) => Array.from({ length: count }, (_, n) => `${name}${n}`);
const leavers = [...numbered('leaver', 20), ...numbered('retiring', 20), ...numbered('complete', 5), 'ada', 'nobody'];
const states = ['PENDING', 'LOCKING_ACCOUNT', 'RETIRING_LMS', 'RETIRING_LMS', 'LMS_COMPLETE', 'COMPLETE', 'UNKNOWN'];
// Likely values in requests about retirement.
const poolsOfRetirement = {
    username: leavers, userid: leavers, 'Opigno-Client-UUID': leavers.slice(0, 22), new_state: states, state: states,
    usernames: [[], ['complete0'], ['complete1', 'complete2'], ['nobody'], 'leaver1, leaver2', 'leaver3,nobody', null],
    states: [['PENDING'], ['PENDING', 'RETIRING_LMS', 'LMS_COMPLETE'], ['UNKNOWN'], []], cool_off_days: [0, 0, 7, -1],
    limit: [0, 1, 100, 'x'], start_date: ['2018-01-01', '2025-10-10', '2999-01-01'],
    end_date: ['2018-01-02', '2026-11-01'],
    retirement_id: Array.from({ length: 60 }, (_, n) => n), original_username: numbered('reported', 10),
    from_uuid: numbered('anonymous', 20), into_uuid: ['ada', 'bob', 'nobody'],
    on_conflict: ['keep', 'replace', 'merge'], older_than: ['2018-01-01T00:00:00Z', '2999-01-01T00:00:00Z'],
};
const oddValues = ['', 0, -1, 1e308, 99999999999999999999, 0.5, true, null, [], {}, [[]], 'x'.repeat(300),
    '\u202e', 'NaN', '\ud83d\ude00', '-0', '2147483648', '\t', "'; DROP TABLE x; --", { a: { b: [1] } }];
const oddSegments = ['%2F', '%00', '%zz', '%', '%ff', '%C3%A9', '%252e', '..', '.', ';x=1', 'a;b', ' ', '%20',
    '2147483648', '-1', '0x0', '%30', 'x'.repeat(3000), '%0d%0aX:1', '\u00e9', '{', '%F0%9F%98%80', '%ED%A0%80'];
const oddQueries = ['', '=', '&&', 'limit=0', 'limit=-1', 'limit=99999999999999999999', 'limit=1&limit=2',
    'isActive=maybe', 'isActive=', 'on_conflict=x', 'dry_run=2', 'dry_run=true&dry_run=false', 'username=',
    'username=,', 'username=%2C%00', '%zz=1', 'a=%ff', 'view=own', 'view=%20', 'after=%0a', 'scope=%25',
    `username=${'a,'.repeat(600)}`, 'scope=ANONYMOUS', 'x=1#y', 'limit=+5', 'after=' + 'z'.repeat(300),
    'prefix=', 'prefix=%25', 'app_id=x', 'status=done', 'apps=,', 'include=x', 'users=,', 'is_active=1'];
const oddMethods = ['HEAD', 'HEAD', 'OPTIONS', 'TRACE', 'CONNECT', 'FOO', 'get', '', 'PUT', 'DELETE', 'PATCH',
    'POST', 'X'.repeat(500), 'GET '];
const oddHeaders = [
    ['Authorization', ['Bearer x', 'Bearer y']], ['Authorization', 'Bearer'], ['Authorization', 'Basic Og=='],
    ['Authorization', 'Basic !!!'], ['Authorization', ''], ['Authorization', 'Bearer a.b.c'],
    ['Authorization', 'Bearer eyJhbGciOiJub25lIn0.e30.'], ['Authorization', 'Basic ' + 'A'.repeat(9999)],
    ['Opigno-Client-UUID', ['ada', 'bob']], ['Opigno-Client-UUID', 'a\nb'], ['Opigno-Client-UUID', ''],
    ['Opigno-Client-UUID', 'x'.repeat(999)], ['OPIGNO-CLIENT-UUID', 'bob'],
    ['Content-Type', 'text/plain'], ['Content-Type', ''], ['Content-Type', 'APPLICATION/JSON ; charset=x'],
    ['Content-Type', ['application/json', 'application/json']], ['Content-Type', 'application/merge-patch+json'],
    ['If-Match', '"1", "2"'], ['If-Match', 'W/"1"'], ['If-Match', '"99999999999999999999"'], ['If-Match', '""'],
    ['If-Match', '"'], ['If-None-Match', '*'], ['If-None-Match', 'W/"1", "\u00e9"'], ['If-None-Match', ',,'],
    ['Accept', 'text/html'], ['Accept', '*/*;q=0'], ['Accept', ',;,'], ['Accept', 'application/problem+json'],
    ['Prefer', 'return=minimal'], ['Prefer', ['handling=lenient', 'return=minimal']], ['Prefer', '=;,'],
    ['Origin', 'https://shop.example'], ['Origin', 'null'], ['Origin', 'https://shop.example\r\nX: 1'],
    ['Content-Length', '5'], ['Transfer-Encoding', 'chunked'], ['If-Match', 5], ['Prefer', null], ['Accept', {}],
    ['Origin', [1]], ['Content-Type', [[]]],
];

let likely = pools; // of the operation

// A value for a schema of the document.
function sample(random, schema, name) {
    schema = resolve(schema);
    // A user who has left cannot act: only those of the pool shall leave.
    if (likely[name] && (name === 'Opigno-Client-UUID' || random.happens(0.8)))
        return random.pick(likely[name]);
    if (schema.example !== undefined && random.happens(0.5))
        return schema.example;
    if (schema.const !== undefined)
        return schema.const;
    if (schema.enum)
        return random.pick(schema.enum);
    const choices = schema.oneOf ?? schema.anyOf;
    if (choices)
        return sample(random, random.pick(choices));
    const type = Array.isArray(schema.type) ? random.pick(schema.type) : schema.type;
    switch (type) {
    case 'object': return sampleObject(random, schema);
    case 'array': return Array.from({ length: random.below(4) }, () => sample(random, schema.items ?? {}));
    case 'integer': return random.pick([0, 1, schema.minimum ?? 2, schema.maximum ?? 99]);
    case 'number': return random.pick([0.5, 1e20, 12]);
    case 'boolean': return random.happens(0.5);
    case 'null': return null;
    case 'string': return random.pick(['a', 'Andrew M. Pearson', 'Asia/Tokyo', 'occupation', '\u00e9\ud83d\ude00']);
    default: return random.pick(['Organic Farmer', { salary: '65000' }, [1], 7, null, { large: 'x'.repeat(20000) }]);
    }
}

function sampleObject(random, schema) {
    const object = {};
    for (const [name, member] of Object.entries(schema.properties ?? { additionalProp1: {} }))
        if (schema.required?.includes(name) || random.happens(0.5))
            object[name] = sample(random, member, name);
    return object;
}

// The texts of a parameter: several if it may repeat.
function parameterTexts(random, parameter) {
    const values = [sample(random, parameter.schema, parameter.name)].flat().map(String);
    return mayRepeat(parameter) ? values : [values.join(',')];
}

// Breaks one value somewhere in a JSON value.
function withOddValue(random, value) {
    if (value === null || typeof value !== 'object' || random.happens(0.2))
        return random.pick(oddValues);
    const copy = structuredClone(value);
    const names = Object.keys(copy);
    if (names.length === 0 || random.happens(0.1))
        return { ...copy, unknown: 1 };
    const name = random.pick(names);
    if (random.happens(0.3))
        delete copy[name];
    else
        copy[name] = withOddValue(random, copy[name]);
    return copy;
}

const hugeNumber = '9'.repeat(400);
const nested = (depth) => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth);
const oddTexts = [
    (text) => text.slice(0, text.length >> 1), (text) => text + ']', () => '', () => '{', () => 'nul', () => '\ufeff{}',
    (text) => text.replace(/\d+/, '1e400'), (text) => text.replace(/\d+/, hugeNumber),
    (text) => text.replace('{', '{"app_id":0,"app_id":1,'), (text) => text.replace(/:"/, ':"\\ud800'),
    (text) => text.replace(/:"/, ':"\\u0000'), (text) => text.replace(/:"/, ':"\u0007'), () => nested(300),
    () => nested(20000), () => '['.repeat(100000), () => `{"profile_data":${nested(50)},"app_id":0}`,
    (text) => `${text}\n${text}`, () => '{"name":' + '"x'.repeat(400) + '}', () => '"' + 'x'.repeat(1100000) + '"',
];
const badBytes = [Buffer.from([0xff]), Buffer.from([0]), Buffer.from([0xc3]), Buffer.from([0xed, 0xa0, 0x80])];

function withBadBytes(random, bytes) {
    const at = random.below(bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, at), random.pick(badBytes), bytes.subarray(at)]);
}

function formText(random, schema, secrets) {
    const client = random.pick(secrets);
    const values = { ...sampleObject(random, resolve(schema)), client_id: client.key, client_secret: client.secret };
    return new URLSearchParams(values).toString();
}

function bodyOf(random, operation, headers, context) {
    const content = resolve(operation.requestBody)?.content;
    if (!content)
        return random.happens(0.05) ? Buffer.from('{}') : null;
    const [mediaType, { schema }] = Object.entries(content)[0];
    headers['Content-Type'] = mediaType;
    const isForm = mediaType.endsWith('urlencoded');
    let value = isForm ? formText(random, schema, context.clients) : sample(random, schema);
    if (!isForm && random.happens(0.3))
        value = withOddValue(random, value);
    let text = isForm ? value : JSON.stringify(value);
    if (random.happens(0.12))
        text = random.pick(oddTexts)(text);
    const bytes = Buffer.from(text);
    return random.happens(0.04) ? withBadBytes(random, bytes) : bytes;
}

function targetOf(random, operation, headers) {
    const query = [];
    let target = operation.path;
    for (const parameter of operation.parameters) {
        const isWanted = parameter.required || random.happens(parameter.name === 'Opigno-Client-UUID' ? 0.9 : 0.25);
        if (!isWanted)
            continue;
        const values = parameterTexts(random, parameter);
        const [value] = values;
        if (parameter.in === 'path')
            target = target.replace(`{${parameter.name}}`,
                random.happens(0.06) ? random.pick(oddSegments) : encodeURIComponent(value));
        else if (parameter.in === 'query')
            query.push(...values.map((one) => `${parameter.name}=${encodeURIComponent(one)}`));
        else
            headers[parameter.name] = value;
    }
    if (random.happens(0.08))
        query.push(random.pick(oddQueries));
    if (random.happens(0.02))
        target = random.pick([target + '/', '/' + target, target.slice(1), 'http://h' + target, '*', '', '/nothing',
            target.toUpperCase(), target + '/' + random.pick(oddSegments), target.replace('/', '//')]);
    return query.length > 0 ? `${target}?${query.join('&')}` : target;
}

// A request speaks for the user that it is about, more often than not.
function addIdentity(random, operation, headers, target, context) {
    if (operation.security?.some((scheme) => 'clientSecret' in scheme)) {
        const client = random.pick(context.clients);
        if (random.happens(0.5))
            headers.Authorization = 'Basic ' + Buffer.from(`${client.key}:${client.secret}`).toString('base64');
    } else if (!operation.security) {
        headers.Authorization = `Bearer ${random.pick(context.tokens)}`;
        const user = users.find((name) => target.includes(`/${name}`));
        if (user && random.happens(0.6))
            headers['Opigno-Client-UUID'] = user;
    }
}

// In a condition, E stands for the ETag that the resource has.
const conditions = ['E', 'E', '"1", E', 'E,"1"', 'W/E', '*', '"1"', '"1","2"'];

// context: {clients: [{key, secret}], tokens}; candidates: operations, of which one is asked for
export function makeRequest(random, context, candidates) {
    const operation = random.pick(candidates);
    likely = operation.tags.includes('retirement') ? { ...pools, ...poolsOfRetirement } : pools;
    const headers = {};
    const target = targetOf(random, operation, headers);
    addIdentity(random, operation, headers, target, context);
    const body = bodyOf(random, operation, headers, context);
    for (const name of ['If-Match', 'If-None-Match'])
        if (random.happens(operation.method === 'POST' ? 0.02 : 0.15))
            headers[name] = random.pick(conditions);
    if (random.happens(0.15)) {
        const [name, value] = random.pick(oddHeaders);
        headers[name] = value;
    }
    if (random.happens(0.03))
        delete headers[random.pick(Object.keys(headers))];
    const method = random.happens(0.05) ? random.pick(oddMethods) : operation.method;
    return { method, target, headers, body };
}
