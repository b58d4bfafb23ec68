// A GraphQL server with PostGraphile 4: node server.mjs [SCHEMA]. README.md says how to run it.
import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import pg from 'pg';
import { postgraphile } from 'postgraphile';

const { OPIGNO_TOKEN: token, PORT: port = '5000' } = process.env;
if (!token) throw new Error('set OPIGNO_TOKEN: requests must send it as a bearer token');

// PGHOST, PGDATABASE, PGUSER and so on say where the database is, and which role to use.
const pool = new pg.Pool({ statement_timeout: 30_000 });
const handler = postgraphile(pool, process.argv[2] ?? 'api', {
    includeExtensionResources: true, // for the schema opigno: serve objects of an extension, too
    ignoreRBAC: false, // show only what the role may use
    disableDefaultMutations: true, // rows are written by functions
    dynamicJson: true, // jsonb is a JSON value, and not a string with JSON in it
    setofFunctionsContainNulls: false,
    extendedErrors: ['errcode', 'detail', 'hint'], // the SQLSTATE tells clients what to do
    disableQueryLog: true, // queries contain data of users
});

const digest = (text) => createHash('sha256').update(text).digest();
const expected = digest(`Bearer ${token}`);
createServer((request, response) => {
    if (timingSafeEqual(digest(request.headers.authorization ?? ''), expected)) {
        handler(request, response);
    } else {
        response.writeHead(401, { 'WWW-Authenticate': 'Bearer' }).end();
    }
}).listen(Number(port), '127.0.0.1');
