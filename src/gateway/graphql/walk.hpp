/* Walks over the parts of a document, for the rules of validation. Does not depend on PostgreSQL. */
#pragma once

#include "gateway/graphql/ast.hpp"
#include "gateway/graphql/schema.hpp"

namespace opigno::graphql {

/* Calls visit(Definition &, Selection &), each selection before those in it. */
template <typename Visit> void each_selection(const Document &document, Visit visit)
{
    for (Definition &definition : document.definitions)
        for (Selection *at = definition.set->selections.first(); at != nullptr;
             at = next_selection(*at, *definition.set))
            visit(definition, *at);
}

/* The field that the selection is, or is in; nullptr: it is in none, or in one that is unknown. */
inline const Field *field_around(const Selection &selection)
{
    const Selection *at = &selection;
    while (at != nullptr && at->kind != SelectionKind::Field)
        at = at->home->owner;
    return at == nullptr ? nullptr : at->field;
}

/* Calls visit(Definition &, Chain<Directive> &, DirectiveLocation, const Field *). The last is the
 * field that is, or is around, what has the directives. */
template <typename Visit> void each_directives(const Document &document, Visit visit)
{
    for (Definition &definition : document.definitions) {
        constexpr DirectiveLocation locations[] = {DirectiveLocation::Query, DirectiveLocation::Mutation,
                                                   DirectiveLocation::Subscription,
                                                   DirectiveLocation::FragmentDefinition};
        visit(definition, definition.directives, locations[static_cast<int>(definition.kind)], nullptr);
        for (Variable &variable : definition.variables)
            visit(definition, variable.directives, DirectiveLocation::VariableDefinition, nullptr);
    }
    each_selection(document, [&visit](Definition &definition, Selection &selection) {
        constexpr DirectiveLocation locations[] = {
            DirectiveLocation::Field, DirectiveLocation::FragmentSpread, DirectiveLocation::InlineFragment};
        if (!selection.directives.empty())
            visit(definition, selection.directives, locations[static_cast<int>(selection.kind)],
                  field_around(selection));
    });
}

/*
 * Calls visit(Definition &, Value &, const InputValue *) for the arguments of fields and directives.
 * The last is how the schema declares the argument, or nullptr. As in graphql-js, the arguments of
 * an unknown directive are looked for in the field around it.
 */
template <typename Visit> void each_argument(const Document &document, Visit visit)
{
    each_selection(document, [&visit](Definition &definition, Selection &selection) {
        for (Value &argument : selection.arguments)
            visit(definition, argument,
                  selection.field == nullptr ? nullptr : selection.field->find_argument(argument.name.text));
    });
    each_directives(document, [&visit](Definition &definition, Chain<Directive> &directives,
                                       DirectiveLocation, const Field *around) {
        for (Directive &directive : directives)
            for (Value &argument : directive.arguments) {
                const std::string_view name = argument.name.text;
                const InputValue *declared = directive.type != nullptr ? directive.type->find_argument(name)
                                             : around != nullptr       ? around->find_argument(name)
                                                                       : nullptr;
                visit(definition, argument, declared);
            }
    });
}

/* Calls visit(Value &) for the arguments of fields and directives and the defaults of variables. */
template <typename Visit> void each_root_value(const Document &document, Visit visit)
{
    for (Definition &definition : document.definitions)
        for (Variable &variable : definition.variables)
            if (variable.default_value != nullptr)
                visit(*variable.default_value);
    each_argument(document, [&visit](Definition &, Value &argument, const InputValue *) { visit(argument); });
}

} // namespace opigno::graphql
