// Prints the documents of the seeds as requests of test/gateway/play, with their printed answers.
import { documents } from '../graphql/seeds_documents.mjs';

const expression = (answer) => JSON.stringify(JSON.parse(answer)).replace(/[\^$.*+?()[\]{}|\\]/g, '\\$&')
    .replace('\\.\\.\\.', '\\d+');
for (const [number, { uuid, query, answer }] of documents.entries())
    console.log(`### 200 GraphQL: document ${number + 1} of the seeds
> PRINTED (?<![^\\n])(${expression(answer)})$
POST /graphql
Authorization: Bearer {{TOKEN}}
Opigno-Client-UUID: ${uuid}
Content-Type: application/json

${JSON.stringify({ query })}`);
