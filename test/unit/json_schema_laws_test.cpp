/* Laws of schemas, by random schemas and values: ways to write a schema anew that keep its verdicts. */
#include "fuzz/compiled_schema.hpp"
#include "fuzz/take_schema.hpp"

#include <gtest/gtest.h>

#include <random>

namespace {

using namespace opigno;
using namespace opigno::json::schema;
using test::Bytes;
using test::Compiled;
using test::Document;

Document with(const char *keyword, const Document &value)
{
    Document made = test::object();
    made.members[keyword] = value;
    return made;
}

/* The schema without references and identifiers, whose meaning depends on the place. */
Document alone(const Document &schema)
{
    Document made = schema;
    for (const char *keyword : {"$ref", "$dynamicRef", "$recursiveRef", "$id", "id", "$schema", "$anchor",
                                "$dynamicAnchor", "$recursiveAnchor", "$defs"})
        made.members.erase(keyword);
    for (auto &[name, member] : made.members)
        member = alone(member);
    for (Document &element : made.elements)
        element = alone(element);
    return made;
}

Document moved(Document written, const Document &schema)
{
    written.members["$defs"] = with("s", schema);
    return written;
}

Document reference()
{
    return with("$ref", test::string("#/$defs/s"));
}

std::vector<Document> written_anew(const Document &schema)
{
    const Document accepts_nothing = test::constant(Document::Kind::False);
    const Document accepts_all = test::constant(Document::Kind::True);
    Document branches = with("if", reference());
    branches.members["else"] = accepts_nothing;
    Document twice = with("$ref", test::string("#/$defs/s"));
    twice.members["allOf"] = test::array({reference(), accepts_all});
    std::vector<Document> made = {reference(),
                                  with("allOf", test::array({reference()})),
                                  with("anyOf", test::array({accepts_nothing, reference()})),
                                  with("oneOf", test::array({reference(), accepts_nothing})),
                                  with("not", with("not", reference())),
                                  branches,
                                  twice};
    for (Document &each : made)
        each = moved(each, schema);
    return made;
}

/* A verdict, which find_faults() must confirm. */
Verdict verdict_of(const Compiled &schema, const Bytes &value)
{
    const Verdict verdict = schema.judge(value);
    if (verdict != Verdict::Valid && verdict != Verdict::Invalid)
        return verdict;
    Faults faults;
    find_faults(*schema.program, value.value(), 100, faults);
    const bool has_fault = faults.size() > 1 || !faults[0].keyword.empty() || schema.root().accepts_nothing;
    EXPECT_EQ(has_fault, verdict == Verdict::Invalid);
    return verdict;
}

bool is_decided(Verdict verdict)
{
    return verdict == Verdict::Valid || verdict == Verdict::Invalid;
}

TEST(JsonSchemaLaws, SchemasWrittenAnewHaveTheSameVerdicts)
{
    std::mt19937 random(7);
    int compiled = 0;
    int valid = 0;
    for (int round = 0; round < 3000; ++round) {
        std::string bytes;
        for (int at = 0; at < 400; ++at)
            bytes += static_cast<char>(random());
        test::Stream stream(bytes);
        test::SchemaTaker taker(stream);
        const Document source = alone(taker.take_schema());
        const Bytes value(taker.take_value());
        const Compiled schema(moved(reference(), source));
        if (schema.program == nullptr)
            continue;
        const Verdict verdict = verdict_of(schema, value);
        if (!is_decided(verdict))
            continue;
        ++compiled;
        valid += verdict == Verdict::Valid ? 1 : 0;
        for (const Document &each : written_anew(source)) {
            const Compiled anew(each);
            ASSERT_NE(anew.program, nullptr);
            const Verdict other = verdict_of(anew, value);
            ASSERT_TRUE(other == verdict || !is_decided(other)) << round;
        }
        const Compiled negated(moved(with("not", reference()), source));
        const Verdict opposite = verdict_of(negated, value);
        ASSERT_TRUE(opposite != verdict || !is_decided(opposite)) << round;
    }
    EXPECT_GT(compiled, 1000);
    EXPECT_GT(valid, 300);
    EXPECT_LT(valid, compiled - 300);
}

} // namespace
