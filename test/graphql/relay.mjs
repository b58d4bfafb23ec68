// Executes the queries that Relay's compiler has written. Arguments: the folder of its artifacts, the
// URL of /graphql, an access token.
import assert from 'node:assert/strict';
import fs from 'node:fs';

const [folder, url, token] = process.argv.slice(2);
const texts = fs.readdirSync(folder).map((name) => fs.readFileSync(`${folder}/${name}`, 'utf8'))
    .flatMap((artifact) => [...artifact.matchAll(/"text": ("(?:query|mutation)(?:[^"\\]|\\.)*")/g)])
    .map(([, text]) => JSON.parse(text));
assert.equal(texts.length, 3);
for (const query of texts) {
    const response = await fetch(url, {
        method: 'POST',
        headers: { Authorization: `Bearer ${token}`, 'Opigno-Client-UUID': 'u001', 'Content-Type': 'application/json' },
        body: JSON.stringify({ query, variables: { size: 2, after: null, uuid: 'u001', name: 'Relay' } }),
    });
    const { data, errors } = await response.json();
    assert.equal(errors, undefined);
    assert.equal(data.userContexts ? data.userContexts.edges.length : data.setUserContext.response.displayName,
        data.userContexts ? 2 : 'Relay');
}
