/* Judging values: what the official suite does not try, hostile values, and laws of schemas. */
#include "fuzz/compiled_schema.hpp"

#include "json/schema/equality.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>

namespace {

using namespace opigno;
using namespace opigno::json::schema;
using test::Bytes;
using test::Compiled;
using test::Document;

std::string repeated(const std::string &text, std::size_t times)
{
    std::string made;
    while (times-- > 0)
        made += text;
    return made;
}

/* The bytes of arrays within arrays, so many that the plain way would take minutes. */
Bytes nested(std::uint32_t levels, const std::string &innermost = test::word_bytes(json::array_flag))
{
    std::string bytes;
    for (std::uint32_t inside = levels - 1; inside > 0; --inside)
        bytes += test::word_bytes(json::array_flag | 1) +
                 test::word_bytes(json::container_type | json::has_offset |
                                  static_cast<std::uint32_t>(8 * (inside - 1) + innermost.size()));
    return Bytes::of_container(bytes + innermost);
}

Document array_of(std::size_t count, const std::function<Document(std::size_t)> &element)
{
    Document made = test::array({});
    for (std::size_t at = 0; at < count; ++at)
        made.elements.push_back(element(at));
    return made;
}

Document text_of(std::size_t at)
{
    return test::string(std::to_string(at));
}

TEST(JsonSchemaEvaluate, LengthsAreInCharacters)
{
    const Compiled schema(R"({"minLength": 2, "maxLength": 3})");
    EXPECT_TRUE(schema.accepts(R"("éé")"));
    EXPECT_TRUE(schema.accepts(R"("𝄞𝄞𝄞")"));
    EXPECT_FALSE(schema.accepts(R"("é")"));
    EXPECT_FALSE(schema.accepts(R"("𝄞𝄞𝄞𝄞")"));
    EXPECT_FALSE(schema.accepts(R"("abcd")"));
}

TEST(JsonSchemaEvaluate, NamesAreFoundAmongMany)
{
    std::string properties;
    std::string value;
    for (int at = 0; at < 300; ++at) {
        const std::string name = std::string(static_cast<std::size_t>(at) % 70, 'n') + std::to_string(at);
        properties += (at == 0 ? "\"" : ", \"") + name + R"(": {"const": )" + std::to_string(at) + "}";
        value += (at == 0 ? "\"" : ", \"") + name + "\": " + std::to_string(at);
    }
    const Compiled schema(R"({"additionalProperties": false, "properties": {)" + properties + "}}");
    EXPECT_TRUE(schema.accepts("{" + value + "}"));
    EXPECT_FALSE(schema.accepts("{" + value + R"(, "other": 1})"));
    EXPECT_FALSE(schema.accepts("{" + value.substr(0, value.size() - 3) + "298}"));
}

TEST(JsonSchemaEvaluate, LongListsOfValuesAreSearchedByHashes)
{
    std::string values;
    for (int at = 0; at < 100; ++at)
        values += (at == 0 ? "" : ", ") + std::to_string(at) + R"(.0, {"a": )" + std::to_string(at) + "}";
    const Compiled schema("{\"enum\": [" + values + "]}");
    for (const char *value : {"0", "99.00", R"({"a": 7})", R"({"a": 99.0})"})
        EXPECT_TRUE(schema.accepts(value)) << value;
    for (const char *value : {"100", "-1", R"({"a": 100})", "\"1\"", "[]", "null"})
        EXPECT_FALSE(schema.accepts(value)) << value;
}

TEST(JsonSchemaEvaluate, AnyNumberOfPartsCanBeEvaluated)
{
    const Compiled schema(R"({"anyOf": [{"patternProperties": {"^a": true}}, {"required": ["none"]},
                              {"patternProperties": {"^b": true}}], "unevaluatedProperties": false})");
    const Compiled items(R"({"anyOf": [{"prefixItems": [true, true]}, {"contains": {"type": "string"}}],
                             "unevaluatedItems": false})");
    for (const std::size_t count : {1, 63, 64, 65, 128, 1000}) {
        Document value = test::object();
        for (std::size_t at = 0; at < count; ++at)
            value.members[(at % 2 == 0 ? "a" : "b") + std::to_string(at)] = Document();
        EXPECT_TRUE(schema.accepts(value)) << count;
        value.members["c"] = Document();
        EXPECT_FALSE(schema.accepts(value)) << count;
        Document elements = array_of(count, text_of);
        EXPECT_TRUE(items.accepts(elements)) << count;
        elements.elements.emplace_back();
        EXPECT_EQ(items.accepts(elements), count < 2) << count;
    }
}

TEST(JsonSchemaEvaluate, FailingBranchesEvaluateNothing)
{
    const Compiled schema(R"({"anyOf": [{"properties": {"a": true, "b": {"type": "null"}}}, true],
                              "unevaluatedProperties": false})");
    EXPECT_TRUE(schema.accepts(R"({"a": 1, "b": null})"));
    EXPECT_FALSE(schema.accepts(R"({"a": 1, "b": 2})"));
    const Compiled negated(
        R"({"not": {"not": {"properties": {"a": true}}}, "unevaluatedProperties": false})");
    EXPECT_FALSE(negated.accepts(R"({"a": 1})"));
}

/* Hostile values and schemas: an answer, or an orderly end, and interrupts are served meanwhile. */

class JsonSchemaHostile : public testing::Test {
  protected:
    /* Far above what it takes, far below what it would take without limits. */
    void TearDown() override
    {
        EXPECT_LT(std::chrono::steady_clock::now() - started_, std::chrono::minutes(1));
    }

  private:
    std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

#ifdef OPIGNO_WITH_RE2
TEST_F(JsonSchemaHostile, PatternsOfLongTexts)
{
    const Document text = test::string(repeated("ab", 500000));
    EXPECT_EQ(Compiled(R"({"pattern": "^(a|b)*$"})").judge(text), Verdict::Valid);
    EXPECT_EQ(Compiled(R"({"pattern": "^(a+)+$"})").judge(test::string(repeated("a", 1000000) + "!")),
              Verdict::Invalid);
    const std::string costly = R"({"pattern": "^(x{1,30}){1,30}$"})";
    EXPECT_EQ(Compiled(costly).judge(test::string(repeated("x", 800))), Verdict::Valid);
    EXPECT_EQ(Compiled(costly).judge(test::string(repeated("x", 1000000))), Verdict::TooExpensive);
    /* maxLength bounds the cost, also for the search for faults. */
    const Compiled bounded(R"({"maxLength": 10, "pattern": "^(x{1,30}){1,30}$"})");
    EXPECT_EQ(bounded.judge(test::string(repeated("x", 1000000))), Verdict::Invalid);
}

/* The automaton of RE2 becomes too large for such texts, and each byte costs as much as the program is long.
 */
TEST_F(JsonSchemaHostile, PatternsThatThrash)
{
    std::string text;
    std::uint32_t random = 1;
    for (int at = 0; at < 1000000; ++at) {
        random = random * 1664525 + 1013904223;
        text += (random >> 31) != 0 ? 'a' : 'b';
    }
    EXPECT_EQ(Compiled(R"({"pattern": "(a|b)*a(a|b){300}c"})").judge(test::string(text)),
              Verdict::TooExpensive);
}

TEST_F(JsonSchemaHostile, ManyPatternsForManyNames)
{
    std::string patterns;
    for (int at = 0; at < 500; ++at)
        patterns += (at == 0 ? "\"" : ", \"") + std::string("(a|b)") + std::to_string(at) + "$\": true";
    Document value = test::object();
    for (int at = 0; at < 20000; ++at)
        value.members["n" + std::to_string(at)] = Document();
    EXPECT_EQ(Compiled("{\"patternProperties\": {" + patterns + "}}").judge(value), Verdict::TooExpensive);
}
#endif

/* Patterns that need no automaton are counted, too. */
TEST_F(JsonSchemaHostile, SimplePatternsOfLongTexts)
{
    std::string patterns;
    for (int at = 0; at < 9000; ++at)
        patterns += std::string(at == 0 ? "" : ", ") + R"({"pattern": "^[a-z]*$"})";
    EXPECT_EQ(Compiled("{\"allOf\": [" + patterns + "]}").judge(test::string(repeated("a", 1000000))),
              Verdict::TooExpensive);
}

TEST_F(JsonSchemaHostile, DeepValues)
{
    const Compiled schema(R"({"items": {"$ref": "#"}})");
    EXPECT_EQ(schema.judge(nested(500)), Verdict::Valid);
    const Verdict verdict = schema.judge(nested(5000));
    EXPECT_TRUE(verdict == Verdict::Valid || verdict == Verdict::TooDeep);
    EXPECT_EQ(schema.judge(nested(200000)), Verdict::TooDeep);
}

TEST_F(JsonSchemaHostile, DeepValuesAreCompared)
{
    const test::Arena arena;
    const Bytes deep = nested(200000);
    std::uint64_t steps = 0;
    bool is_too_deep = false;
    EXPECT_EQ(compare(deep.value(), nested(200000).value(), steps), Equality::TooDeep);
    hash_of(deep.value(), steps, is_too_deep);
    EXPECT_TRUE(is_too_deep);
    EXPECT_EQ(Compiled(R"({"const": [[]]})").judge(nested(200000)), Verdict::Invalid);
}

TEST_F(JsonSchemaHostile, FaultsOfDeepValues)
{
    const Compiled schema(R"({"items": {"$ref": "#"}, "maxItems": 1})");
    const Bytes value = nested(1000, test::container_of(test::array({Document(), Document()})));
    ASSERT_EQ(schema.judge(value), Verdict::Invalid);
    Faults faults;
    find_faults(*schema.program, value.value(), 100, faults);
    ASSERT_EQ(faults.size(), 1);
    EXPECT_EQ(faults[0].keyword, "maxItems");
    /* Pointers end at an outer place after 1000 bytes. */
    EXPECT_EQ(std::string(faults[0].instance), repeated("/0", 500));
    EXPECT_EQ(std::string(faults[0].generalized), repeated("/*", 500));
}

TEST_F(JsonSchemaHostile, UniqueItems)
{
    constexpr std::size_t many = 100000;
    const Compiled schema(R"({"uniqueItems": true})");
    Document texts = array_of(many, text_of);
    const std::size_t polls = schema.memory.polls();
    EXPECT_EQ(schema.judge(texts), Verdict::Valid);
    EXPECT_GE(schema.memory.polls() - polls, many);
    texts.elements.push_back(text_of(7));
    EXPECT_EQ(schema.judge(texts), Verdict::Invalid);
    const auto object_of = [](std::size_t at) {
        Document made = test::object();
        made.members["a"] = test::array({text_of(at)});
        return made;
    };
    Document objects = array_of(many / 5, object_of);
    EXPECT_EQ(schema.judge(objects), Verdict::Valid);
    objects.elements.push_back(object_of(many / 5 - 1));
    EXPECT_EQ(schema.judge(objects), Verdict::Invalid);
}

/* Nodes that double the number of evaluations with each level. */
TEST_F(JsonSchemaHostile, EvaluationsThatMultiply)
{
    std::string definitions = R"("l0": {"type": "null"})";
    for (int level = 1; level <= 30; ++level) {
        const std::string inner = R"({"$ref": "#/$defs/l)" + std::to_string(level - 1) + "\"}";
        definitions += ", \"l" + std::to_string(level) + R"(": {"allOf": [)" + inner + ", " + inner + "]}";
    }
    const std::string rest = R"(, "$defs": {)" + definitions + "}}";
    for (const char *schema : {R"({"$ref": "#/$defs/l30")", R"({"not": {"$ref": "#/$defs/l30"})",
                               R"({"unevaluatedItems": false, "$ref": "#/$defs/l30")"})
        EXPECT_EQ(Compiled(schema + rest).judge("null"), Verdict::TooExpensive) << schema;
}

TEST_F(JsonSchemaHostile, ChainsOfDynamicReferences)
{
    const Compiled schema(R"({"$id": "urn:a", "$dynamicAnchor": "n", "items": {"$ref": "urn:b"},
                              "$defs": {"b": {"$id": "urn:b", "$dynamicAnchor": "n",
                                              "items": {"$dynamicRef": "#n"}, "type": "array"}}})");
    ASSERT_NE(schema.program, nullptr);
    EXPECT_EQ(schema.judge(nested(300)), Verdict::Valid);
    const Verdict verdict = schema.judge(nested(20000));
    EXPECT_TRUE(verdict == Verdict::TooDeep || verdict == Verdict::TooExpensive);
    EXPECT_EQ(schema.judge("[1]"), Verdict::Invalid);
}

TEST_F(JsonSchemaHostile, ManyBranchesOfWideObjects)
{
    const std::string branches = repeated(R"({"required": ["none"]}, )", 5000);
    const Compiled schema(R"({"anyOf": [)" + branches + R"({"properties": {"a": true}}],
                              "unevaluatedProperties": true})");
    ASSERT_NE(schema.program, nullptr);
    Document value = test::object();
    for (int at = 0; at < 30000; ++at)
        value.members["n" + std::to_string(at)] = Document();
    EXPECT_EQ(schema.judge(value), Verdict::TooExpensive);
}

} // namespace
