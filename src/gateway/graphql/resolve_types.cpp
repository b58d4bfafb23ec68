/* Leads nodes into the schema: which types and fields they name, and which types their places have. */
#include "gateway/graphql/validation_context.hpp"
#include "gateway/graphql/walk.hpp"

namespace opigno::graphql {

namespace {

/* The type itself if it has fields, otherwise nullptr. */
const Type *object_or_none(const Type *type)
{
    return type != nullptr && type->kind == TypeKind::Object ? type : nullptr;
}

const Type *root_type(const Definition &definition, const Schema &schema)
{
    switch (definition.kind) {
    case DefinitionKind::Query:
        return &schema.query();
    case DefinitionKind::Mutation:
        return schema.mutation();
    case DefinitionKind::Subscription:
        return nullptr;
    case DefinitionKind::Fragment:
        return object_or_none(schema.find_type(definition.condition.text));
    }
    return nullptr;
}

void resolve_selection(Selection &selection, ValidationContext &context)
{
    const Type *inner = selection.home->type;
    switch (selection.kind) {
    case SelectionKind::Field:
        if (selection.home->type != nullptr)
            selection.field = context.schema().find_field(*selection.home->type, selection.name.text);
        inner = selection.field == nullptr ? nullptr : object_or_none(selection.field->type.type);
        break;
    case SelectionKind::FragmentSpread:
        selection.fragment = context.fragment(selection.name.text);
        break;
    case SelectionKind::InlineFragment:
        if (!selection.condition.empty())
            inner = object_or_none(context.schema().find_type(selection.condition.text));
        break;
    }
    if (selection.set != nullptr)
        selection.set->type = inner;
}

/* The type of an item or member. */
TypeReference type_within(const Value &container, std::string_view member)
{
    if (!container.type.is_known())
        return {};
    const Layers layers = container.type.layers.nullable();
    if (container.kind == ValueKind::List)
        return {container.type.type, layers.outer() == Layer::List ? layers.inner() : layers};
    const InputValue *declared = container.type.type->find_input_field(member);
    return declared == nullptr ? TypeReference() : declared->type;
}

void resolve_value(Value &root, TypeReference type)
{
    root.type = type;
    for (Value *at = &root; at != nullptr; at = next_value(*at, root))
        for (Value &item : at->items)
            item.type = type_within(*at, item.name.text);
}

void resolve_variable(Variable &variable, const Schema &schema)
{
    const Type *type = schema.find_type(variable.type_name.name.text);
    if (type != nullptr)
        variable.type = {type, variable.type_name.layers};
    if (variable.default_value != nullptr)
        resolve_value(*variable.default_value,
                      type != nullptr && type->is_input() ? variable.type : TypeReference());
}

} // namespace

void resolve_types(ValidationContext &context)
{
    const Document &document = context.document();
    for (Definition &definition : document.definitions) {
        definition.set->type = root_type(definition, context.schema());
        for (Variable &variable : definition.variables)
            resolve_variable(variable, context.schema());
    }
    each_selection(document,
                   [&context](Definition &, Selection &selection) { resolve_selection(selection, context); });
    each_directives(document,
                    [](Definition &, Chain<Directive> &directives, DirectiveLocation, const Field *) {
                        for (Directive &directive : directives)
                            directive.type = Schema::find_directive(directive.name.text);
                    });
    each_argument(document, [](Definition &, Value &argument, const InputValue *declared) {
        resolve_value(argument, declared == nullptr ? TypeReference() : declared->type);
    });
}

} // namespace opigno::graphql
