// Changes documents that parse into others that parse: names, values, selections, directives and
// definitions change places, within a document and between the documents of the corpus.
import { parse, print } from 'graphql';

// Lists of nodes whose last node may not be removed.
const neverEmpty = new Set(['selections', 'definitions']);

export class TreeMutator {
    // isValid: says whether a document is.
    constructor(random, names, texts, isValid) {
        this.random = random;
        this.names = names;
        this.documents = texts.flatMap((text) => {
            try {
                return [parse(text, { noLocation: true })];
            } catch {
                return [];
            }
        });
        this.valid = this.documents.filter(isValid);
        this.pools = {};
        this.documents.forEach((document) => this.walk(document, (node, key) => {
            (this.pools[this.poolOf(node, key)] ??= []).push(node);
        }));
    }

    poolOf(node, key) {
        return ['value', 'values', 'defaultValue'].includes(key) ? 'Value'
            : ['type', 'typeCondition'].includes(key) ? 'Type' : key === 'selections' ? 'Selection' : node.kind;
    }

    // Calls visit(node, key, list or undefined, parent) for each node.
    walk(node, visit) {
        for (const [key, value] of Object.entries(node)) {
            const list = Array.isArray(value) ? value : undefined;
            for (const child of list ?? [value])
                if (child?.kind) {
                    visit(child, key, list, node);
                    this.walk(child, visit);
                }
        }
    }

    mutated() {
        const isGentle = this.random.below(2) === 0;
        const document = structuredClone(this.random.of(isGentle ? this.valid : this.documents));
        for (let left = isGentle ? 1 : 1 + this.random.below(4); left > 0; --left) {
            const places = [];
            this.walk(document, (...place) => places.push(place));
            this.change(...this.random.of(places));
        }
        return print(document);
    }

    // Another node that can stand here.
    other(node, key, parent) {
        const other = structuredClone(this.random.of(this.pools[this.poolOf(node, key)]));
        return parent.kind === 'VariableDefinition' && key !== 'variable' ? withoutVariables(other) : other;
    }

    change(node, key, list, parent) {
        if (node.kind === 'Name')
            node.value = this.random.of(this.names);
        else if (list)
            this.changeList(node, key, list, parent);
        else if (key === 'selectionSet' && parent.kind === 'Field' && this.random.below(2) === 0)
            delete parent.selectionSet;
        else
            parent[key] = this.other(node, key, parent);
    }

    changeList(node, key, list, parent) {
        const at = list.indexOf(node);
        switch (this.random.below(5)) {
        case 0:
            if (list.length > 1 || !neverEmpty.has(key))
                list.splice(at, 1);
            break;
        case 1:
            list.splice(at, 0, structuredClone(node));
            break;
        case 2:
            list[at] = this.other(node, key, parent);
            break;
        case 3:
            list.splice(at, 0, this.other(node, key, parent));
            break;
        case 4:
            list[at] = this.wrapped(node, key);
        }
    }

    wrapped(node, key) {
        if (key === 'values')
            return { kind: 'ListValue', values: [node] };
        if (key !== 'selections')
            return node;
        const types = this.pools.Type.filter((type) => type.kind === 'NamedType');
        return { kind: 'InlineFragment', directives: [],
            typeCondition: this.random.below(2) === 0 ? undefined : structuredClone(this.random.of(types)),
            selectionSet: { kind: 'SelectionSet', selections: [node] } };
    }
}

function withoutVariables(part) {
    if (Array.isArray(part))
        return part.map(withoutVariables);
    if (!part?.kind)
        return part;
    return part.kind === 'Variable' ? { kind: 'IntValue', value: '1' }
        : Object.fromEntries(Object.entries(part).map(([key, value]) => [key, withoutVariables(value)]));
}
