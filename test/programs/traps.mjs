// What docs/guide/programs.md says of pg and of Drizzle.
import pg from 'pg';
import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';

const pool = new pg.Pool({ user: 'site_admin', max: 1 });
const db = drizzle(pool);

async function tell(what, call) {
    try {
        console.log(`${what}: ${JSON.stringify(await call())}`);
    } catch (error) {
        console.log(`${what}: ${error.code ?? error.cause.code}`);
    }
}
const ask = (query, parameters) => async () => {
    const { rows: [row] } = await pool.query(query, parameters);
    return Object.values(row)[0];
};
const stored = "SELECT profile_data FROM opigno.get_profile('ada', 0)";
const store = "SELECT version FROM opigno.upsert_profile('ada', 0, $1)";

await pool.query("SELECT opigno.set_user_context('ada', 'Ada', true)");
await tell('version', ask(store, [[]]));
await tell('[]', ask(stored));
await tell("['dark']", ask(store, [['dark']]));
await tell('object', ask(store, [{ n: 1 }]));
await ask(store, ['{"n": 12345678901234567890}'])();
await tell('large number', ask(stored));
await tell('its text', ask(stored.replace('profile_data', 'profile_data::text')));
await tell('Drizzle, an array', () => db.execute(
    sql`SELECT opigno.set_user_scopes('ada', ${['AUTHENTICATED']})`));
await pool.query('BEGIN');
await tell('CALL in a transaction', ask("CALL opigno.load_profiles_in_batches('staged')"));
await pool.query('ROLLBACK');
await pool.end();
