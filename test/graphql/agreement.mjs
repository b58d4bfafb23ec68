// Whether our answers about a document agree with those of graphql-js. An answer is { syntax } for
// an error of the parser, { foreign } for the place of a definition that is not executable, or the
// errors of validation with the tree. An error is its message and its places.
import assert from 'node:assert/strict';
import { GraphQLError, parse, specifiedRules, validate } from 'graphql';
import { isExecutable, placeOf, tree } from './tree.mjs';

// How many errors each rule of graphql-js has found.
export const found = Object.fromEntries(specifiedRules.map(({ name }) => [name, 0]));
const countingRules = specifiedRules.map((rule) => (context) => rule(Object.create(context, {
    reportError: { value(error) { ++found[rule.name]; context.reportError(error); } },
})));

// The test schema has no subscriptions, so this rule has nothing to look at.
const cannotFind = 'SingleFieldSubscriptionsRule';
export function checkFound() {
    const few = Object.keys(found).filter((rule) => rule !== cannotFind && found[rule] < 20);
    assert.deepEqual(few, [], 'too few errors of these rules');
    assert(specifiedRules.length >= 27 && found[cannotFind] === 0);
}

export function theirs(text, schema) {
    try {
        const document = parse(text);
        const errors = validate(schema, document, countingRules).map(described);
        const foreign = document.definitions.find((definition) => !isExecutable(definition));
        if (foreign)
            return { foreign: placeOf(document.loc.source, foreign.loc.start) };
        return { tree: tree(document), errors };
    } catch (error) {
        if (!(error instanceof GraphQLError))
            throw error;
        return { syntax: described(error) };
    }
}

export const described = ({ message, locations }) =>
    [message, (locations ?? []).map(({ line, column }) => [line, column])];

// What the messages of graphql-js have and ours do not: names that could be meant, values of literals,
// and the way of a conflict of fields or a cycle of fragments.
const without = [/ Did you mean [^]*$/, / conflict because [^]*$/, / via [^]*$/, /, found [^]*$/,
    /(?<= represent [^:]*value): [^]*$/, /\.$/];
const words = (message) => without.reduce((text, pattern) => text.replace(pattern, ''), message);
export const comparable = (errors) => errors.map(([message, at]) => JSON.stringify([words(message), at])).sort();
const isBefore = ([line, column], [otherLine, otherColumn]) =>
    line < otherLine || line === otherLine && column <= otherColumn;
const schemaDefinition = 'Syntax Error: Definitions of a schema are not executable.';

export function compare(our, their) {
    if (our.syntax?.[0] === schemaDefinition && their.syntax)
        return assert(isBefore(our.syntax[1][0], their.syntax[1][0]), 'a definition of a schema is refused at once');
    if (their.foreign)
        return assert.deepEqual(our.syntax, [schemaDefinition, [their.foreign]]);
    if (their.syntax || our.syntax)
        return assert.deepEqual(our.syntax?.[1], their.syntax?.[1]);
    assert.deepEqual(our.tree, their.tree);
    if (their.errors.some(([message]) => message.includes('alidation aborted')))
        return assert(our.errors.length > 0);
    assert.deepEqual(comparable(our.errors), comparable(their.errors));
}

// Prints a difference.
export function show(text, our, their, difference) {
    console.log(`${text}\n${difference.message}`);
    console.log('ours:', JSON.stringify(our.syntax ?? our.errors));
    console.log('theirs:', JSON.stringify(their.syntax ?? their.foreign ?? their.errors));
}

// The comparison can fail.
const told = { tree: ['a'], errors: [['', [[1, 8]]]] };
for (const other of [{ tree: [], errors: told.errors }, { tree: ['a'], errors: [] }, { syntax: ['', [[1, 8]]] },
    { tree: ['a'], errors: [['', [[1, 9]]]] }, { tree: ['a'], errors: [...told.errors, ...told.errors] }])
    assert.throws(() => compare(other, told));
compare(told, told);
assert.throws(() => compare({ syntax: ['', [[1, 1]]] }, { syntax: ['', [[1, 2]]] }));
assert.throws(() => compare({ syntax: ['', [[1, 1]]] }, { foreign: [1, 1] }));
