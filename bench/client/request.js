// node request.js CONNECTIONS SECONDS USERS AUTHORIZATION STATEMENT...
// As request.c with node's postgres, which sends what it is given at once. NODE_PATH leads to the package.
'use strict';
const postgres = require('postgres');

const [connections, seconds, users, authorization, ...statements] = process.argv.slice(2);
const all = ['BEGIN', ...statements, 'COMMIT'];
const sql = postgres({
    host: process.env.PGHOST, database: process.env.PGDATABASE, user: process.env.PGUSER,
    max: Number(connections),
});

function transaction(connection) {
    const user = String(1000000000000000001n + BigInt(Math.floor(Math.random() * users)));
    const values = (text) => text.includes('$2') ? [user, authorization] : text.includes('$1') ? [user] : [];
    return Promise.all(all.map((text) => connection.unsafe(text, values(text), { prepare: true })));
}

// Transactions a second for so many seconds.
async function rate(connection, seconds) {
    const start = performance.now();
    let count = 0, end = start;
    for (; end < start + 1000 * seconds; ++count) {
        const results = await transaction(connection);
        if (results.some((rows, at) => at > 0 && at < all.length - 1 && rows.length !== 1))
            throw new Error('a statement did not return one row');
        end = performance.now();
    }
    return 1000 * count / (end - start);
}

// Of one connection; the first second, in which node compiles, is not counted.
async function one() {
    const connection = await sql.reserve();
    await rate(connection, 1);
    return rate(connection, seconds);
}

Promise.all(Array.from({ length: Number(connections) }, one)).then(
    (rates) => { console.log(rates.reduce((sum, rate) => sum + rate).toFixed(1)); process.exit(); },
    (error) => { console.error(error); process.exit(1); });
