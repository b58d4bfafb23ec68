// graphql-codegen over the endpoint: GRAPHQL_URL, GRAPHQL_TOKEN.
module.exports = {
    schema: [{ [process.env.GRAPHQL_URL]: { headers: {
        Authorization: `Bearer ${process.env.GRAPHQL_TOKEN}`, 'Opigno-Client-UUID': 'u001' } } }],
    documents: 'operations.graphql',
    generates: { 'types.ts': { plugins: ['typescript', 'typescript-operations'], config: {
        strictScalars: true,
        scalars: { BigInt: 'number', Cursor: 'string', DateTime: 'string', JSON: 'unknown', Violation: 'unknown' },
    } } },
};
