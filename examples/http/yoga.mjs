// GraphQL outside of the database: node yoga.mjs. README.md says how to run it.
import { createServer } from 'node:http';
import { createSchema, createYoga } from 'graphql-yoga';
import pg from 'pg';

const pool = new pg.Pool({ max: 8 });
pool.on('error', (error) => console.error(error.message)); // a connection that nobody uses is lost

// The result of one function, in a request of the user and the client of the headers.
async function call({ request: { headers } }, sql, value) {
    const client = await pool.connect();
    try {
        await client.query('BEGIN');
        await client.query('SELECT opigno.begin_request($1, $2)',
            [headers.get('authorization'), headers.get('opigno-client-uuid')]);
        const { rows: [row] } = await client.query(sql, [value]);
        await client.query('COMMIT');
        return row.answer;
    } catch (error) {
        await client.query('ROLLBACK').catch(() => {});
        throw error;
    } finally {
        client.release();
    }
}

const schema = createSchema({
    typeDefs: `
        scalar Violation
        enum Scope { ANONYMOUS AUTHENTICATED ADMINISTRATOR }
        type UserContext { displayName: String! id: ID! isActive: Boolean! scope: [Scope!]! uuid: String! }
        type UserContextResponse { errors: [Violation] response: UserContext }
        type Query { getUserContext(uuid: String!): UserContext }
        type Mutation {
            setUserContext(uuid: String!, displayName: String, isActive: Boolean, scope: Scope): UserContextResponse
        }`,
    resolvers: {
        Query: { getUserContext: (_, { uuid }, context) =>
            call(context, 'SELECT opigno.get_user_context_json($1) AS answer', uuid) },
        Mutation: { setUserContext: (_, payload, context) =>
            call(context, 'SELECT opigno.set_user_context_json($1) AS answer', JSON.stringify(payload)) },
    },
});
createServer(createYoga({ schema })).listen(Number(process.env.PORT ?? 8080), '127.0.0.1');
