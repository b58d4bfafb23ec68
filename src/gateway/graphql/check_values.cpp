/* Rules: Values of Correct Type, Input Object Field Names, Uniqueness, Required Fields. */
#include "gateway/graphql/check_names.hpp"
#include "gateway/graphql/walk.hpp"

#include <charconv>

namespace opigno::graphql {

namespace {

bool is_int32(std::string_view digits)
{
    std::int32_t number = 0;
    return std::from_chars(digits.data(), digits.data() + digits.size(), number).ec == std::errc();
}

/* What is wrong with a literal of the scalar; nullptr: nothing. */
const char *flaw(ScalarForm form, const Value &value)
{
    switch (form) {
    case ScalarForm::Any:
    case ScalarForm::BigInt:
        return nullptr;
    case ScalarForm::Int:
        if (value.kind != ValueKind::Int)
            return "Int cannot represent non-integer value.";
        return is_int32(value.text) ? nullptr : "Int cannot represent non 32-bit signed integer value.";
    case ScalarForm::Float:
        return value.kind == ValueKind::Int || value.kind == ValueKind::Float
                   ? nullptr
                   : "Float cannot represent non numeric value.";
    case ScalarForm::String:
        return value.kind == ValueKind::String ? nullptr : "String cannot represent a non string value.";
    case ScalarForm::Boolean:
        return value.kind == ValueKind::Boolean ? nullptr : "Boolean cannot represent a non boolean value.";
    case ScalarForm::Id:
        return value.kind == ValueKind::String || value.kind == ValueKind::Int
                   ? nullptr
                   : "ID cannot represent a non-string and non-integer value.";
    }
    return nullptr;
}

void report_wrong_type(ValidationContext &context, const Value &value)
{
    TypeReference type = value.type;
    if (value.kind == ValueKind::List) /* it is not null, so the mark goes, as in graphql-js */
        type.layers = type.layers.nullable();
    context.report({"Expected value of type \"", spelled(type, context.arena()), "\"."}, {value.at});
}

void check_enum_value(ValidationContext &context, const Value &value)
{
    const Type &type = *value.type.type;
    if (value.kind != ValueKind::Enum)
        context.report({"Enum \"", type.name, "\" cannot represent non-enum value."}, {value.at});
    else if (context.schema().find_value(type, value.text) == nullptr)
        context.report({"Value \"", value.text, "\" does not exist in \"", type.name, "\" enum."},
                       {value.at});
}

/* A literal in a place for a scalar or an enum; a literal other than an object in one for an object. */
void check_literal(ValidationContext &context, const Value &value)
{
    if (!value.type.is_known())
        return;
    const Type &type = *value.type.type;
    if (!type.is_leaf()) {
        report_wrong_type(context, value);
    } else if (type.kind == TypeKind::Enum) {
        check_enum_value(context, value);
    } else if (const char *reason = flaw(type.form, value); reason != nullptr) {
        context.report({reason}, {value.at});
    }
}

void check_members(ValidationContext &context, const Value &object)
{
    const Type &type = *object.type.type;
    Names<const Value> given(context.arena());
    for (const Value &member : object.items) {
        given[member.name.text] = &member;
        if (!member.type.is_known())
            context.report({"Field \"", member.name.text, "\" is not defined by type \"", type.name, "\"."},
                           {member.name.at});
    }
    for (const InputValue &wanted : type.input_fields)
        if (wanted.is_required() && given.find(wanted.name) == nullptr)
            context.report({"Field \"", type.name, ".", wanted.name, "\" of required type \"",
                            spelled(wanted.type, context.arena()), "\" was not provided."},
                           {object.at});
}

/* Returns whether the values in this one are to be checked, too. */
bool check_value(ValidationContext &context, const Value &value)
{
    switch (value.kind) {
    case ValueKind::Variable:
        break;
    case ValueKind::Null:
        if (value.type.layers.is_non_null())
            report_wrong_type(context, value);
        break;
    case ValueKind::List:
        if (value.type.is_list())
            return true;
        check_literal(context, value);
        return false;
    case ValueKind::Object:
        if (value.type.is_known() && value.type.type->kind == TypeKind::InputObject) {
            check_members(context, value);
            return true;
        }
        check_literal(context, value);
        return false;
    default:
        check_literal(context, value);
    }
    return true;
}

void check_member_names(ValidationContext &context, Value &root)
{
    for (Value *at = &root; at != nullptr; at = next_value(*at, root)) {
        if (at->kind != ValueKind::Object)
            continue;
        Names<const Name> known(context.arena());
        for (const Value &member : at->items)
            check_new_name(context, known, member.name, "input field");
    }
}

} // namespace

void check_values(ValidationContext &context)
{
    each_root_value(context.document(), [&context](Value &root) {
        check_member_names(context, root);
        for (Value *at = &root; at != nullptr;)
            at = check_value(context, *at) ? next_value(*at, root) : value_behind(*at, root);
    });
}

} // namespace opigno::graphql
