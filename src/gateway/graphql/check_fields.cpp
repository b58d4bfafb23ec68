/*
 * Rules: Field Selections, Leaf Field Selections, Argument Names, Argument Uniqueness, Required
 * Arguments.
 */
#include "gateway/graphql/check_arguments.hpp"
#include "gateway/graphql/check_names.hpp"
#include "gateway/graphql/walk.hpp"

namespace opigno::graphql {

namespace {

void check_leaf(ValidationContext &context, const Selection &selection)
{
    const TypeReference type = selection.field->type;
    const std::string_view name = selection.name.text;
    if (type.type->is_leaf()) {
        if (selection.set != nullptr)
            context.report({"Field \"", name, "\" must not have a selection since type \"",
                            spelled(type, context.arena()), "\" has no subfields."},
                           {selection.set->at});
    } else if (selection.set == nullptr) {
        context.report({"Field \"", name, "\" of type \"", spelled(type, context.arena()),
                        "\" must have a selection of subfields. Did you mean \"", name, " { ... }\"?"},
                       {selection.at});
    }
}

void check_field(ValidationContext &context, const Selection &selection)
{
    const Type *parent = selection.home->type;
    const std::string_view name = selection.name.text;
    check_unique_names(context, selection.arguments, "argument named \"");
    if (selection.field == nullptr) {
        if (parent != nullptr)
            context.report({"Cannot query field \"", name, "\" on type \"", parent->name, "\"."},
                           {selection.at});
        return;
    }
    check_leaf(context, selection);
    const auto declared = selection.field->arguments;
    check_known_arguments(context, selection.arguments, declared,
                          {"field \"", parent->name, ".", name, "\""});
    check_required_arguments(context, selection.arguments, declared, {"Field \"", name, "\""}, selection.at);
}

} // namespace

void check_fields(ValidationContext &context)
{
    each_selection(context.document(), [&context](Definition &, const Selection &selection) {
        if (selection.kind == SelectionKind::Field)
            check_field(context, selection);
    });
}

} // namespace opigno::graphql
