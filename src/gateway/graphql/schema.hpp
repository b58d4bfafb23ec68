/*
 * How a schema is declared: in constexpr tables, which validation, introspection and execution
 * read. It has scalars, enums, objects and input objects, but no interfaces and no unions. Only the
 * scopes of a site, which extend an enum, are not constant. Does not depend on PostgreSQL.
 */
#pragma once

#include "gateway/graphql/type_reference.hpp"

#include <cstddef>
#include <span>
#include <string_view>

namespace opigno::graphql {

struct EnumValue {
    std::string_view name = {};
    std::string_view description = {};
    std::string_view deprecation = {}; /* the reason; empty: not deprecated */
};

/* An argument or a member of an input object. */
struct InputValue {
    std::string_view name = {};
    TypeReference type = {};
    std::string_view description = {};
    std::string_view default_value = {}; /* as a literal; empty: none */
    std::string_view deprecation = {};

    [[nodiscard]] constexpr bool is_required() const
    {
        return type.layers.is_non_null() && default_value.empty();
    }
};

struct Field {
    std::string_view name = {};
    TypeReference type = {};
    std::string_view description = {};
    std::span<const InputValue> arguments = {};
    std::string_view deprecation = {};
    int resolver = 0; /* what execution does; validation does not read it */

    [[nodiscard]] const InputValue *find_argument(std::string_view argument) const;
};

enum class TypeKind : unsigned char { Scalar, Enum, Object, InputObject };

/* Which literals a scalar takes. Any: every literal, as a scalar of graphql-js without parseLiteral
 * does. */
/* BigInt takes any value. A string of digits becomes the number: JavaScript has no large numbers. */
enum class ScalarForm : unsigned char { Any, BigInt, Int, Float, String, Boolean, Id };

struct Type {
    TypeKind kind = TypeKind::Scalar;
    std::string_view name = {};
    std::string_view description = {};
    std::span<const Field> fields = {};            /* of an object */
    std::span<const InputValue> input_fields = {}; /* of an input object */
    std::span<const EnumValue> values = {};        /* of an enum */
    bool has_site_scopes = false;                  /* the site's scopes are further values */
    ScalarForm form = ScalarForm::Any;
    std::string_view specified_by = {}; /* the URL of a scalar's specification */

    [[nodiscard]] constexpr bool is_leaf() const
    {
        return kind == TypeKind::Scalar || kind == TypeKind::Enum;
    }
    [[nodiscard]] constexpr bool is_input() const { return kind != TypeKind::Object; }
    [[nodiscard]] constexpr bool is_output() const { return kind != TypeKind::InputObject; }
    [[nodiscard]] const Field *find_field(std::string_view field) const;
    [[nodiscard]] const InputValue *find_input_field(std::string_view member) const;
};

/* Where a directive may stand; the names are those of the specification. */
enum class DirectiveLocation : unsigned char {
    Query,
    Mutation,
    Subscription,
    Field,
    FragmentDefinition,
    FragmentSpread,
    InlineFragment,
    VariableDefinition,
    Scalar,
    FieldDefinition,
    ArgumentDefinition,
    EnumValue,
    InputObject,
    InputFieldDefinition,
    DirectiveDefinition,
};

std::string_view name_of(DirectiveLocation location);

struct DirectiveType {
    std::string_view name = {};
    std::string_view description = {};
    std::span<const DirectiveLocation> locations = {};
    std::span<const InputValue> arguments = {};

    [[nodiscard]] bool may_be_at(DirectiveLocation location) const;
    [[nodiscard]] const InputValue *find_argument(std::string_view argument) const;
};

/* Of the specification: Int, Float, String, Boolean, ID. */
extern const Type int_type;
extern const Type float_type;
extern const Type string_type;
extern const Type boolean_type;
extern const Type id_type;

/* __Schema, __Type and so on; and the directives skip, include, deprecated, specifiedBy,
 * oneOf. */
std::span<const Type *const> introspection_types();
std::span<const DirectiveType> directive_types();

/* __typename and, if is_query, __schema and __type. nullptr: it is another name. */
const Field *find_meta_field(bool is_query, std::string_view name);

class Schema {
  public:
    /* types: all that the schema declares, String, Boolean, and what other scalars of the
     * specification it uses, but without introspection_types(). mutation: may be nullptr.
     * site_scopes: must outlive this. */
    constexpr Schema(std::span<const Type *const> types, const Type &query, const Type *mutation,
                     std::span<const EnumValue> site_scopes = {})
        : types_(types), query_(&query), mutation_(mutation), site_scopes_(site_scopes)
    {
    }

    [[nodiscard]] std::span<const Type *const> types() const { return types_; }
    [[nodiscard]] const Type &query() const { return *query_; }
    [[nodiscard]] const Type *mutation() const { return mutation_; }
    [[nodiscard]] std::span<const EnumValue> site_scopes() const { return site_scopes_; }

    /* By its name, those of introspection too; nullptr: unknown. */
    [[nodiscard]] const Type *find_type(std::string_view name) const;
    [[nodiscard]] static const DirectiveType *find_directive(std::string_view name);
    [[nodiscard]] const EnumValue *find_value(const Type &enumeration, std::string_view name) const;

    /* As Type::find_field(), and also __typename and, of the query type, __schema and __type. */
    [[nodiscard]] const Field *find_field(const Type &type, std::string_view name) const;

  private:
    std::span<const Type *const> types_;
    const Type *query_;
    const Type *mutation_;
    std::span<const EnumValue> site_scopes_;
};

static_assert(std::is_trivially_destructible_v<Schema>);

} // namespace opigno::graphql
