#include "gateway/graphql/literal.hpp"

#include "text/encoding.hpp"

#include <algorithm>

namespace opigno::graphql {

namespace {

constexpr const char *not_storable = "a string contains a character that the database cannot store";
constexpr const char *too_large = "the value is too large";
constexpr const char *null_in_non_null = "a variable that must not be null is null";

InputKind kind_of(const Type &type)
{
    if (type.kind == TypeKind::Enum)
        return InputKind::String;
    switch (type.form) {
    case ScalarForm::Int:
    case ScalarForm::Float:
        return InputKind::Number;
    case ScalarForm::Boolean:
        return InputKind::Boolean;
    case ScalarForm::String:
    case ScalarForm::Id:
        return InputKind::String;
    case ScalarForm::Any:
    case ScalarForm::BigInt:
        break;
    }
    return InputKind::Json;
}

const Value *find_member(const Value &object, std::string_view name)
{
    for (const Value &member : object.items)
        if (member.name.text == name)
            return &member;
    return nullptr;
}

} // namespace

std::string_view LiteralReader::text_of(const Value &value)
{
    const std::optional<std::string_view> text = texts::from_utf8(value.text);
    if (!text.has_value())
        fault_ = not_storable;
    return text.value_or(std::string_view());
}

Input LiteralReader::variable(TypeReference type, const Value &value)
{
    const Input &input = variables_->value_of(value.text);
    if (type.layers.is_non_null() && !input.is_given())
        fault_ = null_in_non_null;
    return input;
}

Input LiteralReader::leaf(const Type &type, const Value &value)
{
    const InputKind kind = kind_of(type);
    if (kind != InputKind::Json)
        return {kind, text_of(value)};
    if (type.form == ScalarForm::BigInt && value.kind == ValueKind::String)
        if (const std::optional<Input> number = number_in(value.text); number.has_value())
            return *number;
    json::Writer out;
    write_untyped(out, value);
    return made(out);
}

Input LiteralReader::read(TypeReference type, const Value &value)
{
    if (value.kind == ValueKind::Variable)
        return variable(type, value);
    if (value.kind == ValueKind::Null)
        return {InputKind::Null};
    if (type.layers.nullable().empty() && type.type->is_leaf())
        return leaf(*type.type, value);
    json::Writer out;
    write(out, type, value);
    return made(out);
}

Input LiteralReader::made(const json::Writer &out)
{
    is_full(out);
    most_ -= std::min(most_, out.text().size());
    return {InputKind::Json, out.text()};
}

/* Whether the value is too large. What is left of it is written as null, since nobody reads it. */
bool LiteralReader::is_full(const json::Writer &out)
{
    CHECK_FOR_INTERRUPTS();
    if (out.text().size() <= most_)
        return false;
    fault_ = too_large;
    return true;
}

Input LiteralReader::read_default(const InputValue &declared)
{
    std::string_view text = declared.default_value;
    if (text.empty())
        return {};
    if (text == "null")
        return {InputKind::Null};
    if (text.front() == '"')
        text = {text.data() + 1, text.size() - 2};
    return {kind_of(*declared.type.type), text};
}

void LiteralReader::write(json::Writer &out, TypeReference type, const Value &value)
{
    check_stack_depth();
    const Layers layers = type.layers.nullable();
    if (is_full(out))
        return out.null();
    if (value.kind == ValueKind::Variable)
        return write_input(out, variable(type, value));
    if (value.kind == ValueKind::Null)
        return out.null();
    if (layers.outer() == Layer::List) {
        const TypeReference inner(type.type, layers.inner());
        out.begin_array();
        if (value.kind == ValueKind::List)
            for (const Value &item : value.items)
                write(out, inner, item);
        else
            write(out, inner, value);
        out.end_array();
    } else if (type.type->is_leaf()) {
        write_input(out, leaf(*type.type, value));
    } else {
        write_object(out, *type.type, value);
    }
}

void LiteralReader::write_object(json::Writer &out, const Type &type, const Value &value)
{
    out.begin_object();
    for (const InputValue &declared : type.input_fields) {
        const Value *member = find_member(value, declared.name);
        const bool is_absent =
            member == nullptr || (member->kind == ValueKind::Variable &&
                                  variables_->value_of(member->text).kind == InputKind::Absent);
        if (!is_absent)
            write(out.member(declared.name), declared.type, *member);
        else if (declared.is_required())
            fault_ = null_in_non_null;
        else if (!declared.default_value.empty())
            write_input(out.member(declared.name), read_default(declared));
    }
    out.end_object();
}

/* A literal of a scalar that takes every literal: as JSON. */
void LiteralReader::write_untyped(json::Writer &out, const Value &value)
{
    check_stack_depth();
    if (is_full(out))
        return out.null();
    switch (value.kind) {
    case ValueKind::Variable:
        return write_input(out, variables_->value_of(value.text));
    case ValueKind::Int:
    case ValueKind::Float:
    case ValueKind::Boolean:
        return out.json(value.text);
    case ValueKind::String:
    case ValueKind::Enum:
        return out.string(text_of(value));
    case ValueKind::Null:
        return out.null();
    case ValueKind::List:
        out.begin_array();
        for (const Value &item : value.items)
            write_untyped(out, item);
        return out.end_array();
    case ValueKind::Object:
        break;
    }
    out.begin_object();
    for (const Value &member : value.items)
        if (member.kind != ValueKind::Variable || variables_->value_of(member.text).kind != InputKind::Absent)
            write_untyped(out.member(member.name.text), member);
    out.end_object();
}

} // namespace opigno::graphql
