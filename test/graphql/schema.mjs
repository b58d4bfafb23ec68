// Asks the endpoint for its schema, as GraphiQL and Apollo's tools do, and prints it as SDL.
// Arguments: the URL of /graphql, an access token.
import { buildClientSchema, getIntrospectionQuery, printSchema, validateSchema } from 'graphql';

const [url, token] = process.argv.slice(2);

async function schemaOf(options) {
    const response = await fetch(url, {
        method: 'POST',
        headers: { Authorization: `Bearer ${token}`, 'Opigno-Client-UUID': 'u001', 'Content-Type': 'application/json' },
        body: JSON.stringify({ operationName: 'IntrospectionQuery', query: getIntrospectionQuery(options) }),
    });
    const { data, errors } = await response.json();
    if (errors)
        throw new Error(JSON.stringify(errors));
    const schema = buildClientSchema(data);
    if (validateSchema(schema).length > 0)
        throw new Error(validateSchema(schema).join('\n'));
    return printSchema(schema);
}

await schemaOf({ descriptions: false });
await schemaOf({ schemaDescription: true, directiveIsRepeatable: true });
console.log(await schemaOf({
    specifiedByUrl: true, directiveIsRepeatable: true, schemaDescription: true, inputValueDeprecation: true,
    oneOf: true,
}));
