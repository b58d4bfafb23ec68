/* The keywords of JSON Schema and the drafts that have them. Does not depend on PostgreSQL. */
#pragma once

#include "json/schema/program.hpp"

namespace opigno::json::schema {

enum class Keyword : std::uint8_t {
    /* identifiers and references */
    Id,
    Schema,
    Anchor,
    DynamicAnchor,
    RecursiveAnchor,
    Ref,
    DynamicRef,
    RecursiveRef,
    Definitions,
    Defs,
    Vocabulary,
    /* assertions and applicators */
    Type,
    Enum,
    Const,
    MultipleOf,
    Maximum,
    ExclusiveMaximum,
    Minimum,
    ExclusiveMinimum,
    MaxLength,
    MinLength,
    Pattern,
    Format,
    MaxItems,
    MinItems,
    UniqueItems,
    MaxContains,
    MinContains,
    MaxProperties,
    MinProperties,
    Required,
    DependentRequired,
    AllOf,
    AnyOf,
    OneOf,
    Not,
    If,
    Then,
    Else,
    DependentSchemas,
    Dependencies,
    PrefixItems,
    Items,
    AdditionalItems,
    Contains,
    Properties,
    PatternProperties,
    AdditionalProperties,
    PropertyNames,
    UnevaluatedItems,
    UnevaluatedProperties,
    /* annotations */
    Default,
    Annotation,
};

inline constexpr std::size_t keyword_count = static_cast<std::size_t>(Keyword::Annotation) + 1;

/* What the value of a keyword must be. */
enum class Shape : std::uint8_t {
    Anything,
    Boolean,
    String,
    Number,
    PositiveNumber,
    Count,
    Array,
    NonEmptyArray,
    Strings, /* all different */
    NonEmptyStrings,
    TypeNames,
    Reference,
    RecursiveReference,
    Identifier,
    Anchor,
    Dialect,
    Vocabulary,
    Pattern,
    Format,
    StringsByName,
    /* Values that have subschemas. */
    Subschema,
    BooleanOrSubschema,
    Subschemas,
    SubschemaOrSubschemas,
    SubschemasByName,
    SubschemasByPattern,
    Dependencies,
};

struct KeywordEntry {
    std::string_view name;
    std::uint8_t drafts; /* bits */
    Keyword keyword;
    Shape shape;
};

/* Returns nullptr for a keyword that the draft does not have. */
const KeywordEntry *find_keyword(std::string_view name, Draft draft);

/* Up to draft 7, a schema with "$ref" ignores the other keywords. */
constexpr bool is_reference_alone(Draft draft)
{
    return draft <= Draft::Draft7;
}

constexpr bool is_used_beside_reference(Keyword keyword)
{
    return keyword == Keyword::Ref || keyword == Keyword::Definitions || keyword == Keyword::Defs;
}

/* Returns false if the object has no such member. */
bool find_member(const Value &object, std::string_view name, Value &found);

/* The members of a schema by keyword, without those that the draft does not have or ignores. */
class Keywords {
  public:
    Keywords(const Value &schema, Draft draft);

    [[nodiscard]] const Value *find(Keyword keyword) const
    {
        const auto at = static_cast<std::size_t>(keyword);
        return (present_ >> at & 1U) != 0 ? &values_[at] : nullptr;
    }

  private:
    std::uint64_t present_ = 0;
    Value values_[keyword_count];
};

static_assert(keyword_count <= 64 && std::is_trivially_destructible_v<Keywords>);

} // namespace opigno::json::schema
