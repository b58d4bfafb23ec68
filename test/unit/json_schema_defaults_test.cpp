/* The members that "default" adds. */
#include "fuzz/compiled_schema.hpp"
#include "fuzz/merge_laws.hpp"

#include "json/schema/defaults.hpp"

#include <gtest/gtest.h>

namespace {

using namespace opigno;
using test::Bytes;
using test::Compiled;

std::string container_of(const std::string &text)
{
    return test::container_of(test::TextParser(text).parse().value_or(test::Document()));
}

/* The bytes of the value with what is added, or "unchanged". */
std::string filled(const std::string &schema, const std::string &value)
{
    const Compiled compiled(schema);
    const test::Exact base(container_of(value));
    json::Plan plan;
    const std::size_t added = json::schema::plan_defaults(*compiled.program, base.bytes(), plan);
    if (!plan.changes()) {
        EXPECT_EQ(added, 0);
        return "unchanged";
    }
    const auto room = test::room_of(base.bytes().size() + added + plan.slack());
    const char *end = json::write_plan(plan, room.get());
    return end == nullptr ? "too large" : std::string(static_cast<const char *>(room.get()), end);
}

void expect_filled(const std::string &schema, const std::string &value, const std::string &expected)
{
    EXPECT_EQ(filled(schema, value), container_of(expected)) << schema << " " << value;
}

TEST(JsonSchemaDefaults, AddsMembersThatAreMissing)
{
    const std::string schema =
        R"({"properties": {"a": {"default": 1}, "b": {"default": [2, {"c": "x"}]}, "d": {}}})";
    expect_filled(schema, "{}", R"({"a": 1, "b": [2, {"c": "x"}]})");
    expect_filled(schema, R"({"a": null, "e": true})", R"({"a": null, "b": [2, {"c": "x"}], "e": true})");
    EXPECT_EQ(filled(schema, R"({"a": 1, "b": 2})"), "unchanged");
}

TEST(JsonSchemaDefaults, DescendsIntoObjectsThatExist)
{
    const std::string schema = R"({"properties": {"a": {"properties": {"b": {"default": 1}}}}})";
    expect_filled(schema, R"({"a": {}})", R"({"a": {"b": 1}})");
    expect_filled(schema, R"({"a": {"c": 2}, "z": {}})", R"({"a": {"b": 1, "c": 2}, "z": {}})");
    EXPECT_EQ(filled(schema, "{}"), "unchanged");
    EXPECT_EQ(filled(schema, R"({"a": [{}]})"), "unchanged");
}

TEST(JsonSchemaDefaults, FollowsAllOfAndReferences)
{
    expect_filled(R"({"allOf": [{"properties": {"a": {"default": 1}}}, {"$ref": "#/$defs/x"}],
                      "$defs": {"x": {"properties": {"b": {"$ref": "#/$defs/y"}}}, "y": {"default": 2}}})",
                  "{}", R"({"a": 1, "b": 2})");
    /* The first that applies. */
    expect_filled(
        R"({"properties": {"a": {"default": 1}}, "allOf": [{"properties": {"a": {"default": 2}}}]})", "{}",
        R"({"a": 1})");
    /* A schema that refers to itself. */
    expect_filled(R"({"properties": {"a": {"$ref": "#"}, "b": {"default": 0}}})", R"({"a": {"a": {}}})",
                  R"({"a": {"a": {"b": 0}, "b": 0}, "b": 0})");
}

TEST(JsonSchemaDefaults, NotWhereAConditionDecides)
{
    for (const char *schema :
         {R"({"anyOf": [{"properties": {"a": {"default": 1}}}]})",
          R"({"oneOf": [{"properties": {"a": {"default": 1}}}]})",
          R"({"if": true, "then": {"properties": {"a": {"default": 1}}}})",
          R"({"not": {"not": {"properties": {"a": {"default": 1}}}}})",
          R"({"patternProperties": {"a": {"default": 1}}, "additionalProperties": {"default": 1}})",
          R"({"dependentSchemas": {"b": {"properties": {"a": {"default": 1}}}}})"})
        EXPECT_EQ(filled(schema, R"({"b": {}})"), "unchanged") << schema;
}

TEST(JsonSchemaDefaults, AreLimited)
{
    test::Document properties = test::object();
    test::Document reference = test::object();
    reference.members["$ref"] = test::string("#");
    properties.members["c"] = reference;
    test::Document property = test::object();
    property.members["default"] = test::string(std::string(10000, 'x'));
    for (int at = 0; at < 1000; ++at)
        properties.members["n" + std::to_string(at)] = property;
    test::Document schema = test::object();
    schema.members["properties"] = properties;
    const Compiled compiled(schema);
    test::Document base = test::object();
    for (int level = 0; level < 40; ++level) {
        test::Document outer = test::object();
        outer.members["c"] = base;
        base = outer;
    }
    const test::Exact bytes(test::container_of(base));
    json::Plan plan;
    EXPECT_GT(json::schema::plan_defaults(*compiled.program, bytes.bytes(), plan),
              json::schema::max_defaults);
}

TEST(JsonSchemaDefaults, WideObjects)
{
    test::Document properties = test::object();
    test::Document base = test::object();
    test::Document expected = test::object();
    for (int at = 0; at < 200; ++at) {
        const std::string name = "n" + std::to_string(at);
        test::Document property = test::object();
        property.members["default"] = test::string(name);
        properties.members[name] = property;
        expected.members[name] = test::string(at % 3 == 0 ? "own" : name);
        if (at % 3 == 0)
            base.members[name] = test::string("own");
    }
    test::Document schema = test::object();
    schema.members["properties"] = properties;
    const Compiled compiled(schema);
    const test::Exact bytes(test::container_of(base));
    json::Plan plan;
    const std::size_t added = json::schema::plan_defaults(*compiled.program, bytes.bytes(), plan);
    const auto room = test::room_of(bytes.bytes().size() + added + plan.slack());
    const char *end = json::write_plan(plan, room.get());
    ASSERT_NE(end, nullptr);
    EXPECT_EQ(std::string(static_cast<const char *>(room.get()), end), test::container_of(expected));
}

} // namespace
