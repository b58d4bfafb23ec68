// Sends the documents of the seeds, and compares the answers with the printed ones.
// Arguments: the URL of /graphql, an access token.
import assert from 'node:assert/strict';
import { documents } from './seeds_documents.mjs';

const [url, token] = process.argv.slice(2);

for (const { uuid, query, answer } of documents) {
    const response = await fetch(url, {
        method: 'POST',
        headers: { Authorization: `Bearer ${token}`, 'Opigno-Client-UUID': uuid, 'Content-Type': 'application/json' },
        body: JSON.stringify({ query }),
    });
    assert.equal(response.status, 200);
    assert.equal((await response.text()).replace(/"id":"\d+"/, '"id":"..."'), JSON.stringify(JSON.parse(answer)));
}
