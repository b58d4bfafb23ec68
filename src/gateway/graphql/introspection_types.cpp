/* The types of introspection, as the specification and graphql-js 16 declare them. */
#include "gateway/graphql/schema.hpp"

namespace opigno::graphql {

namespace {

extern const Type meta_schema_type;
extern const Type meta_directive_type;
extern const Type meta_directive_location_type;
extern const Type meta_type_type;
extern const Type meta_field_type;
extern const Type meta_input_value_type;
extern const Type meta_enum_value_type;
extern const Type meta_type_kind_type;

constexpr InputValue meta_schema_directives_arguments[] = {
    {"includeDeprecated", non_null(boolean_type), {}, "false"},
};

constexpr Field meta_schema_fields[] = {
    {"description", string_type, {}},
    {"types", non_null(list_of(non_null(meta_type_type))), "A list of all types supported by this server."},
    {"queryType", non_null(meta_type_type), "The type that query operations will be rooted at."},
    {"mutationType", meta_type_type,
     "If this server supports mutation, the type that mutation operations will "
     "be rooted at."},
    {"subscriptionType", meta_type_type,
     "If this server support subscription, the type that subscription operations "
     "will be rooted at."},
    {"directives", non_null(list_of(non_null(meta_directive_type))),
     "A list of all directives supported by this server.", meta_schema_directives_arguments},
};

const Type meta_schema_type = {TypeKind::Object, "__Schema",
                               "A GraphQL Schema defines the capabilities of a GraphQL server. It exposes "
                               "all available types and directives on the server, as well as the entry "
                               "points for query, mutation, and subscription operations.",
                               meta_schema_fields};

constexpr InputValue meta_directive_args_arguments[] = {
    {"includeDeprecated", boolean_type, {}, "false"},
};

constexpr Field meta_directive_fields[] = {
    {"name", non_null(string_type), {}},
    {"description", string_type, {}},
    {"isRepeatable", non_null(boolean_type), {}},
    {"locations", non_null(list_of(non_null(meta_directive_location_type))), {}},
    {"args", non_null(list_of(non_null(meta_input_value_type))), {}, meta_directive_args_arguments},
    {"isDeprecated", non_null(boolean_type), {}},
    {"deprecationReason", string_type, {}},
};

const Type meta_directive_type = {
    TypeKind::Object, "__Directive",
    "A Directive provides a way to describe alternate runtime execution and "
    "type validation behavior in a GraphQL document. In some cases, you need to "
    "provide options to alter GraphQL's execution behavior in ways field "
    "arguments will not suffice, such as conditionally including or skipping a "
    "field. Directives provide this by describing additional information to the "
    "executor.",
    meta_directive_fields};

constexpr EnumValue meta_directive_location_values[] = {
    {"QUERY", "Location adjacent to a query operation.", {}},
    {"MUTATION", "Location adjacent to a mutation operation.", {}},
    {"SUBSCRIPTION", "Location adjacent to a subscription operation.", {}},
    {"FIELD", "Location adjacent to a field.", {}},
    {"FRAGMENT_DEFINITION", "Location adjacent to a fragment definition.", {}},
    {"FRAGMENT_SPREAD", "Location adjacent to a fragment spread.", {}},
    {"INLINE_FRAGMENT", "Location adjacent to an inline fragment.", {}},
    {"VARIABLE_DEFINITION", "Location adjacent to a variable definition.", {}},
    {"SCHEMA", "Location adjacent to a schema definition.", {}},
    {"SCALAR", "Location adjacent to a scalar definition.", {}},
    {"OBJECT", "Location adjacent to an object type definition.", {}},
    {"FIELD_DEFINITION", "Location adjacent to a field definition.", {}},
    {"ARGUMENT_DEFINITION", "Location adjacent to an argument definition.", {}},
    {"INTERFACE", "Location adjacent to an interface definition.", {}},
    {"UNION", "Location adjacent to a union definition.", {}},
    {"ENUM", "Location adjacent to an enum definition.", {}},
    {"ENUM_VALUE", "Location adjacent to an enum value definition.", {}},
    {"INPUT_OBJECT", "Location adjacent to an input object type definition.", {}},
    {"INPUT_FIELD_DEFINITION", "Location adjacent to an input object field definition.", {}},
    {"DIRECTIVE_DEFINITION", "Location adjacent to a directive definition.", {}},
};

const Type meta_directive_location_type = {
    TypeKind::Enum,
    "__DirectiveLocation",
    "A Directive can be adjacent to many parts of the GraphQL language, a "
    "__DirectiveLocation describes one such possible adjacencies.",
    {},
    {},
    meta_directive_location_values};

constexpr InputValue meta_type_fields_arguments[] = {
    {"includeDeprecated", boolean_type, {}, "false"},
};

constexpr InputValue meta_type_enum_values_arguments[] = {
    {"includeDeprecated", boolean_type, {}, "false"},
};

constexpr InputValue meta_type_input_fields_arguments[] = {
    {"includeDeprecated", boolean_type, {}, "false"},
};

constexpr Field meta_type_fields[] = {
    {"kind", non_null(meta_type_kind_type), {}},
    {"name", string_type, {}},
    {"description", string_type, {}},
    {"specifiedByURL", string_type, {}},
    {"fields", list_of(non_null(meta_field_type)), {}, meta_type_fields_arguments},
    {"interfaces", list_of(non_null(meta_type_type)), {}},
    {"possibleTypes", list_of(non_null(meta_type_type)), {}},
    {"enumValues", list_of(non_null(meta_enum_value_type)), {}, meta_type_enum_values_arguments},
    {"inputFields", list_of(non_null(meta_input_value_type)), {}, meta_type_input_fields_arguments},
    {"ofType", meta_type_type, {}},
    {"isOneOf", boolean_type, {}},
};

const Type meta_type_type = {TypeKind::Object, "__Type",
                             "The fundamental unit of any GraphQL Schema is the type. There are many "
                             "kinds of types in GraphQL as represented by the `__TypeKind` enum. "
                             "Depending on the kind of a type, certain fields describe information about "
                             "that type. Scalar types provide no information beyond a name, description "
                             "and optional `specifiedByURL`, while Enum types provide their values. "
                             "Object and Interface types provide the fields they describe. Abstract "
                             "types, Union and Interface, provide the Object types possible at runtime. "
                             "List and NonNull types compose other types.",
                             meta_type_fields};

constexpr InputValue meta_field_args_arguments[] = {
    {"includeDeprecated", boolean_type, {}, "false"},
};

constexpr Field meta_field_fields[] = {
    {"name", non_null(string_type), {}},
    {"description", string_type, {}},
    {"args", non_null(list_of(non_null(meta_input_value_type))), {}, meta_field_args_arguments},
    {"type", non_null(meta_type_type), {}},
    {"isDeprecated", non_null(boolean_type), {}},
    {"deprecationReason", string_type, {}},
};

const Type meta_field_type = {TypeKind::Object, "__Field",
                              "Object and Interface types are described by a list of Fields, each of "
                              "which has a name, potentially a list of arguments, and a return type.",
                              meta_field_fields};

constexpr Field meta_input_value_fields[] = {
    {"name", non_null(string_type), {}},
    {"description", string_type, {}},
    {"type", non_null(meta_type_type), {}},
    {"defaultValue", string_type,
     "A GraphQL-formatted string representing the default value for this input "
     "value."},
    {"isDeprecated", non_null(boolean_type), {}},
    {"deprecationReason", string_type, {}},
};

const Type meta_input_value_type = {
    TypeKind::Object, "__InputValue",
    "Arguments provided to Fields or Directives and the input fields of an "
    "InputObject are represented as Input Values which describe their type and "
    "optionally a default value.",
    meta_input_value_fields};

constexpr Field meta_enum_value_fields[] = {
    {"name", non_null(string_type), {}},
    {"description", string_type, {}},
    {"isDeprecated", non_null(boolean_type), {}},
    {"deprecationReason", string_type, {}},
};

const Type meta_enum_value_type = {
    TypeKind::Object, "__EnumValue",
    "One possible value for a given Enum. Enum values are unique values, not a "
    "placeholder for a string or numeric value. However an Enum value is "
    "returned in a JSON response as a string.",
    meta_enum_value_fields};

constexpr EnumValue meta_type_kind_values[] = {
    {"SCALAR", "Indicates this type is a scalar.", {}},
    {"OBJECT",
     "Indicates this type is an object. `fields` and `interfaces` are valid "
     "fields.",
     {}},
    {"INTERFACE",
     "Indicates this type is an interface. `fields`, `interfaces`, and "
     "`possibleTypes` are valid fields.",
     {}},
    {"UNION", "Indicates this type is a union. `possibleTypes` is a valid field.", {}},
    {"ENUM", "Indicates this type is an enum. `enumValues` is a valid field.", {}},
    {"INPUT_OBJECT", "Indicates this type is an input object. `inputFields` is a valid field.", {}},
    {"LIST", "Indicates this type is a list. `ofType` is a valid field.", {}},
    {"NON_NULL", "Indicates this type is a non-null. `ofType` is a valid field.", {}},
};

const Type meta_type_kind_type = {
    TypeKind::Enum,       "__TypeKind", "An enum describing what kind of type a given `__Type` is.", {}, {},
    meta_type_kind_values};

constexpr const Type *types[] = {&meta_schema_type,     &meta_directive_type, &meta_directive_location_type,
                                 &meta_type_type,       &meta_field_type,     &meta_input_value_type,
                                 &meta_enum_value_type, &meta_type_kind_type};

constexpr InputValue type_arguments[] = {{"name", non_null(string_type), {}}};

constexpr Field typename_field = {"__typename", non_null(string_type),
                                  "The name of the current Object type at runtime."};
constexpr Field query_fields[] = {
    {"__schema", non_null(meta_schema_type), "Access the current type schema of this server."},
    {"__type", meta_type_type, "Request the type information of a single type.", type_arguments},
};

} // namespace

const Field *find_meta_field(bool is_query, std::string_view name)
{
    if (name == typename_field.name)
        return &typename_field;
    for (const Field &field : query_fields)
        if (is_query && field.name == name)
            return &field;
    return nullptr;
}

std::span<const Type *const> introspection_types()
{
    return types;
}

} // namespace opigno::graphql
