/* Where values violate schemas. */
#include "fuzz/compiled_schema.hpp"

#include <gtest/gtest.h>

namespace {

using namespace opigno;
using namespace opigno::json::schema;
using test::Bytes;
using test::Compiled;

/* "instance keyword schema" of each fault; generalizes: with the generalized pointer */
std::string faults_in(const Compiled &compiled, const std::string &value, std::size_t most = 100,
                      bool generalizes = false)
{
    const Bytes bytes(value);
    EXPECT_EQ(judge(*compiled.program, bytes.value()), Verdict::Invalid) << value;
    Faults faults;
    find_faults(*compiled.program, bytes.value(), most, faults);
    std::string lines;
    for (std::size_t at = 0; at < faults.size(); ++at)
        lines += std::string(generalizes ? faults[at].generalized : faults[at].instance) + " " +
                 std::string(faults[at].keyword) + " " + faults[at].schema + "\n";
    return lines;
}

std::string faults_of(const std::string &schema, const std::string &value, Draft draft = Draft::Draft2020)
{
    return faults_in(Compiled(schema, draft), value);
}

TEST(JsonSchemaReport, EachKeywordOfScalars)
{
    EXPECT_EQ(faults_of(R"({"type": "string"})", "1"), " type /type\n");
    EXPECT_EQ(faults_of(R"({"minLength": 2})", R"("a")"), " minLength /minLength\n");
    EXPECT_EQ(faults_of(R"({"maxLength": 2})", R"("abc")"), " maxLength /maxLength\n");
    EXPECT_EQ(faults_of(R"({"pattern": "^a"})", R"("b")"), " pattern /pattern\n");
    EXPECT_EQ(faults_of(R"({"minimum": 1})", "0"), " minimum /minimum\n");
    EXPECT_EQ(faults_of(R"({"maximum": 1})", "2"), " maximum /maximum\n");
    EXPECT_EQ(faults_of(R"({"exclusiveMinimum": 1})", "1"), " exclusiveMinimum /exclusiveMinimum\n");
    EXPECT_EQ(faults_of(R"({"exclusiveMaximum": 1})", "1"), " exclusiveMaximum /exclusiveMaximum\n");
    EXPECT_EQ(faults_of(R"({"multipleOf": 2})", "1"), " multipleOf /multipleOf\n");
    EXPECT_EQ(faults_of(R"({"enum": [1, 2]})", "3"), " enum /enum\n");
    EXPECT_EQ(faults_of(R"({"const": 1})", "3"), " const /const\n");
    EXPECT_EQ(faults_in(Compiled(R"({"format": "date"})", Draft::Draft2020, true), R"("x")"),
              " format /format\n");
}

TEST(JsonSchemaReport, Draft4HasFlagsForExclusiveLimits)
{
    const std::string schema =
        R"({"minimum": 1, "exclusiveMinimum": true, "maximum": 2, "exclusiveMaximum": true})";
    EXPECT_EQ(faults_of(schema, "1", Draft::Draft4), " minimum /minimum\n");
    EXPECT_EQ(faults_of(schema, "2", Draft::Draft4), " maximum /maximum\n");
}

TEST(JsonSchemaReport, ObjectsAndTheirMembers)
{
    EXPECT_EQ(faults_of(R"({"properties": {"a": {"type": "null"}}, "additionalProperties": false})",
                        R"({"a": 1, "b": 2})"),
              "/a type /properties/a/type\n/b additionalProperties /additionalProperties\n");
    EXPECT_EQ(faults_of(R"({"required": ["a", "b", "c"]})", R"({"b": 1})"),
              "/a required /required\n/c required /required\n");
    EXPECT_EQ(faults_of(R"({"minProperties": 2})", "{}"), " minProperties /minProperties\n");
    EXPECT_EQ(faults_of(R"({"maxProperties": 0})", R"({"a": 1})"), " maxProperties /maxProperties\n");
    EXPECT_EQ(faults_of(R"({"patternProperties": {"^x": {"minimum": 5}}})", R"({"x1": 1})"),
              "/x1 minimum /patternProperties/^x/minimum\n");
    EXPECT_EQ(faults_of(R"({"propertyNames": {"maxLength": 1}})", R"({"ab": 1})"),
              "/ab propertyNames /propertyNames\n");
    EXPECT_EQ(faults_of(R"({"dependentRequired": {"a": ["b"]}})", R"({"a": 1})"),
              "/b dependentRequired /dependentRequired\n");
    EXPECT_EQ(faults_of(R"({"dependentSchemas": {"a": {"maxProperties": 1}}})", R"({"a": 1, "b": 2})"),
              " maxProperties /dependentSchemas/a/maxProperties\n");
    EXPECT_EQ(faults_of(R"({"dependencies": {"a": ["b"]}})", R"({"a": 1})", Draft::Draft7),
              "/b dependencies /dependencies\n");
}

TEST(JsonSchemaReport, ArraysAndTheirElements)
{
    EXPECT_EQ(faults_of(R"({"prefixItems": [{"type": "null"}], "items": {"type": "string"}})", "[1, 2]"),
              "/0 type /prefixItems/0/type\n/1 type /items/type\n");
    EXPECT_EQ(faults_of(R"({"items": [{}], "additionalItems": false})", "[1, 2]", Draft::Draft7),
              "/1 additionalItems /additionalItems\n");
    EXPECT_EQ(faults_of(R"({"minItems": 1})", "[]"), " minItems /minItems\n");
    EXPECT_EQ(faults_of(R"({"maxItems": 1})", "[1, 2]"), " maxItems /maxItems\n");
    EXPECT_EQ(faults_of(R"({"uniqueItems": true})", "[1, 2, 1.0]"), " uniqueItems /uniqueItems\n");
    EXPECT_EQ(faults_of(R"({"contains": {"type": "null"}})", "[1]"), " contains /contains\n");
    EXPECT_EQ(faults_of(R"({"contains": true, "minContains": 2})", "[1]"), " minContains /minContains\n");
    EXPECT_EQ(faults_of(R"({"contains": true, "maxContains": 1})", "[1, 2]"), " maxContains /maxContains\n");
}

TEST(JsonSchemaReport, CombinationsHaveAFaultOfTheirOwn)
{
    EXPECT_EQ(faults_of(R"({"anyOf": [{"type": "null"}, {"minimum": 2}]})", "1"), " anyOf /anyOf\n");
    EXPECT_EQ(faults_of(R"({"oneOf": [{"minimum": 1}, {"minimum": 0}]})", "1"), " oneOf /oneOf\n");
    EXPECT_EQ(faults_of(R"({"not": {"minimum": 1}})", "1"), " not /not\n");
    EXPECT_EQ(faults_of(R"({"allOf": [{"minimum": 2}, {"maximum": 0}]})", "1"),
              " minimum /allOf/0/minimum\n maximum /allOf/1/maximum\n");
    EXPECT_EQ(faults_of(R"({"if": {"minimum": 1}, "then": {"minimum": 2}, "else": false})", "1"),
              " minimum /then/minimum\n");
    EXPECT_EQ(faults_of(R"({"if": {"minimum": 1}, "then": {"minimum": 2}, "else": false})", "0"),
              " else /else\n");
}

TEST(JsonSchemaReport, ReferencesNameTheKeywordWhereItIs)
{
    EXPECT_EQ(faults_of(R"({"$defs": {"a": {"minimum": 2}}, "properties": {"b": {"$ref": "#/$defs/a"}}})",
                        R"({"b": 1})"),
              "/b minimum /$defs/a/minimum\n");
    EXPECT_EQ(
        faults_of(
            R"({"$dynamicAnchor": "n", "properties": {"b": {"$dynamicRef": "#n"}}, "maxProperties": 1})",
            R"({"b": {"c": 1, "d": 2}})"),
        "/b maxProperties /maxProperties\n");
    /* The same fault by two ways is one. */
    EXPECT_EQ(
        faults_of(
            R"({"$defs": {"a": {"minimum": 2}}, "allOf": [{"$ref": "#/$defs/a"}, {"$ref": "#/$defs/a"}]})",
            "1"),
        " minimum /$defs/a/minimum\n");
}

TEST(JsonSchemaReport, UnevaluatedPartsIfAllElseIsRight)
{
    const std::string schema = R"({"properties": {"a": {"type": "null"}}, "unevaluatedProperties": false})";
    EXPECT_EQ(faults_of(schema, R"({"a": null, "b": 1})"),
              "/b unevaluatedProperties /unevaluatedProperties\n");
    EXPECT_EQ(faults_of(schema, R"({"a": 1, "b": 1})"), "/a type /properties/a/type\n");
    EXPECT_EQ(faults_of(R"({"prefixItems": [{}], "unevaluatedItems": {"minimum": 3}})", "[1, 2]"),
              "/1 minimum /unevaluatedItems/minimum\n");
}

TEST(JsonSchemaReport, PointersAreEscaped)
{
    EXPECT_EQ(faults_of(R"({"properties": {"a/b~c": {"type": "null"}}})", R"({"a/b~c": 1})"),
              "/a~1b~0c type /properties/a~1b~0c/type\n");
    EXPECT_EQ(faults_of("false", "1"), "  \n");
}

TEST(JsonSchemaReport, GeneralizedPointersHideIndexesAndNamesOfUsers)
{
    const Compiled compiled(R"({"properties": {"a": {"items": {"additionalProperties": {"type": "null"}}}},
                                "additionalProperties": {"type": "array"}, "required": ["c"]})");
    EXPECT_EQ(faults_in(compiled, R"({"a": [{}, {"x": 1}], "y": 2})", 100, true),
              "/c required /required\n/a/*/* type /properties/a/items/additionalProperties/type\n"
              "/* type /additionalProperties/type\n");
}

TEST(JsonSchemaReport, LongNamesAreLeftOut)
{
    const std::string name(256, 'n');
    EXPECT_EQ(faults_of(R"({"additionalProperties": false})", "{\"" + name + "\": 1}"),
              "/* additionalProperties /additionalProperties\n");
    EXPECT_EQ(faults_of(R"({"additionalProperties": false})", "{\"" + name.substr(1) + "\": 1}"),
              "/" + name.substr(1) + " additionalProperties /additionalProperties\n");
}

TEST(JsonSchemaReport, StopsAtTheLimit)
{
    const Compiled compiled(R"({"items": {"type": "null"}})");
    EXPECT_EQ(faults_in(compiled, "[1, 2, 3]", 2), "/0 type /items/type\n/1 type /items/type\n");
}

} // namespace
