// Says what is wrong with an answer: what the document does not have.
import Ajv from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { document, operationsOf, resolve } from './document.mjs';

const ajv = addFormats(new Ajv({ strict: false, allErrors: true }));
const compiled = new Map();
// Headers that any answer may have: content, caches and CORS.
const generalHeaders = new Set(['content-type', 'vary', 'access-control-allow-origin', 'access-control-expose-headers',
    'access-control-allow-methods', 'access-control-allow-headers', 'access-control-max-age']);
// What answers to requests of users have for caches: cacheErrors() says which.
const personal = { 'Cache-Control': 'private, no-cache' };
const problem = { content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } };
const withAllow = { Allow: { schema: { type: 'string', pattern: '^[A-Z]+(, [A-Z]+)*$' } } };

function schemaErrors(schema, value) {
    if (!compiled.has(schema))
        compiled.set(schema, ajv.compile({ ...schema, components: document.components }));
    const validate = compiled.get(schema);
    return validate(value) ? [] : validate.errors.map((error) => `${error.instancePath} ${error.message}`);
}

// The segments of the path, decoded; nothing if the path is malformed.
function segmentsOf(target) {
    const path = target.replace(/^http:\/\/[^/]*/, '').split('?')[0];
    try {
        return path.startsWith('/') ? path.slice(1).split('/').map(decodeURIComponent) : undefined;
    } catch {
        return undefined;
    }
}

// What the document says about answers to a request: the operation and the responses by status.
function documented(method, target) {
    const segments = segmentsOf(target);
    const ofPath = segments ? operationsOf(segments) : [];
    if (method === 'OPTIONS' && target === '*')
        return { responses: { 204: { headers: withAllow } } };
    if (ofPath.length === 0)
        return { responses: { 400: problem, 404: problem } };
    const operation = ofPath.find((one) => one.method === (method === 'HEAD' ? 'GET' : method));
    if (operation)
        return operation;
    const withMethods = { ...problem, headers: withAllow };
    return method === 'OPTIONS' ? { responses: { 204: { headers: withAllow }, 400: withMethods } }
        : { responses: { 400: problem, 405: withMethods } };
}

function headerErrors(response, headers) {
    const known = new Map(Object.entries(response.headers ?? {}).map(([name, header]) => [name.toLowerCase(), header]));
    return Object.entries(headers).flatMap(([name, value]) => {
        if (typeof value !== 'string' || /[\r\n\0]/.test(value))
            return [`the header ${name} is malformed`];
        if (generalHeaders.has(name.toLowerCase()) || value === personal[name])
            return [];
        const header = resolve(known.get(name.toLowerCase()));
        return header ? schemaErrors(header.schema, value).map((error) => `header ${name}${error}`)
            : [`the header ${name} is not documented`];
    });
}

function bodyErrors(method, response, answer) {
    const { headers, body } = answer;
    if (body === null) {
        const isMinimal = headers['Preference-Applied']?.includes('return=minimal');
        return method === 'HEAD' || !response.content || isMinimal ? [] : ['the content is missing'];
    }
    const content = response.content?.[headers['Content-Type']];
    if (method === 'HEAD' || !content)
        return [`content of type ${headers['Content-Type']} is not documented`];
    try {
        return schemaErrors(content.schema, JSON.parse(body));
    } catch (error) {
        return [`the content is not JSON: ${error.message}`];
    }
}

// Caches must not share the answers to requests of users. A malformed target has no path.
function cacheErrors(operation, answer) {
    const { headers } = answer;
    const names = (headers.Vary ?? '').split(', ');
    const varies = ['Authorization', 'Opigno-Client-UUID'].every((name) => names.includes(name));
    const isPrivate = headers['Cache-Control'] === 'private, no-cache';
    const needsToken = operation.operationId !== undefined && operation.security === undefined;
    const isUnread = [400, 414].includes(answer.status) && !varies && !isPrivate;
    return isUnread || (needsToken === varies && needsToken === isPrivate) ? [] : ['Vary or Cache-Control is wrong'];
}

// Returns {operationId, errors} for {status, headers, body}.
export function check({ method, target }, answer) {
    const operation = documented(method, target);
    const { operationId, responses } = operation;
    const response = resolve(responses[answer.status]);
    if (!response)
        return { operationId, errors: [`the status ${answer.status} is not documented`] };
    const errors = [...headerErrors(response, answer.headers), ...bodyErrors(method, response, answer),
        ...cacheErrors(operation, answer)];
    return { operationId, errors };
}
