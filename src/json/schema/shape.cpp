#include "json/schema/shape.hpp"

#include "json/schema/number.hpp"

#include <algorithm>

namespace opigno::json::schema {

namespace {

bool is_positive(const Value &value)
{
    if (value.type != numeric_type)
        return false;
    const Number number(value.bytes);
    return !number.is_zero() && !number.is_negative();
}

bool is_boolean(const Value &value)
{
    return value.type == true_type || value.type == false_type;
}

bool is_anchor(const Value &value)
{
    const auto is_letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    };
    const auto is_allowed = [&](char c) {
        return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == ':';
    };
    return value.type == string_type && !value.bytes.empty() && is_letter(value.bytes[0]) &&
           std::all_of(value.bytes.begin(), value.bytes.end(), is_allowed);
}

/* Whether the value is an array of different strings. */
bool are_strings(const Value &value, Arena &arena)
{
    if (!is_array(value))
        return false;
    const std::uint32_t count = count_of(value);
    auto *strings = arena.array<std::string_view>(count);
    for (Elements elements(value.bytes.data()); elements.are_left(); elements.next()) {
        if (elements.value().type != string_type)
            return false;
        strings[elements.at()] = elements.value().bytes;
    }
    poll();
    std::sort(strings, strings + count);
    return std::adjacent_find(strings, strings + count) == strings + count;
}

bool are_types(const Value &value, Arena &arena)
{
    if (value.type == string_type)
        return type_named(value.bytes) != 0;
    if (!are_strings(value, arena) || count_of(value) == 0)
        return false;
    for (Elements elements(value.bytes.data()); elements.are_left(); elements.next())
        if (type_named(elements.value().bytes) == 0)
            return false;
    return true;
}

template <typename Test> bool all_members(const Value &value, Test test)
{
    if (!is_object(value))
        return false;
    for (Members members(value.bytes.data()); members.are_left(); members.next()) {
        poll();
        if (!test(members.value()))
            return false;
    }
    return true;
}

bool are_dependencies(const Value &value, Draft draft, Arena &arena)
{
    return all_members(value, [&](const Value &member) {
        return !is_array(member) ||
               (are_strings(member, arena) && (draft > Draft::Draft4 || count_of(member) > 0));
    });
}

std::string_view unless(bool is_right, std::string_view flaw)
{
    return is_right ? std::string_view() : flaw;
}

} // namespace

std::optional<std::uint32_t> limit_of(const Value &value)
{
    if (value.type != numeric_type)
        return std::nullopt;
    const Number number(value.bytes);
    if (number.is_zero())
        return 0;
    if (number.is_negative() || !number.is_integer())
        return std::nullopt;
    Wide limit = 0;
    const bool is_small = number.scale_to(0, limit) && limit < unlimited;
    return is_small ? static_cast<std::uint32_t>(limit) : unlimited - 1;
}

Types type_named(std::string_view name)
{
    struct Named {
        std::string_view name;
        Types types;
    };
    static constexpr Named known[] = {
        {"null", null_bit},      {"boolean", boolean_bit}, {"number", number_bit | integer_bit},
        {"string", string_bit},  {"array", array_bit},     {"object", object_bit},
        {"integer", integer_bit}};
    for (const Named &type : known)
        if (type.name == name)
            return type.types;
    return 0;
}

Types types_named(const Value &value)
{
    if (value.type == string_type)
        return type_named(value.bytes);
    Types types = 0;
    for (Elements elements(value.bytes.data()); elements.are_left(); elements.next())
        types |= type_named(elements.value().bytes);
    return types;
}

std::string_view flaw_of(const Value &value, Shape shape, Draft draft, Arena &arena)
{
    switch (shape) {
    case Shape::Boolean:
        return unless(is_boolean(value), "must be true or false");
    case Shape::String:
    case Shape::Reference:
    case Shape::Identifier:
    case Shape::Pattern:
    case Shape::Format:
        return unless(value.type == string_type, "must be a string");
    case Shape::Number:
        return unless(value.type == numeric_type, "must be a number");
    case Shape::PositiveNumber:
        return unless(is_positive(value), "must be a number greater than 0");
    case Shape::Count:
        return unless(limit_of(value).has_value(), "must be an integer from 0");
    case Shape::Array:
        return unless(is_array(value), "must be an array");
    case Shape::NonEmptyArray:
        return unless(is_array(value) && count_of(value) > 0, "must be an array that is not empty");
    case Shape::Strings:
        return unless(are_strings(value, arena), "must be an array of different strings");
    case Shape::NonEmptyStrings:
        return unless(are_strings(value, arena) && count_of(value) > 0,
                      "must be an array of different strings that is not empty");
    case Shape::TypeNames:
        return unless(are_types(value, arena),
                      "must be \"null\", \"boolean\", \"number\", \"integer\", \"string\", "
                      "\"array\", \"object\" or an array of different ones");
    case Shape::RecursiveReference:
        return unless(value.type == string_type && value.bytes == "#", "must be \"#\"");
    case Shape::Anchor:
        return unless(is_anchor(value), "must be a string of letters, digits and any of \"-_.:\" "
                                        "that begins with a letter or \"_\"");
    case Shape::Vocabulary:
        return unless(all_members(value, is_boolean), "must be an object of booleans");
    case Shape::StringsByName:
        return unless(all_members(value, [&](const Value &each) { return are_strings(each, arena); }),
                      "must be an object of arrays of different strings");
    case Shape::Dependencies:
        return unless(are_dependencies(value, draft, arena),
                      "must be an object of schemas and of arrays of different strings");
    case Shape::Subschemas:
        return unless(is_array(value) && count_of(value) > 0,
                      "must be an array of schemas that is not empty");
    case Shape::SubschemaOrSubschemas:
        return unless(!is_array(value) || count_of(value) > 0,
                      "must be a schema, or an array of schemas that is not empty");
    case Shape::SubschemasByName:
    case Shape::SubschemasByPattern:
        return unless(is_object(value), "must be an object of schemas");
    case Shape::Anything:
    case Shape::Dialect:
    case Shape::Subschema:
    case Shape::BooleanOrSubschema:
        return {};
    }
    return {};
}

} // namespace opigno::json::schema
