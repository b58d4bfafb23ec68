// A page of user contexts by graphql-yoga, with a resolver for each field that has a function: node gateway_yoga.mjs,
// with PORT and PG* in the environment. Each request has one transaction, which all its resolvers use.
import { createServer } from 'node:http';
import { createSchema, createYoga } from 'graphql-yoga';
import pg from 'pg';

const pool = new pg.Pool({ max: 8 });

// A request's transaction: ask(name, text, values) returns the rows of a prepared statement.
async function begin({ request: { headers } }) {
    const client = await pool.connect();
    const ask = async (name, text, values) => (await client.query({ name, text, values })).rows;
    await client.query('BEGIN');
    await ask('begin_request', 'SELECT opigno.begin_request($1, $2)',
        [headers.get('authorization'), headers.get('opigno-client-uuid')]);
    return { ask, end: async () => { await client.query('COMMIT'); client.release(); } };
}
const inTransaction = { onExecute: ({ args }) => ({ onExecuteDone: () => args.contextValue.end() }) };

const schema = createSchema({
    typeDefs: `
        scalar JSON
        type Profile { profileData: JSON! version: Float! }
        type Account { username: String! name: String version: Float }
        type UserContext { uuid: String! displayName: String! profiles(appId: Int!): [Profile!]! account: Account }
        type Edge { node: UserContext! }
        type Page { edges: [Edge!]! }
        type Query { userContexts(first: Int!): Page! }`,
    resolvers: {
        Query: {
            userContexts: async (_, { first }, { ask }) => ({
                edges: (await ask('page', `SELECT uuid, display_name AS "displayName"
                    FROM opigno.list_user_contexts(max_rows => $1)`, [first])).map((node) => ({ node })),
            }),
        },
        UserContext: {
            profiles: ({ uuid }, { appId }, { ask }) => ask('profile',
                'SELECT profile_data AS "profileData", version FROM opigno.get_profile($1, $2)', [uuid, appId]),
            account: async ({ uuid }, _, { ask }) =>
                (await ask('account', 'SELECT opigno.get_account($1) AS account', [uuid]))[0].account,
        },
    },
});
createServer(createYoga({ schema, context: begin, plugins: [inTransaction] })).listen(Number(process.env.PORT), '127.0.0.1');
