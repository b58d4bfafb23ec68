// An Express application over the typed functions: node gateway_express.mjs, with PORT and PG* in the environment.
import express from 'express';
import pg from 'pg';

const pool = new pg.Pool({ max: 8 });
const statuses = { 28000: 401, 42501: 403, 23503: 404, 23505: 409, '22P02': 400, 22023: 400, PT412: 412 };

// Runs calls(query) in a transaction as the request's user.
async function inRequest(request, calls) {
    const client = await pool.connect();
    try {
        await client.query('BEGIN');
        await client.query({
            name: 'begin_request',
            text: 'SELECT opigno.begin_request($1, $2)',
            values: [request.get('authorization'), request.get('opigno-client-uuid')],
        });
        const result = await calls((name, text, values) => client.query({ name, text, values }));
        await client.query('COMMIT');
        client.release();
        return result;
    } catch (error) {
        await client.query('ROLLBACK').then(() => client.release(), (lost) => client.release(lost));
        throw error;
    }
}

const myProfiles = `SELECT user_uuid AS user_id, app_id, profile_data, version, created_at, updated_at
    FROM opigno.my_profiles($1)`;
const shown = (row) => ({ ...row, version: Number(row.version) });

const app = express();
app.disable('x-powered-by');
app.set('etag', false); // the version is the ETag
app.use(express.json({ type: ['application/json', 'application/merge-patch+json'], limit: '1mb' }));

app.get('/user/profiles/:appid', async (request, response) => {
    const { rows } = await inRequest(request, (query) => query('my_profiles', myProfiles, [request.params.appid]));
    if (rows.length > 0) response.set('ETag', `"${rows[0].version}"`);
    response.json(rows.map(shown));
});

app.patch('/user/profiles/:appid', async (request, response) => {
    const appId = request.params.appid;
    const expected = /^"(\d+)"$/.exec(request.get('if-match') ?? '')?.[1];
    const { rows: [row] } = await inRequest(request, async (query) => {
        await query('patch_my_profile', 'SELECT version FROM opigno.patch_my_profile($1, $2, $3)',
            [appId, JSON.stringify(request.body), expected]);
        return query('my_profiles', myProfiles, [appId]);
    });
    response.set('ETag', `"${row.version}"`).json(shown(row));
});

app.get('/api/user/v1/accounts/:username', async (request, response) => {
    const { rows: [{ account }] } = await inRequest(request, (query) =>
        query('get_account', 'SELECT opigno.get_account($1) AS account', [request.params.username]));
    if (account === null) return response.sendStatus(404);
    if ('version' in account) response.set('ETag', `"${account.version}"`);
    response.json(account);
});

app.use((error, request, response, next) => {
    const status = statuses[error.code] ?? error.status ?? 500;
    if (status === 500) console.error(error);
    response.status(status).type('application/problem+json').json({ status, detail: error.message, code: error.code });
});

app.listen(Number(process.env.PORT), '127.0.0.1');
