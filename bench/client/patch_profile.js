// node patch_profile.js CONNECTIONS SECONDS APP USERS STATEMENT [UPDATE]
// As patch_profile.c with node's pg, and with UPDATE a real merge in between. NODE_PATH leads to the packages.
'use strict';
const { Client } = require('pg');
const { apply } = require('json-merge-patch');

const [connections, seconds, app, users, statement, update] = process.argv.slice(2);
const run = (client, name, text, values) => client.query({ name, text, values });

async function change(client) {
    const user = String(1000000000000000001n + BigInt(Math.floor(Math.random() * users)));
    const patch = { points: Math.floor(Math.random() * 1e9) };
    if (!update)
        return run(client, 'statement', statement, [user, app, patch]);
    await client.query('BEGIN');
    const { rows: [row] } = await run(client, 'statement', statement, [user, app]);
    await run(client, 'update', update, [user, app, apply(row.profile_data, patch)]);
    return client.query('COMMIT');
}

// Changes a second for so many seconds.
async function rate(client, seconds) {
    const start = performance.now();
    let count = 0, end = start;
    for (; end < start + 1000 * seconds; ++count) {
        await change(client);
        end = performance.now();
    }
    return 1000 * count / (end - start);
}

// Of one connection; the first second, in which node compiles, is not counted.
async function changes() {
    const client = new Client();
    await client.connect();
    await rate(client, 1);
    const result = await rate(client, seconds);
    await client.end();
    return result;
}

Promise.all(Array.from({ length: Number(connections) }, changes)).then(
    (rates) => console.log(rates.reduce((sum, rate) => sum + rate).toFixed(1)),
    (error) => { console.error(error); process.exitCode = 1; });
