// Uses the endpoint with urql. Arguments: the URL of /graphql, an access token of an operator.
import assert from 'node:assert/strict';
import { Client, cacheExchange, fetchExchange, gql } from '@urql/core';

const [url, token] = process.argv.slice(2);
const clientWith = (headers) =>
    new Client({ url, exchanges: [cacheExchange, fetchExchange], fetchOptions: { headers } });
const client = clientWith({ Authorization: `Bearer ${token}`, 'Opigno-Client-UUID': 'u002' });
const user = gql`query user($uuid: String!) { getUserContext(uuid: $uuid) { uuid displayName } }`;
const rename = gql`mutation rename($displayName: String) {
    setUserContext(uuid: "u002", displayName: $displayName) { errors response { uuid displayName } }
}`;

const names = [];
const { unsubscribe } = client.query(user, { uuid: 'u002' })
    .subscribe(({ data, error }) => names.push(error ?? data.getUserContext.displayName));
for (let attempt = 0; names.length < 1 && attempt < 500; attempt++)
    await new Promise((resolve) => setTimeout(resolve, 20));
const { data } = await client.mutation(rename, { displayName: 'urql' }).toPromise();
assert.deepEqual(data.setUserContext.errors, []);
// The mutation has changed a UserContext, so urql repeats the query.
for (let attempt = 0; names.at(-1) !== 'urql' && attempt < 500; attempt++)
    await new Promise((resolve) => setTimeout(resolve, 20));
assert.equal(names.at(-1), 'urql');
unsubscribe();

const { error } = await client.query('{ password }').toPromise();
assert.equal(error.response.status, 400);
assert.match(error.graphQLErrors[0].message, /^Cannot query field "password"/);
const { error: unknown } = await clientWith({}).query(user, { uuid: 'u002' }).toPromise();
assert.equal(unknown.response.status, 401);
