// Uses the endpoint with Apollo Client: its normalised cache, pages, errors.
// Arguments: the URL of /graphql, an access token of an operator.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { ApolloClient, CombinedGraphQLErrors, HttpLink, InMemoryCache, ServerError, gql } from '@apollo/client/core';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { relayStylePagination } from '@apollo/client/utilities';

const [uri, token] = process.argv.slice(2);
const identity = { Authorization: `Bearer ${token}`, 'Opigno-Client-UUID': 'u001' };
const requests = [];
const counted = (target, init) => {
    requests.push(init.method);
    return fetch(target, init);
};
const cache = new InMemoryCache({ typePolicies: {
    Query: { fields: { userContexts: relayStylePagination(['isActive', 'scope']) } },
    UserContext: { keyFields: ['uuid'] },
} });
const link = new HttpLink({ uri, fetch: counted, headers: identity });
const client = new ApolloClient({ link, cache });

async function requestsOf(action) {
    requests.length = 0;
    const result = await action();
    return [requests.join(' '), result];
}
const soon = async (condition) => {
    for (let attempt = 0; !condition() && attempt < 500; attempt++)
        await new Promise((resolve) => setTimeout(resolve, 20));
    assert.ok(condition());
};

// ---- the cache ---------------------------------------------------------------------------------

const user = gql`query user($uuid: String!) { getUserContext(uuid: $uuid) { uuid displayName isActive scope } }`;
const variables = { uuid: 'u001' };
const [sent, { data: { getUserContext: { __typename, uuid, isActive } } }] =
    await requestsOf(() => client.query({ query: user, variables }));
assert.deepEqual([sent, __typename, uuid, isActive], ['POST', 'UserContext', 'u001', true]);
const [sentAgain] = await requestsOf(() => client.query({ query: user, variables }));
assert.equal(sentAgain, '');

let seen;
const subscription = client.watchQuery({ query: user, variables })
    .subscribe(({ data }) => { seen = data?.getUserContext; });
const rename = gql`mutation rename($uuid: String!, $displayName: String) {
    setUserContext(uuid: $uuid, displayName: $displayName) { errors response { uuid displayName } }
}`;
for (const displayName of ['Apollo 11', 'Apollo 12']) {
    const [sent, { data: { setUserContext: { errors } } }] =
        await requestsOf(() => client.mutate({ mutation: rename, variables: { ...variables, displayName } }));
    assert.deepEqual(errors, []);
    await soon(() => seen.displayName === displayName);
    assert.equal(sent, 'POST');
}
subscription.unsubscribe();

const { data: { setUserContext: refused } } =
    await client.mutate({ mutation: rename, variables: { ...variables, displayName: ' ' } });
assert.deepEqual([refused.response, refused.errors.map(({ code, path }) => code + path)],
    [null, ['22023/displayName']]);
assert.equal(seen.displayName, 'Apollo 12');

// ---- pages -------------------------------------------------------------------------------------

const page = gql`query page($first: Int!, $after: Cursor) { userContexts(first: $first, after: $after) {
    edges { cursor node { uuid displayName profiles(appId: 0) { profileData } } }
    pageInfo { hasNextPage endCursor } totalItems
} }`;
let shown;
const pages = client.watchQuery({ query: page, variables: { first: 60 } });
const watch = pages.subscribe(({ data }) => { shown = data?.userContexts; });
await soon(() => shown?.edges.length === 60);
for (let size = 120; shown.pageInfo.hasNextPage; size += 60) {
    await pages.fetchMore({ variables: { after: shown.pageInfo.endCursor } });
    await soon(() => shown.edges.length === Math.min(size, shown.totalItems));
}
assert.ok(shown.totalItems > 150);
assert.equal(new Set(shown.edges.map(({ node }) => node.uuid)).size, shown.totalItems);
assert.equal(shown.edges.find(({ node }) => node.uuid === 'u001').node.displayName, 'Apollo 12');
watch.unsubscribe();

// ---- errors ------------------------------------------------------------------------------------

const failure = (options, query = user) =>
    new ApolloClient({ link: new HttpLink({ uri, ...options }), cache: new InMemoryCache() })
        .query({ query, variables }).then(() => undefined, (error) => error);
const invalid = await failure({ headers: identity }, gql`{ getUserContext(uuid: "u001") { password } }`);
assert.ok(CombinedGraphQLErrors.is(invalid), invalid);
assert.deepEqual(invalid.errors.map(({ locations }) => locations), [[{ line: 3, column: 5 }]]);
const unknown = await failure({});
assert.ok(ServerError.is(unknown), unknown);
assert.deepEqual([unknown.statusCode, JSON.parse(unknown.bodyText).status], [401, 401]);
const wrong = await failure({ headers: { ...identity, Authorization: 'Bearer opigno_token_wrong' } });
assert.equal(wrong.statusCode, 401);
const { data: partial, error } = await client.query({ errorPolicy: 'all', fetchPolicy: 'no-cache', query: gql`{
    few: userContexts(first: 1) { totalItems } many: userContexts(first: 501) { totalItems } }` });
assert.deepEqual([partial.few.totalItems, partial.many], [shown.totalItems, null]);
assert.deepEqual(error.errors.map(({ path, extensions }) => [path, extensions.code]), [[['many'], '22023']]);

// ---- other ways to send ------------------------------------------------------------------------

const answers = (link) => requestsOf(() => new ApolloClient({ link, cache: new InMemoryCache() })
    .query({ query: user, variables }));
const [got, { data: byGet }] = await answers(
    new HttpLink({ uri, fetch: counted, headers: identity, useGETForQueries: true }));
assert.deepEqual([got, byGet.getUserContext.displayName], ['GET', 'Apollo 12']);
// The server knows no document by its digest, so the client sends the document.
const sha256 = (text) => createHash('sha256').update(text).digest('hex');
const [repeated, { data: byDigest }] = await answers(new PersistedQueryLink({ sha256 }).concat(link));
assert.deepEqual([repeated, byDigest.getUserContext.displayName], ['POST POST', 'Apollo 12']);
client.stop();
