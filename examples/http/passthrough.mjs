// Node.js 18 or later: node passthrough.mjs. README.md says how to run it.
import { createServer } from 'node:http';
import pg from 'pg';

const limit = 64 * 2 ** 20; // bytes of a body
const pool = new pg.Pool({ max: 8, connectionTimeoutMillis: 5000 });
pool.on('error', (error) => console.error(error.message)); // a connection that nobody uses is lost
const utf8 = (text) => Buffer.from(text, 'latin1').toString();
const { assets } = process.env.GRAPHIQL ? await import('./graphiql/assets.mjs') : {};

async function read(request) {
    const chunks = [];
    let size = 0;
    for await (const chunk of request) if ((size += chunk.length) <= limit) chunks.push(chunk);
    if (size > limit) throw Object.assign(new Error('a body is too large'), { status: 413 });
    return Buffer.concat(chunks);
}

createServer(async (request, response) => {
    try {
        const asset = request.method === 'GET' && assets?.get(request.url);
        if (asset) return response.setHeader('Content-Type', asset.type).end(asset.body);
        const headers = Object.create(null);
        request.rawHeaders.forEach((text, at, all) => {
            if (at % 2) (headers[all[at - 1]] ??= []).push(utf8(text));
        });
        const { rows: [answer] } = await pool.query(
            'SELECT * FROM opigno.http_request($1, $2, $3, $4)',
            [request.method, utf8(request.url), headers, await read(request)]);
        response.statusCode = answer.status;
        for (const [name, value] of Object.entries(answer.response_headers))
            response.setHeader(name, value);
        response.end(answer.response_body);
    } catch (error) {
        console.error(error.code, error.message);
        const status = error.status ?? (error.code?.startsWith('22') ? 400 : 503);
        response.writeHead(status).end('no answer\n');
    }
}).listen(Number(process.env.PORT ?? 8080), '127.0.0.1');
