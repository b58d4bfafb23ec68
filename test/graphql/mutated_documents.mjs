// The documents to compare: those of a corpus, and documents mutated from them.
import { validate } from 'graphql';
import { Mutator } from './mutation.mjs';
import { isExecutable } from './tree.mjs';
import { TreeMutator } from './tree_mutation.mjs';

export function mutatedDocuments(documents, schema, random, count) {
    const names = [...new Set(documents.join(' ').match(/[_A-Za-z][_0-9A-Za-z]*/g))];
    const definitions = ['{ me { uuid } }', 'fragment Added on UserContext { uuid ...Added }',
        'query Q { me { ...Identity } }', 'fragment A on Profile { id }',
        'fragment Identity on UserContext { id: uuid profiles(appId: $x) { id } }'];
    const mutator = new Mutator(random, names, definitions);
    const treeMutator = new TreeMutator(random, names, documents,
        (document) => document.definitions.every(isExecutable) && validate(schema, document).length === 0);
    const isWellFormed = (text) => !/[\uD800-\uDFFF]/u.test(text);
    const texts = [...documents];
    while (texts.length < count) {
        const text = random.below(3) > 0 ? treeMutator.mutated() : mutator.mutated(random.of(documents));
        if (text.length < 20000 && isWellFormed(text))
            texts.push(text);
    }
    return texts;
}
