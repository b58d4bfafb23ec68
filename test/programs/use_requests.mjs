// use_requests.mjs CLIENT: what docs/guide/requests.md says of its programs for pg and postgres.
const client = process.argv[2];
const { pool, sql, request, setTheme } = await import(`./requests_${client}.mjs`);
const query = async (text) => (pool ? (await pool.query(text)).rows : sql.unsafe(text));
const headers = (uuid, authorization = process.env.AUTHORIZATION) =>
    ({ authorization, 'opigno-client-uuid': uuid });
async function tell(call) {
    try {
        console.log(await call());
    } catch (error) {
        console.log(error.code ?? error.name, error.message);
    }
}
const patch = 'SELECT FROM opigno.patch_my_profile(1, $1::text::jsonb)';
const john = headers('john');

await tell(() => setTheme(john, 'dark'));
await tell(() => query('SELECT FROM opigno.my_profiles()'));
await tell(() => setTheme(headers('john', 'Bearer nobody'), 'light'));
await tell(() => setTheme(headers('john', process.env.EXPIRED_AUTHORIZATION), 'light'));
await tell(() => setTheme({}, 'light'));
await tell(() => request(john, [[patch, ['{"lost": 1}']], ['SELECT 1 / 0', []]]));
await tell(() => request(john, [[patch, ['{"lost": 2}']], [patch, [{ toJSON: null }]]]));
await tell(() => request(john, [[patch, ['{"lost": 3}']], [patch, [undefined]]]));
const backend = 'SELECT pg_backend_pid() AS pid, request_user FROM opigno.request_user()';
const [[within]] = await request(john, [[backend, []]]);
const [after] = await query(backend);
console.log(within.pid === after.pid, within.request_user, after.request_user);
await query("SELECT 'count'");
await tell(() => setTheme(john, 'dim'));
if (sql) {
    await query("SELECT 'sql.begin'");
    await sql.begin((transaction) => [transaction`SELECT 1`, transaction`SELECT 2`]);
}

if (process.argv[3] === 'parallel') {
    const ends = [['SELECT pg_terminate_backend(pg_backend_pid())', []]];
    if (pool) await tell(() => request(john, ends)); // would end the process with postgres
    const uuids = Array.from({ length: 20 }, (_, number) => `${client}-${number}`);
    const each = (call) => Promise.all(uuids.map(call));
    const create = 'SELECT FROM opigno.set_user_context($1, $1, true)';
    await each((uuid) => request(headers(uuid), [[create, [uuid]]]));
    await each((uuid) => setTheme(headers(uuid), uuid));
    const read = 'SELECT profile_data, pg_backend_pid() AS pid FROM opigno.profile';
    const pids = new Set();
    let wrong = 0;
    for (let round = 0; round < 10; round++) {
        const answers = await each((uuid) => request(headers(uuid), [[read, []]]));
        answers.forEach(([rows], number) => {
            pids.add(rows[0].pid);
            if (rows.length !== 1 || rows[0].profile_data.theme !== uuids[number]) wrong++;
        });
    }
    console.log(`${wrong} wrong answers over ${pids.size} connections`);
}
await (pool ?? sql).end();
