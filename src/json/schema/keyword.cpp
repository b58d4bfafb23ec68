#include "json/schema/keyword.hpp"

#include "json/merge/key_search.hpp"

#include <algorithm>
#include <array>

namespace opigno::json::schema {

namespace {

constexpr std::uint8_t draft4 = 1;
constexpr std::uint8_t draft6 = 2;
constexpr std::uint8_t draft7 = 4;
constexpr std::uint8_t draft2019 = 8;
constexpr std::uint8_t draft2020 = 16;
constexpr std::uint8_t all = 31;
constexpr std::uint8_t from6 = all - draft4;
constexpr std::uint8_t from7 = from6 - draft6;
constexpr std::uint8_t from2019 = draft2019 | draft2020;
constexpr std::uint8_t to7 = draft4 | draft6 | draft7;
constexpr std::uint8_t to2019 = to7 | draft2019;

constexpr bool is_before(const KeywordEntry &left, const KeywordEntry &right)
{
    return left.name.size() != right.name.size() ? left.name.size() < right.name.size()
                                                 : left.name < right.name;
}

/* Sorted by the length of the names. A name has several entries if its shape differs. */
constexpr auto entries = [] {
    std::array table{
        KeywordEntry{"id", draft4, Keyword::Id, Shape::Identifier},
        KeywordEntry{"$id", from6, Keyword::Id, Shape::Identifier},
        KeywordEntry{"$schema", all, Keyword::Schema, Shape::Dialect},
        KeywordEntry{"$anchor", from2019, Keyword::Anchor, Shape::Anchor},
        KeywordEntry{"$dynamicAnchor", draft2020, Keyword::DynamicAnchor, Shape::Anchor},
        KeywordEntry{"$recursiveAnchor", draft2019, Keyword::RecursiveAnchor, Shape::Boolean},
        KeywordEntry{"$ref", all, Keyword::Ref, Shape::Reference},
        KeywordEntry{"$dynamicRef", draft2020, Keyword::DynamicRef, Shape::Reference},
        KeywordEntry{"$recursiveRef", draft2019, Keyword::RecursiveRef, Shape::RecursiveReference},
        KeywordEntry{"definitions", all, Keyword::Definitions, Shape::SubschemasByName},
        KeywordEntry{"$defs", all, Keyword::Defs, Shape::SubschemasByName},
        KeywordEntry{"$vocabulary", from2019, Keyword::Vocabulary, Shape::Vocabulary},
        KeywordEntry{"type", all, Keyword::Type, Shape::TypeNames},
        KeywordEntry{"enum", draft4 | draft6, Keyword::Enum, Shape::NonEmptyArray},
        KeywordEntry{"enum", from7, Keyword::Enum, Shape::Array},
        KeywordEntry{"const", from6, Keyword::Const, Shape::Anything},
        KeywordEntry{"multipleOf", all, Keyword::MultipleOf, Shape::PositiveNumber},
        KeywordEntry{"maximum", all, Keyword::Maximum, Shape::Number},
        KeywordEntry{"exclusiveMaximum", draft4, Keyword::ExclusiveMaximum, Shape::Boolean},
        KeywordEntry{"exclusiveMaximum", from6, Keyword::ExclusiveMaximum, Shape::Number},
        KeywordEntry{"minimum", all, Keyword::Minimum, Shape::Number},
        KeywordEntry{"exclusiveMinimum", draft4, Keyword::ExclusiveMinimum, Shape::Boolean},
        KeywordEntry{"exclusiveMinimum", from6, Keyword::ExclusiveMinimum, Shape::Number},
        KeywordEntry{"maxLength", all, Keyword::MaxLength, Shape::Count},
        KeywordEntry{"minLength", all, Keyword::MinLength, Shape::Count},
        KeywordEntry{"pattern", all, Keyword::Pattern, Shape::Pattern},
        KeywordEntry{"format", all, Keyword::Format, Shape::Format},
        KeywordEntry{"maxItems", all, Keyword::MaxItems, Shape::Count},
        KeywordEntry{"minItems", all, Keyword::MinItems, Shape::Count},
        KeywordEntry{"uniqueItems", all, Keyword::UniqueItems, Shape::Boolean},
        KeywordEntry{"maxContains", from2019, Keyword::MaxContains, Shape::Count},
        KeywordEntry{"minContains", from2019, Keyword::MinContains, Shape::Count},
        KeywordEntry{"maxProperties", all, Keyword::MaxProperties, Shape::Count},
        KeywordEntry{"minProperties", all, Keyword::MinProperties, Shape::Count},
        KeywordEntry{"required", draft4, Keyword::Required, Shape::NonEmptyStrings},
        KeywordEntry{"required", from6, Keyword::Required, Shape::Strings},
        KeywordEntry{"dependentRequired", from2019, Keyword::DependentRequired, Shape::StringsByName},
        KeywordEntry{"allOf", all, Keyword::AllOf, Shape::Subschemas},
        KeywordEntry{"anyOf", all, Keyword::AnyOf, Shape::Subschemas},
        KeywordEntry{"oneOf", all, Keyword::OneOf, Shape::Subschemas},
        KeywordEntry{"not", all, Keyword::Not, Shape::Subschema},
        KeywordEntry{"if", from7, Keyword::If, Shape::Subschema},
        KeywordEntry{"then", from7, Keyword::Then, Shape::Subschema},
        KeywordEntry{"else", from7, Keyword::Else, Shape::Subschema},
        KeywordEntry{"dependentSchemas", from2019, Keyword::DependentSchemas, Shape::SubschemasByName},
        KeywordEntry{"dependencies", all, Keyword::Dependencies, Shape::Dependencies},
        KeywordEntry{"prefixItems", draft2020, Keyword::PrefixItems, Shape::Subschemas},
        KeywordEntry{"items", to2019, Keyword::Items, Shape::SubschemaOrSubschemas},
        KeywordEntry{"items", draft2020, Keyword::Items, Shape::Subschema},
        KeywordEntry{"additionalItems", to2019, Keyword::AdditionalItems, Shape::BooleanOrSubschema},
        KeywordEntry{"contains", from6, Keyword::Contains, Shape::Subschema},
        KeywordEntry{"properties", all, Keyword::Properties, Shape::SubschemasByName},
        KeywordEntry{"patternProperties", all, Keyword::PatternProperties, Shape::SubschemasByPattern},
        KeywordEntry{"additionalProperties", all, Keyword::AdditionalProperties, Shape::BooleanOrSubschema},
        KeywordEntry{"propertyNames", from6, Keyword::PropertyNames, Shape::Subschema},
        KeywordEntry{"unevaluatedItems", from2019, Keyword::UnevaluatedItems, Shape::Subschema},
        KeywordEntry{"unevaluatedProperties", from2019, Keyword::UnevaluatedProperties, Shape::Subschema},
        KeywordEntry{"default", all, Keyword::Default, Shape::Anything},
        KeywordEntry{"title", all, Keyword::Annotation, Shape::String},
        KeywordEntry{"description", all, Keyword::Annotation, Shape::String},
        KeywordEntry{"$comment", all, Keyword::Annotation, Shape::String},
        KeywordEntry{"examples", from6, Keyword::Annotation, Shape::Array},
        KeywordEntry{"readOnly", all, Keyword::Annotation, Shape::Boolean},
        KeywordEntry{"writeOnly", all, Keyword::Annotation, Shape::Boolean},
        KeywordEntry{"deprecated", from2019, Keyword::Annotation, Shape::Boolean},
        KeywordEntry{"contentEncoding", from7, Keyword::Annotation, Shape::String},
        KeywordEntry{"contentMediaType", from7, Keyword::Annotation, Shape::String},
        KeywordEntry{"contentSchema", from2019, Keyword::Annotation, Shape::Subschema},
    };
    std::sort(table.begin(), table.end(), is_before);
    return table;
}();

} // namespace

const KeywordEntry *find_keyword(std::string_view name, Draft draft)
{
    const std::uint8_t bit = static_cast<std::uint8_t>(1U << static_cast<unsigned>(draft));
    const KeywordEntry wanted{name, 0, Keyword::Annotation, Shape::Anything};
    const auto *at = std::lower_bound(entries.begin(), entries.end(), wanted, is_before);
    for (; at != entries.end() && at->name == name; ++at)
        if ((at->drafts & bit) != 0)
            return at;
    return nullptr;
}

bool find_member(const Value &object, std::string_view name, Value &found)
{
    KeySearch search(object.bytes.data());
    if (!search.find(name))
        return false;
    found = Object(object.bytes.data()).value(search.at());
    return true;
}

Keywords::Keywords(const Value &schema, Draft draft)
{
    Value reference;
    const bool is_reference = is_reference_alone(draft) && find_member(schema, "$ref", reference);
    for (Members members(schema.bytes.data()); members.are_left(); members.next()) {
        const KeywordEntry *entry = find_keyword(members.key(), draft);
        if (entry == nullptr || (is_reference && !is_used_beside_reference(entry->keyword)))
            continue;
        const auto at = static_cast<std::size_t>(entry->keyword);
        present_ |= std::uint64_t{1} << at;
        values_[at] = members.value();
    }
}

} // namespace opigno::json::schema
