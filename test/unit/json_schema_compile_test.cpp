/* Schemas as programs, and what is wrong with those that are refused. */
#include "fuzz/compiled_schema.hpp"
#include "json/schema/uri.hpp"

#include <gtest/gtest.h>

namespace {

using namespace opigno;
using namespace opigno::json::schema;
using test::Bytes;
using test::Compiled;

std::string lines_of(const SchemaFaults &faults)
{
    std::string lines;
    for (std::size_t at = 0; at < faults.size(); ++at)
        lines += std::string(faults[at].pointer) + ": " + faults[at].message + "\n";
    return lines;
}

std::string faults_of(const std::string &text, Draft draft = Draft::Draft2020, bool asserts = false)
{
    const Compiled compiled(text, draft, asserts);
    EXPECT_EQ(compiled.program == nullptr, !compiled.faults.empty());
    return lines_of(compiled.faults);
}

std::string unknown_in(const std::string &text, Draft draft = Draft::Draft2020)
{
    return lines_of(Compiled(text, draft).unknown);
}

std::string repeated(const std::string &text, std::size_t times)
{
    std::string made;
    for (; times > 0; --times)
        made += text;
    return made;
}

/* {"not": {"not": ... {}}}, deeper than the parser of the tests reads. */
test::Document nested(std::size_t levels)
{
    test::Document made = test::object();
    for (; levels > 0; --levels) {
        test::Document outer = test::object();
        outer.members["not"] = std::move(made);
        made = std::move(outer);
    }
    return made;
}

TEST(JsonSchemaCompile, TypesAreBits)
{
    EXPECT_EQ(Compiled("{}").root().types, all_types);
    EXPECT_EQ(Compiled(R"({"type": "string"})").root().types, string_bit);
    EXPECT_EQ(Compiled(R"({"type": "integer"})").root().types, integer_bit);
    EXPECT_EQ(Compiled(R"({"type": ["number", "null"]})").root().types, number_bit | integer_bit | null_bit);
}

TEST(JsonSchemaCompile, BooleansAreNodes)
{
    EXPECT_TRUE(Compiled("false").root().accepts_nothing);
    EXPECT_FALSE(Compiled("true").root().accepts_nothing);
    const Compiled compiled(R"({"properties": {"a": false, "b": true}})");
    const ObjectRules &rules = *compiled.root().object;
    EXPECT_TRUE(compiled.node(rules.properties[0].schema).accepts_nothing);
    EXPECT_STREQ(compiled.node(rules.properties[0].schema).pointer, "/properties/a");
    EXPECT_FALSE(compiled.node(rules.properties[1].schema).accepts_nothing);
}

TEST(JsonSchemaCompile, LengthsOfPlainStringsAreInTheNode)
{
    const Compiled plain(R"({"minLength": 2, "maxLength": 3.0})");
    EXPECT_TRUE(plain.root().is_plain_string);
    EXPECT_EQ(plain.root().min_length, 2U);
    EXPECT_EQ(plain.root().max_length, 3U);
    EXPECT_EQ(plain.root().kinds, string_bit);
    EXPECT_FALSE(Compiled(R"({"minLength": 2, "pattern": "^a"})").root().is_plain_string);
    EXPECT_FALSE(Compiled(R"({"minLength": 2, "enum": ["a"]})").root().is_plain_string);
    const Compiled format(R"({"format": "date"})", Draft::Draft2020, true);
    EXPECT_FALSE(format.root().is_plain_string);
    EXPECT_EQ(format.root().string->format, Format::Date);
    EXPECT_EQ(Compiled(R"({"format": "date"})").root().string, nullptr);
}

TEST(JsonSchemaCompile, LimitsBeyondTheRangeAreClipped)
{
    const Compiled compiled(R"({"maxLength": 4294967295, "minLength": 99999999999999999999})");
    EXPECT_EQ(compiled.root().string->max_length, unlimited - 1);
    EXPECT_EQ(compiled.root().string->min_length, unlimited - 1);
    EXPECT_EQ(Compiled(R"({"maxItems": 4294967293})").root().array->max_items, unlimited - 2);
}

TEST(JsonSchemaCompile, PropertiesAreSortedAndRequiredOnesMarked)
{
    const Compiled compiled(R"({"properties": {"bb": {}, "a": {}}, "required": ["c", "a"]})");
    const ObjectRules &rules = *compiled.root().object;
    ASSERT_EQ(rules.properties.size(), 3U);
    EXPECT_EQ(rules.required, 2U);
    EXPECT_EQ(rules.properties[0].name, "a");
    EXPECT_TRUE(rules.properties[0].is_required);
    EXPECT_NE(rules.properties[0].schema, no_node);
    EXPECT_EQ(rules.properties[1].name, "c");
    EXPECT_EQ(rules.properties[1].schema, no_node);
    EXPECT_EQ(rules.properties[2].name, "bb");
    EXPECT_FALSE(rules.properties[2].is_required);
    const std::uint16_t *starts = rules.by_length;
    EXPECT_EQ(starts[0], 0);
    EXPECT_EQ(starts[1], 0);
    EXPECT_EQ(starts[2], 2);
    EXPECT_EQ(starts[3], 3);
    EXPECT_EQ(starts[ObjectRules::max_indexed], 3);
    EXPECT_EQ(starts[ObjectRules::max_indexed + 1], 3);
}

TEST(JsonSchemaCompile, LongNamesAreTheLastOnes)
{
    const std::string longest(ObjectRules::max_indexed + 10, 'l');
    const std::string limit(ObjectRules::max_indexed, 'm');
    const Compiled compiled(R"({"required": ["a", ")" + longest + R"(", ")" + limit + "\"]}");
    const std::uint16_t *starts = compiled.root().object->by_length;
    EXPECT_EQ(starts[ObjectRules::max_indexed], 1);
    EXPECT_EQ(starts[ObjectRules::max_indexed + 1], 3);
}

TEST(JsonSchemaCompile, DependenciesOfAllDrafts)
{
    const Compiled older(R"({"dependencies": {"a": ["b"], "c": {"minProperties": 2}}})", Draft::Draft7);
    ASSERT_EQ(older.root().object->dependencies.size(), 2U);
    EXPECT_TRUE(older.root().object->dependencies[0].is_of_dependencies);
    EXPECT_EQ(older.root().object->dependencies[0].required[0], "b");
    EXPECT_NE(older.root().object->dependencies[1].schema, no_node);
    const Compiled newer(R"({"dependentRequired": {"a": ["b"]}, "dependentSchemas": {"c": false}})");
    ASSERT_EQ(newer.root().object->dependencies.size(), 2U);
    EXPECT_FALSE(newer.root().object->dependencies[0].is_of_dependencies);
    EXPECT_STREQ(newer.node(newer.root().object->dependencies[1].schema).pointer, "/dependentSchemas/c");
}

TEST(JsonSchemaCompile, ItemsOfAllDrafts)
{
    const Compiled older(R"({"items": [{}, {}], "additionalItems": false})", Draft::Draft2019);
    EXPECT_EQ(older.root().array->prefix.size(), 2U);
    EXPECT_TRUE(older.root().array->prefix_is_items);
    EXPECT_TRUE(older.root().array->items_is_additional);
    EXPECT_STREQ(older.node(older.root().array->items).pointer, "/additionalItems");
    const Compiled newer(R"({"prefixItems": [{}], "items": false, "contains": {}, "minContains": 0})");
    EXPECT_EQ(newer.root().array->prefix.size(), 1U);
    EXPECT_FALSE(newer.root().array->prefix_is_items);
    EXPECT_FALSE(newer.root().array->items_is_additional);
    EXPECT_EQ(newer.root().array->min_contains, 0U);
    EXPECT_TRUE(newer.root().array->contains_evaluates);
    EXPECT_EQ(Compiled(R"({"additionalItems": false})", Draft::Draft7).root().array, nullptr);
}

TEST(JsonSchemaCompile, ExclusiveLimitsOfDraft4)
{
    const Compiled older(R"({"minimum": 1, "exclusiveMinimum": true, "maximum": 2,
                             "exclusiveMaximum": false})",
                         Draft::Draft4);
    EXPECT_TRUE(older.root().number->minimum.empty());
    EXPECT_FALSE(older.root().number->exclusive_minimum.empty());
    EXPECT_FALSE(older.root().number->maximum.empty());
    EXPECT_EQ(Compiled(R"({"exclusiveMinimum": true})", Draft::Draft4).root().number, nullptr);
    EXPECT_FALSE(Compiled(R"({"exclusiveMinimum": 1})").root().number->exclusive_minimum.empty());
}

TEST(JsonSchemaCompile, EnumerationsAreSortedByHash)
{
    const Compiled compiled(R"({"enum": [1, "a", null, [2], {"b": 3}], "const": 1})");
    const InPlaceRules &rules = *compiled.root().in_place;
    ASSERT_EQ(rules.enumeration.size(), 5U);
    for (std::size_t at = 1; at < rules.hashes.size(); ++at)
        EXPECT_LE(rules.hashes[at - 1], rules.hashes[at]);
    EXPECT_NE(rules.constant, nullptr);
    EXPECT_TRUE(compiled.accepts("1"));
    EXPECT_FALSE(compiled.accepts("null"));
    EXPECT_FALSE(Compiled(R"({"enum": []})").accepts("1"));
}

TEST(JsonSchemaCompile, SubschemasAreCompiledOnceAndIfReached)
{
    const Compiled compiled(R"({"$defs": {"a": {"type": "null"}, "b": {}},
                                "allOf": [{"$ref": "#/$defs/a"}, {"$ref": "#/$defs/a"}]})");
    ASSERT_EQ(compiled.program->nodes.size(), 4U);
    const InPlaceRules &rules = *compiled.root().in_place;
    const NodeId first = compiled.node(rules.all_of[0]).in_place->reference;
    EXPECT_EQ(first, compiled.node(rules.all_of[1]).in_place->reference);
    EXPECT_STREQ(compiled.node(first).pointer, "/$defs/a");
}

TEST(JsonSchemaCompile, ReferencesFindTheirTargets)
{
    const auto accepts_null = [](const std::string &text, Draft draft = Draft::Draft2020) {
        const Compiled compiled(text, draft);
        EXPECT_NE(compiled.program, nullptr) << text << lines_of(compiled.faults);
        return compiled.program != nullptr && compiled.accepts("null") && !compiled.accepts("1");
    };
    EXPECT_TRUE(accepts_null(R"({"$ref": "#/a~1b/1/c%25~0d", "a/b": [0, {"c%~d": {"type": "null"}}]})"));
    EXPECT_TRUE(accepts_null(R"({"$ref": "#n", "$defs": {"x": {"$anchor": "n", "type": "null"}}})"));
    EXPECT_TRUE(accepts_null(R"({"$id": "http://x.org/a/b", "$ref": "../c",
                                 "$defs": {"x": {"$id": "/c", "type": "null"}}})"));
    EXPECT_TRUE(accepts_null(R"({"$ref": "c#/$defs/y", "$defs": {"x": {"$id": "c",
                                 "$defs": {"y": {"type": "null"}}}}})"));
    EXPECT_TRUE(accepts_null(R"({"$ref": "#n", "definitions": {"x": {"$id": "#n", "type": "null"}}})",
                             Draft::Draft7));
    EXPECT_TRUE(
        accepts_null(R"({"$ref": "c", "definitions": {"x": {"id": "c", "type": "null"}}})", Draft::Draft4));
    EXPECT_TRUE(accepts_null(R"({"$ref": "#/definitions/x", "type": "array",
                                 "definitions": {"x": {"type": "null"}}})",
                             Draft::Draft7));
    EXPECT_TRUE(accepts_null(R"({"$schema": "http://json-schema.org/draft-07/schema#",
                                 "$ref": "#/definitions/x", "minimum": 5,
                                 "definitions": {"x": {"type": "null"}}})"));
}

TEST(JsonSchemaCompile, DynamicReferencesHaveTheirAnchors)
{
    const Compiled compiled(R"({"$dynamicRef": "#n", "$defs": {
        "x": {"$dynamicAnchor": "n"}, "y": {"$id": "y", "$dynamicAnchor": "n"}}})");
    const DynamicReference &dynamic = *compiled.root().in_place->dynamic;
    EXPECT_TRUE(dynamic.is_dynamic);
    EXPECT_FALSE(dynamic.is_recursive);
    EXPECT_EQ(dynamic.name, "n");
    ASSERT_EQ(compiled.program->resources.size(), 2U);
    EXPECT_EQ(compiled.program->resources[0].anchors[0].node, dynamic.target);
    EXPECT_STREQ(compiled.node(compiled.program->resources[1].anchors[0].node).pointer, "/$defs/y");
    const Compiled recursive(R"({"$recursiveAnchor": true, "items": {"$recursiveRef": "#"}})",
                             Draft::Draft2019);
    const Node &items = recursive.node(recursive.root().array->items);
    EXPECT_TRUE(items.in_place->dynamic->is_recursive && items.in_place->dynamic->is_dynamic);
    EXPECT_EQ(items.in_place->dynamic->target, recursive.program->root);
    const Compiled plain(R"({"items": {"$dynamicRef": "#/$defs/x"}, "$defs": {"x": {}}})");
    EXPECT_FALSE(plain.node(plain.root().array->items).in_place->dynamic->is_dynamic);
}

TEST(JsonSchemaCompile, FlawsOfValues)
{
    EXPECT_EQ(faults_of("1"), ": a schema must be an object or a boolean\n");
    EXPECT_EQ(faults_of("true", Draft::Draft4), ": a schema of draft 4 must be an object\n");
    EXPECT_EQ(faults_of(R"({"properties": {"a/~b": {"minLength": -1}}})"),
              "/properties/a~1~0b/minLength: \"minLength\" must be an integer from 0\n");
    EXPECT_EQ(faults_of(R"({"maxItems": 1.5, "uniqueItems": 1, "minimum": "1"})"),
              "/minimum: \"minimum\" must be a number\n"
              "/maxItems: \"maxItems\" must be an integer from 0\n"
              "/uniqueItems: \"uniqueItems\" must be true or false\n");
    EXPECT_EQ(faults_of(R"({"multipleOf": 0})"), "/multipleOf: \"multipleOf\" must be a number greater "
                                                 "than 0\n");
    EXPECT_EQ(faults_of(R"({"required": ["a", "b", "a"]})"),
              "/required: \"required\" must be an array of different strings\n");
    EXPECT_EQ(faults_of(R"({"required": []})"), "");
    EXPECT_NE(faults_of(R"({"required": []})", Draft::Draft4), "");
    EXPECT_NE(faults_of(R"({"type": "any"})"), "");
    EXPECT_NE(faults_of(R"({"type": ["null", "null"]})"), "");
    EXPECT_NE(faults_of(R"({"type": []})"), "");
    EXPECT_NE(faults_of(R"({"enum": []})", Draft::Draft4), "");
    EXPECT_NE(faults_of(R"({"enum": 1})"), "");
    EXPECT_EQ(faults_of(R"({"anyOf": [], "not": 1, "oneOf": [{}, 2], "allOf": {}})"),
              "/allOf: \"allOf\" must be an array of schemas that is not empty\n"
              "/anyOf: \"anyOf\" must be an array of schemas that is not empty\n"
              "/not: a schema must be an object or a boolean\n"
              "/oneOf/1: a schema must be an object or a boolean\n");
    EXPECT_EQ(faults_of(R"({"items": [{}]})"), "/items: a schema must be an object or a boolean\n");
    EXPECT_EQ(faults_of(R"({"properties": [], "dependentRequired": {"a": [1]}, "$anchor": "1",
                            "$vocabulary": {"a": 1}, "dependencies": {"a": "b"}})",
                        Draft::Draft2019),
              "/$anchor: \"$anchor\" must be a string of letters, digits and any of \"-_.:\" that begins "
              "with a letter or \"_\"\n"
              "/properties: \"properties\" must be an object of schemas\n"
              "/$vocabulary: \"$vocabulary\" must be an object of booleans\n"
              "/dependentRequired: \"dependentRequired\" must be an object of arrays of different strings\n"
              "/dependencies/a: a schema must be an object or a boolean\n");
    EXPECT_EQ(faults_of(R"({"$recursiveRef": "#/a"})", Draft::Draft2019),
              "/$recursiveRef: \"$recursiveRef\" must be \"#\"\n");
}

TEST(JsonSchemaCompile, SubschemasThatNobodyReachesAreChecked)
{
    EXPECT_EQ(faults_of(R"({"$defs": {"a": {"contentSchema": {"maximum": null}}}})"),
              "/$defs/a/contentSchema/maximum: \"maximum\" must be a number\n");
}

TEST(JsonSchemaCompile, FlawsOfReferences)
{
    const std::string remote = " must lead to a part of the schema: remote schemas are not read\n";
    EXPECT_EQ(faults_of(R"({"$ref": "http://x.org/y"})"), "/$ref: \"$ref\"" + remote);
    EXPECT_EQ(faults_of(R"({"$ref": "https://json-schema.org/draft/2020-12/schema"})"),
              "/$ref: \"$ref\"" + remote);
    const std::string none = " leads to no schema\n";
    EXPECT_EQ(faults_of(R"({"$ref": "#/a"})"), "/$ref: \"$ref\"" + none);
    EXPECT_EQ(faults_of(R"({"$ref": "#/a", "a": 1})"), "/$ref: \"$ref\"" + none);
    EXPECT_EQ(faults_of(R"({"$ref": "#/a/01", "a": [{}, {}]})"), "/$ref: \"$ref\"" + none);
    EXPECT_EQ(faults_of(R"({"$ref": "#/a/2", "a": [{}, {}]})"), "/$ref: \"$ref\"" + none);
    EXPECT_EQ(faults_of(R"({"$dynamicRef": "#a"})"), "/$dynamicRef: \"$dynamicRef\"" + none);
    EXPECT_EQ(faults_of(R"({"$ref": "#a", "const": {"$anchor": "a"}})"), "/$ref: \"$ref\"" + none);
    EXPECT_EQ(faults_of(R"({"$ref": "#/a/b", "a": {"b": {"minimum": []}}})"),
              "/a/b/minimum: \"minimum\" must be a number\n");
}

TEST(JsonSchemaCompile, FlawsOfIdentifiers)
{
    EXPECT_EQ(faults_of(R"({"$schema": "http://x.org/dialect"})"),
              "/$schema: \"$schema\" must name a draft that is supported: 4, 6, 7, 2019-09 or 2020-12\n");
    EXPECT_EQ(faults_of(R"({"$schema": 7})"),
              "/$schema: \"$schema\" must name a draft that is supported: 4, 6, 7, 2019-09 or 2020-12\n");
    EXPECT_EQ(faults_of(R"({"$id": "http://x.org/a#b"})"), "/$id: \"$id\" must not have a fragment\n");
    EXPECT_EQ(faults_of(R"({"$id": "http://x.org/a#"})"), "");
    EXPECT_EQ(faults_of(R"({"$defs": {"a": {"$id": "x"}, "b": {"$id": "x"}}})"),
              "/$defs/b/$id: \"$id\" is that of another part of the schema\n");
    EXPECT_EQ(faults_of(R"({"$defs": {"a": {"$anchor": "x"}, "b": {"$dynamicAnchor": "x"}}})"),
              "/$defs/b/$dynamicAnchor: \"$dynamicAnchor\" is that of another part of the schema\n");
}

TEST(JsonSchemaCompile, FlawsOfFormats)
{
    EXPECT_EQ(faults_of(R"({"format": "color"})"), "");
    EXPECT_EQ(faults_of(R"({"format": "color"})", Draft::Draft7, true),
              "/format: \"format\" names a format that cannot be asserted\n");
    EXPECT_EQ(faults_of(R"({"format": "email"})", Draft::Draft7, true), "");
}

#ifdef OPIGNO_WITH_RE2
TEST(JsonSchemaCompile, FlawsOfPatterns)
{
    EXPECT_EQ(faults_of(R"({"pattern": "a(?=b)c", "patternProperties": {"[": {}}})"),
              "/pattern: \"pattern\" cannot be used: look-ahead is not supported\n"
              "/patternProperties/[: the pattern cannot be used: a class has no end\n");
    const std::string large = R"({"pattern": "^\\p{L}[\\p{L}\\p{N}]{0,6)";
    EXPECT_EQ(faults_of(R"({"items": )" + large + R"(0}$"}, "not": )" + large + "1}$\"}}"), "");
    EXPECT_EQ(faults_of(R"({"items": )" + large + R"(0}$"}, "not": )" + large + R"(1}$"}, "if": )" + large +
                        R"(2}$"}, "else": )" + large + "3}$\"}}"),
              "/else/pattern: the patterns of the schema are too large\n");
}
#endif

TEST(JsonSchemaCompile, PatternsAreCompiledOnce)
{
    const Compiled compiled(R"({"pattern": "^a", "patternProperties": {"^a": {}}})");
    EXPECT_EQ(compiled.root().string->pattern, compiled.root().object->patterns[0].pattern);
    EXPECT_EQ(compiled.root().object->patterns[0].source, "^a");
}

TEST(JsonSchemaCompile, CyclesAreRefused)
{
    const std::string cycle = "the schema leads back to itself without descending into the document\n";
    EXPECT_EQ(faults_of(R"({"$ref": "#"})"), ": " + cycle);
    EXPECT_NE(faults_of(R"({"allOf": [{"not": {"$ref": "#"}}]})"), "");
    EXPECT_NE(faults_of(R"({"if": {"anyOf": [{"oneOf": [{"$ref": "#"}]}]}})"), "");
    EXPECT_NE(faults_of(R"({"if": {}, "else": {"$ref": "#"}})"), "");
    EXPECT_NE(faults_of(R"({"dependentSchemas": {"a": {"$ref": "#"}}})"), "");
    EXPECT_NE(faults_of(R"({"$dynamicRef": "#n", "$dynamicAnchor": "n"})"), "");
    EXPECT_NE(faults_of(R"({"$recursiveRef": "#"})", Draft::Draft2019), "");
    EXPECT_NE(faults_of(R"({"$ref": "#/$defs/x", "$defs": {"x": {"$dynamicRef": "y#n"},
                            "y": {"$id": "y", "$defs": {"z": {"$dynamicAnchor": "n"}}},
                            "w": {"$id": "w", "$dynamicAnchor": "n", "$ref": "/v"},
                            "v": {"$id": "/v", "$dynamicRef": "y#n"}}})"),
              "");
    EXPECT_EQ(faults_of(R"({"properties": {"a": {"$ref": "#"}}, "items": {"$ref": "#"},
                            "unevaluatedProperties": {"$ref": "#"}, "propertyNames": {"$ref": "#"}})"),
              "");
    EXPECT_EQ(faults_of(R"({"allOf": [{"$ref": "#/$defs/a"}, {"$ref": "#/$defs/a"}],
                            "$defs": {"a": {}}})"),
              "");
}

TEST(JsonSchemaCompile, UnknownKeywordsAreNamed)
{
    EXPECT_EQ(unknown_in(R"({"minlength": 1, "x-opigno-read": [], "properties": {"p": {"a/b": 1}}})"),
              "/minlength: \"minlength\" is no keyword of the draft\n"
              "/properties/p/a~1b: \"a/b\" is no keyword of the draft\n");
    EXPECT_EQ(unknown_in(R"({"prefixItems": [], "if": {}, "contains": {}})", Draft::Draft6),
              "/if: \"if\" is no keyword of the draft\n"
              "/prefixItems: \"prefixItems\" is no keyword of the draft\n");
    EXPECT_EQ(unknown_in(R"({"$ref": "#/definitions/a", "minLength": 1, "title": "t",
                             "definitions": {"a": {}}})",
                         Draft::Draft7),
              "/minLength: \"minLength\" is ignored beside \"$ref\"\n");
    EXPECT_EQ(unknown_in(R"({"$ref": "#/$defs/a", "minLength": 1, "$defs": {"a": {}}})"), "");
}

TEST(JsonSchemaCompile, LimitsAreKept)
{
    EXPECT_EQ(lines_of(Compiled(nested(max_schema_levels)).faults), "");
    const Compiled deep(nested(max_schema_levels + 1));
    EXPECT_EQ(std::string(deep.faults[0].message), "the schema is nested too deeply");
    EXPECT_EQ(deep.program, nullptr);
    std::string wide = R"({"required": ["n")";
    for (std::size_t name = 0; name < max_keywords; ++name)
        wide += ",\"" + std::to_string(name) + "\"";
    EXPECT_EQ(faults_of(wide + "]}"), ": the schema has too many keywords\n");
    std::string properties = R"({"properties": {"n": {})";
    for (std::size_t name = 0; name < 8000; ++name)
        properties += ",\"" + std::to_string(name) + R"(": {"type": "null"})";
    EXPECT_EQ(faults_of(properties + "}}"), "");
    std::string faulty = R"({"allOf": [1)";
    EXPECT_EQ(Compiled(faulty + repeated(",1", 200) + "]}").faults.size(), max_schema_faults);
}

TEST(JsonSchemaCompile, LongNamesHaveNoManyCopies)
{
    const std::string name(500000, 'n');
    std::string subschemas = R"({"not": 1)";
    std::string items;
    for (int at = 0; at < 100; ++at)
        items += (at == 0 ? "" : ",") + subschemas + "}";
    const std::string faulty = R"({"properties": {")" + name + R"(": {"allOf": [)" + items + "]}}}";
    EXPECT_LT(Compiled(faulty).faults.size(), 5U);
    const std::string valid =
        R"({"properties": {")" + name + R"(": {"allOf": [{})" + repeated(",{}", 20) + "]}}}";
    EXPECT_EQ(faults_of(valid), ": the names of the schema are too long\n");
}

/* However much is reported of unknown keywords, a fault is found. */
TEST(JsonSchemaCompile, UnknownKeywordsHideNoFault)
{
    std::string text = "{";
    for (int at = 1000; at < 1060; ++at)
        text += "\"" + std::string(9000, 'a') + std::to_string(at) + "\": 1, ";
    EXPECT_NE(faults_of(text + R"("properties": {"p": {"patternProperties": 5}}})"), "");
}

TEST(JsonSchemaCompile, LongIdentifiersAreRefused)
{
    const std::string name(5000, 'n');
    EXPECT_EQ(faults_of(R"({"$id": ")" + name + R"(", "not": {"$ref": ")" + name + R"("}})"),
              "/$id: \"$id\" is too long\n/not/$ref: \"$ref\" is too long\n");
}

std::string resolved(const std::string &base, const std::string &reference)
{
    const test::Arena memory;
    json::Arena arena;
    const Target target = resolve(base, reference, arena);
    return std::string(target.uri) + "|" + std::string(target.fragment);
}

TEST(JsonSchemaUri, ResolvesAsTheExamplesOfRfc3986)
{
    const std::string base = "http://a/b/c/d;p?q";
    const std::pair<const char *, const char *> examples[] = {
        {"g:h", "g:h|"},
        {"g", "http://a/b/c/g|"},
        {"./g", "http://a/b/c/g|"},
        {"g/", "http://a/b/c/g/|"},
        {"/g", "http://a/g|"},
        {"//g", "http://g|"},
        {"?y", "http://a/b/c/d;p?y|"},
        {"g?y", "http://a/b/c/g?y|"},
        {"#s", "http://a/b/c/d;p?q|s"},
        {"g#s", "http://a/b/c/g|s"},
        {"g?y#s", "http://a/b/c/g?y|s"},
        {";x", "http://a/b/c/;x|"},
        {"g;x?y#s", "http://a/b/c/g;x?y|s"},
        {"", "http://a/b/c/d;p?q|"},
        {".", "http://a/b/c/|"},
        {"./", "http://a/b/c/|"},
        {"..", "http://a/b/|"},
        {"../g", "http://a/b/g|"},
        {"../..", "http://a/|"},
        {"../../g", "http://a/g|"},
        {"../../../g", "http://a/g|"},
        {"/./g", "http://a/g|"},
        {"/../g", "http://a/g|"},
        {"g.", "http://a/b/c/g.|"},
        {"..g", "http://a/b/c/..g|"},
        {"./../g", "http://a/b/g|"},
        {"./g/.", "http://a/b/c/g/|"},
        {"g/./h", "http://a/b/c/g/h|"},
        {"g/../h", "http://a/b/c/h|"},
        {"g;x=1/../y", "http://a/b/c/y|"},
        {"g?y/../x", "http://a/b/c/g?y/../x|"},
        {"g#s/../x", "http://a/b/c/g|s/../x"},
    };
    for (const auto &[reference, target] : examples)
        EXPECT_EQ(resolved(base, reference), target) << reference;
}

TEST(JsonSchemaUri, ResolvesAgainstOtherBases)
{
    EXPECT_EQ(resolved("", "a"), "a|");
    EXPECT_EQ(resolved("a/b", "c"), "a/c|");
    EXPECT_EQ(resolved("http://a", "b"), "http://a/b|");
    EXPECT_EQ(resolved("urn:uuid:1", "#a"), "urn:uuid:1|a");
    EXPECT_EQ(resolved("1a:b", "c"), "c|");
}

} // namespace
