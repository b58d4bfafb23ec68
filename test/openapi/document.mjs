// Reads docs/openapi.yaml. As a program: compares the document on stdin with it (equals), or prints
// its version, its routes, the methods that requests of each path have, or a request for each
// parameter of a query that may not repeat, with this parameter twice (repetitions).
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { parse } from 'yaml';

export const methods = ['get', 'put', 'post', 'delete', 'patch'];

export const document = parse(fs.readFileSync(process.env.top + '/docs/openapi.yaml', 'utf8'));

export function resolve(value) {
    while (value?.$ref)
        value = value.$ref.slice(2).split('/').reduce((part, name) => part[name], document);
    return value;
}

// Each operation, with the parameters of its path.
export const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    methods.filter((method) => item[method]).map((method) => ({
        ...item[method],
        path,
        method: method.toUpperCase(),
        parameters: [...(item.parameters ?? []), ...(item[method].parameters ?? [])].map(resolve),
    })));

// Whether a parameter of a query may come several times.
export function mayRepeat({ schema }) {
    return resolve(schema).type === 'array';
}

// The operations of a path of a request, as its segments. A path that names a segment goes first.
export function operationsOf(segments) {
    const found = operations.filter((operation) => hasPath(operation, segments));
    return found.filter((operation) => !found.some((other) => captures(other) < captures(operation)));
}

function captures({ path }) {
    return path.split('{').length;
}

// Whether the path of a request, as its segments, is that of the operation.
function hasPath(operation, segments) {
    const wanted = operation.path.slice(1).split('/');
    return wanted.length === segments.length &&
        wanted.every((name, at) => name.startsWith('{') ? segments[at] !== '' : name === segments[at]);
}

if (process.argv[1] === import.meta.filename) {
    const given = fs.readFileSync(0, 'utf8');
    if (process.argv[2] === 'equals')
        assert.deepEqual(JSON.parse(given), document);
    else if (process.argv[2] === 'version')
        console.log(document.info.version);
    else if (process.argv[2] === 'routes')
        for (const { method, path } of operations)
            console.log(method, path);
    else if (process.argv[2] === 'repetitions')
        for (const { method, path, parameters } of operations)
            for (const { name } of parameters.filter((parameter) => parameter.in === 'query' && !mayRepeat(parameter)))
                console.log(method, `${path.replace(/[{}]/g, '')}?${name}=1&${name}=1`);
    else
        for (const path of Object.keys(document.paths).map((name) => name.replace(/[{}]/g, '')))
            for (const { method } of operationsOf(path.slice(1).split('/')))
                console.log(method, path);
}
