#include "gateway/graphql/schema.hpp"

#include <algorithm>

namespace opigno::graphql {

namespace {

template <typename T> const T *find(std::span<const T> items, std::string_view name)
{
    const auto found =
        std::find_if(items.begin(), items.end(), [name](const T &item) { return item.name == name; });
    return found == items.end() ? nullptr : &*found;
}

const Type *find(std::span<const Type *const> types, std::string_view name)
{
    const auto found =
        std::find_if(types.begin(), types.end(), [name](const Type *type) { return type->name == name; });
    return found == types.end() ? nullptr : *found;
}

} // namespace

const InputValue *Field::find_argument(std::string_view argument) const
{
    return find(arguments, argument);
}

const Field *Type::find_field(std::string_view field) const
{
    return find(fields, field);
}

const InputValue *Type::find_input_field(std::string_view member) const
{
    return find(input_fields, member);
}

bool DirectiveType::may_be_at(DirectiveLocation location) const
{
    return std::find(locations.begin(), locations.end(), location) != locations.end();
}

const InputValue *DirectiveType::find_argument(std::string_view argument) const
{
    return find(arguments, argument);
}

std::string_view name_of(DirectiveLocation location)
{
    constexpr std::string_view names[] = {"QUERY",
                                          "MUTATION",
                                          "SUBSCRIPTION",
                                          "FIELD",
                                          "FRAGMENT_DEFINITION",
                                          "FRAGMENT_SPREAD",
                                          "INLINE_FRAGMENT",
                                          "VARIABLE_DEFINITION",
                                          "SCALAR",
                                          "FIELD_DEFINITION",
                                          "ARGUMENT_DEFINITION",
                                          "ENUM_VALUE",
                                          "INPUT_OBJECT",
                                          "INPUT_FIELD_DEFINITION",
                                          "DIRECTIVE_DEFINITION"};
    static_assert(std::size(names) == static_cast<std::size_t>(DirectiveLocation::DirectiveDefinition) + 1);
    return names[static_cast<std::size_t>(location)];
}

const Type *Schema::find_type(std::string_view name) const
{
    return find(name.starts_with("__") ? introspection_types() : types_, name);
}

const DirectiveType *Schema::find_directive(std::string_view name)
{
    return find(directive_types(), name);
}

const EnumValue *Schema::find_value(const Type &enumeration, std::string_view name) const
{
    const EnumValue *value = find(enumeration.values, name);
    return value == nullptr && enumeration.has_site_scopes ? find(site_scopes_, name) : value;
}

const Field *Schema::find_field(const Type &type, std::string_view name) const
{
    const bool is_meta = name.starts_with("__") && type.kind == TypeKind::Object;
    return is_meta ? find_meta_field(&type == query_, name) : type.find_field(name);
}

} // namespace opigno::graphql
