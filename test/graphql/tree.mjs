// A tree of graphql-js as print_tree.hpp prints ours.
import { getLocation } from 'graphql';

export function placeOf(source, at) {
    const { line, column } = getLocation(source, at);
    return [line, column];
}

export function isExecutable(definition) {
    return definition.kind === 'OperationDefinition' || definition.kind === 'FragmentDefinition';
}

export function tree(document) {
    const source = document.loc.source;
    const place = (node) => placeOf(source, node.loc.start);
    const name = (node) => node ? [node.value, place(node)] : null;
    const type = (node) => node.kind === 'NamedType' ? node.name.value
        : node.kind === 'ListType' ? `[${type(node.type)}]` : type(node.type) + '!';
    const named = (node) => node.kind === 'NamedType' ? node.name : named(node.type);
    const typeName = (node) => [type(node), place(node), name(named(node))];
    const text = {
        Variable: (node) => node.name.value,
        IntValue: (node) => node.value,
        FloatValue: (node) => node.value,
        StringValue: (node) => node.value,
        BooleanValue: (node) => String(node.value),
        NullValue: () => '',
        EnumValue: (node) => node.value,
        ListValue: (node) => node.values.map((item) => value(item)),
        ObjectValue: (node) => node.fields.map((field) => value(field.value, field.name)),
    };
    const value = (node, itsName) => [node.block ? 'Block' : node.kind.replace('Value', ''), place(node),
        name(itsName), text[node.kind](node)];
    const values = (nodes) => nodes.map((node) => value(node.value, node.name));
    const directives = (nodes) => nodes.map((node) =>
        ['Directive', place(node), name(node.name), values(node.arguments)]);
    const set = (node) => node ? [place(node), node.selections.map(selection)] : null;
    const selection = (node) => [node.kind, place(node), name(node.alias), name(node.name),
        name(node.typeCondition?.name), values(node.arguments ?? []), directives(node.directives),
        set(node.selectionSet)];
    const variable = (node) => ['Variable', place(node), name(node.variable.name), typeName(node.type),
        node.defaultValue ? value(node.defaultValue) : null, directives(node.directives)];
    return document.definitions.map((node) => [node.operation ?? 'fragment', place(node), name(node.name),
        name(node.typeCondition?.name), (node.variableDefinitions ?? []).map(variable),
        directives(node.directives), set(node.selectionSet)]);
}
