/* The scalars and directives of the specification. */
#include "gateway/graphql/schema.hpp"

namespace opigno::graphql {

const Type string_type = {TypeKind::Scalar,
                          "String",
                          "The `String` scalar type represents textual data, represented as UTF-8 "
                          "character sequences. The String type is most often used by GraphQL to "
                          "represent free-form human-readable text.",
                          {},
                          {},
                          {},
                          false,
                          ScalarForm::String,
                          {}};
const Type int_type = {TypeKind::Scalar,
                       "Int",
                       "The `Int` scalar type represents non-fractional signed whole numeric "
                       "values. Int can represent values between -(2^31) and 2^31 - 1.",
                       {},
                       {},
                       {},
                       false,
                       ScalarForm::Int,
                       {}};
const Type float_type = {TypeKind::Scalar,
                         "Float",
                         "The `Float` scalar type represents signed double-precision fractional "
                         "values as specified by [IEEE "
                         "754](https://en.wikipedia.org/wiki/IEEE_floating_point).",
                         {},
                         {},
                         {},
                         false,
                         ScalarForm::Float,
                         {}};
const Type boolean_type = {TypeKind::Scalar,
                           "Boolean",
                           "The `Boolean` scalar type represents `true` or `false`.",
                           {},
                           {},
                           {},
                           false,
                           ScalarForm::Boolean,
                           {}};
const Type id_type = {TypeKind::Scalar,
                      "ID",
                      "The `ID` scalar type represents a unique identifier, often used to refetch "
                      "an object or as key for a cache. The ID type appears in a JSON response as "
                      "a String; however, it is not intended to be human-readable. When expected "
                      "as an input type, any string (such as `\"4\"`) or integer (such as `4`) "
                      "input value will be accepted as an ID.",
                      {},
                      {},
                      {},
                      false,
                      ScalarForm::Id,
                      {}};

namespace {

constexpr DirectiveLocation include_locations[] = {
    DirectiveLocation::Field, DirectiveLocation::FragmentSpread, DirectiveLocation::InlineFragment};
constexpr InputValue include_arguments[] = {
    {"if", non_null(boolean_type), "Included when true."},
};
constexpr DirectiveLocation skip_locations[] = {DirectiveLocation::Field, DirectiveLocation::FragmentSpread,
                                                DirectiveLocation::InlineFragment};
constexpr InputValue skip_arguments[] = {
    {"if", non_null(boolean_type), "Skipped when true."},
};
constexpr DirectiveLocation deprecated_locations[] = {
    DirectiveLocation::FieldDefinition, DirectiveLocation::ArgumentDefinition,
    DirectiveLocation::InputFieldDefinition, DirectiveLocation::EnumValue,
    DirectiveLocation::DirectiveDefinition};
constexpr InputValue deprecated_arguments[] = {
    {"reason", string_type,
     "Explains why this element was deprecated, usually also including a "
     "suggestion for how to access supported similar data. Formatted using the "
     "Markdown syntax, as specified by [CommonMark](https://commonmark.org/).",
     "\"No longer supported\""},
};
constexpr DirectiveLocation specified_by_locations[] = {DirectiveLocation::Scalar};
constexpr InputValue specified_by_arguments[] = {
    {"url", non_null(string_type), "The URL that specifies the behavior of this scalar."},
};
constexpr DirectiveLocation one_of_locations[] = {DirectiveLocation::InputObject};
constexpr DirectiveType directives[] = {
    {"include",
     "Directs the executor to include this field or fragment only when the `if` "
     "argument is true.",
     include_locations, include_arguments},
    {"skip",
     "Directs the executor to skip this field or fragment when the `if` argument "
     "is true.",
     skip_locations, skip_arguments},
    {"deprecated", "Marks an element of a GraphQL schema as no longer supported.", deprecated_locations,
     deprecated_arguments},
    {"specifiedBy", "Exposes a URL that specifies the behavior of this scalar.", specified_by_locations,
     specified_by_arguments},
    {"oneOf",
     "Indicates exactly one field must be supplied and this field must not be "
     "`null`.",
     one_of_locations,
     {}},
};

} // namespace

std::span<const DirectiveType> directive_types()
{
    return directives;
}

} // namespace opigno::graphql
