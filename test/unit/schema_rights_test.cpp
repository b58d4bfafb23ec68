/* What the rights of a schema hide, keep and refuse. */
#include "fuzz/host.hpp"
#include "fuzz/parse_text.hpp"

#include "json/merge/merge_plan.hpp"
#include "json/merge/plan_writer.hpp"
#include "json/schema/rights.hpp"
#include "json/value/jsonb_check.hpp"

#include <gtest/gtest.h>

namespace {

using namespace opigno;
using namespace opigno::json::schema;
using test::Document;

std::string bytes_of(std::string_view text)
{
    return test::container_of(test::TextParser(text).parse().value());
}

json::Value value_of(const std::string &bytes)
{
    return {json::container_type, bytes};
}

/* The rights of a schema, or its faults: "pointer: message", one a line. */
class RightsTest : public testing::Test {
  protected:
    std::string faults_of(std::string_view schema)
    {
        compile_schema(schema);
        std::string text;
        for (std::size_t at = 0; at < faults_.size(); ++at)
            text += std::string(faults_[at].pointer) + ": " + faults_[at].message + "\n";
        return text;
    }

    /* The places whose faults are all that they are at a place where rights are not supported. */
    std::string refused_places_of(std::string_view schema)
    {
        compile_schema(schema);
        std::string text;
        for (std::size_t at = 0; at < faults_.size(); ++at)
            text += std::string(text.empty() ? "" : " ") +
                    (std::string_view(faults_[at].message).find("is supported only where") ==
                             std::string_view::npos
                         ? faults_[at].message
                         : faults_[at].pointer);
        return text;
    }

    /* Begins to ask with scopes; a request without scopes otherwise. */
    void ask(std::string_view schema, std::initializer_list<std::string_view> scopes = {})
    {
        ASSERT_EQ(faults_of(schema), "");
        ASSERT_NE(rights_, nullptr);
        held_ = 0;
        for (std::size_t at = 0; at < rights_->scopes.size(); ++at)
            for (const std::string_view scope : scopes)
                if (rights_->scopes[at].name == scope)
                    held_ |= ScopeSet{1} << at;
    }

    std::string visible(std::string_view text)
    {
        const std::string document = bytes_of(text);
        json::Plan plan;
        plan_visible(asker(), document, plan);
        return written(plan, document.size());
    }

    std::string kept(std::string_view stored_text, std::string_view given_text)
    {
        const std::string stored = bytes_of(stored_text);
        const std::string given = bytes_of(given_text);
        json::Plan plan;
        plan_kept(asker(), stored, given, plan);
        return written(plan, stored.size() + given.size());
    }

    /* Pointers to what may not be written; a text that is empty is no document. */
    std::string forbidden(std::string_view stored_text, std::string_view wanted_text,
                          std::string_view given_text, std::size_t max_faults = 100)
    {
        const auto bytes = [](std::string_view text) {
            return text.empty() ? std::string() : bytes_of(text);
        };
        const std::string stored = bytes(stored_text);
        const std::string wanted = bytes(wanted_text);
        const std::string given = bytes(given_text);
        const auto value = [](const std::string &from) {
            return from.empty() ? std::nullopt : std::optional(value_of(from));
        };
        Pointers found;
        find_forbidden(asker(), {value(stored), value(wanted), value(given)}, max_faults, found);
        std::string text;
        for (std::size_t at = 0; at < found.size(); ++at)
            text += std::string(at == 0 ? "" : " ") + "\"" + found[at] + "\"";
        return text;
    }
    std::string refused_replacement(std::string_view stored, std::string_view wanted)
    {
        return forbidden(stored, wanted, wanted);
    }

    bool writes_what_it_does_not_see(std::string_view text)
    {
        const std::string given = bytes_of(text);
        return writes_unseen(asker(), value_of(given));
    }

    [[nodiscard]] Asker asker() const { return {*rights_, held_}; }

    const Rights *rights_ = nullptr;

  private:
    void compile_schema(std::string_view text)
    {
        schema_.push_back(std::make_unique<std::string>(bytes_of(text)));
        while (!faults_.empty())
            faults_.pop_back();
        SchemaFaults unknown;
        const Program *program = compile(value_of(*schema_.back()), {}, faults_, unknown);
        EXPECT_EQ(unknown.size(), 0U);
        rights_ = program == nullptr ? nullptr : compile_rights(*program, faults_);
    }

    /* Compares by text, so that the order of members does not matter. */
    static std::string written(const json::Plan &plan, std::size_t size)
    {
        if (!plan.changes())
            return "as it is";
        std::string buffer(size + plan.slack(), '\0');
        char *end = json::write_plan(plan, buffer.data());
        buffer.resize(static_cast<std::size_t>(end - buffer.data()));
        EXPECT_EQ(json::format_flaw(buffer), nullptr);
        return buffer;
    }

    test::Arena arena_;
    std::vector<std::unique_ptr<std::string>> schema_;
    SchemaFaults faults_;
    ScopeSet held_ = 0;
};

constexpr std::string_view hides_three = R"({"properties": {
    "secret": {"writeOnly": true}, "note": {"x-opigno-read": ["TEACHER", "ADMINISTRATOR"]},
    "inner": {"properties": {"deep": {"properties": {"pin": {"writeOnly": true}}}}}}})";

constexpr std::string_view locks_three = R"({"properties": {
    "credits": {"readOnly": true}, "group": {"x-opigno-write": ["TEACHER"]},
    "inner": {"allOf": [{"$ref": "#/$defs/inner"}]}},
    "$defs": {"inner": {"properties": {"locked": {"readOnly": true}}}}})";

TEST_F(RightsTest, AreNoneWhereASchemaGivesNone)
{
    for (const std::string_view schema :
         {"{}", R"({"properties": {"readOnly": {"type": "string"}, "x": {"readOnly": false}}})",
          R"({"default": {"readOnly": true}, "enum": [{"writeOnly": true}]})",
          R"({"$defs": {"unused": {"readOnly": true}}})"}) {
        EXPECT_EQ(faults_of(schema), "") << schema;
        EXPECT_EQ(rights_, nullptr) << schema;
    }
}

TEST_F(RightsTest, LeaveOutWhatARequestMayNotSee)
{
    ask(hides_three);
    EXPECT_EQ(
        visible(R"({"secret": 1, "note": "n", "inner": {"deep": {"pin": 1, "x": 2}, "y": 3}, "z": [{}]})"),
        bytes_of(R"({"inner": {"deep": {"x": 2}, "y": 3}, "z": [{}]})"));
    EXPECT_EQ(visible(R"({"secret": null})"), bytes_of("{}"));
    EXPECT_EQ(visible(R"({"inner": {"deep": {"pin": {"a": [1]}}}})"), bytes_of(R"({"inner": {"deep": {}}})"));
    EXPECT_EQ(visible(R"({"inner": {"pin": 1}, "pin": 2, "deep": {"pin": 3}})"), "as it is");
    EXPECT_EQ(visible(R"({"inner": [{"deep": {"pin": 1}}]})"), "as it is");
    EXPECT_EQ(visible("{}"), "as it is");
}

TEST_F(RightsTest, LeaveOutFromWideObjects)
{
    ask(hides_three);
    for (int members = 0; members < 140; ++members) {
        std::string rest;
        for (int member = 0; member < members; ++member)
            rest += ", \"" + std::string(static_cast<std::size_t>(member % 9) + 1, 'm') +
                    std::to_string(member) + R"(": "v")";
        EXPECT_EQ(visible(R"({"note": [1], "secret": "s", "a": true)" + rest + "}"),
                  bytes_of(R"({"a": true)" + rest + "}"));
    }
}

TEST_F(RightsTest, ScopesSeeMore)
{
    constexpr std::string_view document = R"({"secret": 1, "note": 2})";
    ask(hides_three, {"TEACHER"});
    EXPECT_EQ(visible(document), bytes_of(R"({"note": 2})"));
    EXPECT_FALSE(asker().sees_everything());
    ask(hides_three, {"OTHER"});
    EXPECT_EQ(visible(document), bytes_of("{}"));
    ask(R"({"properties": {"note": {"x-opigno-read": []}}})", {"TEACHER"});
    EXPECT_EQ(visible(document), bytes_of(R"({"secret": 1})"));
    ask(R"({"properties": {"note": {"x-opigno-read": ["A"]}}})", {"A"});
    EXPECT_TRUE(asker().sees_everything());
    ask(locks_three);
    EXPECT_TRUE(asker().sees_everything());
}

TEST_F(RightsTest, AllRightsOnAPlaceMustAllow)
{
    constexpr std::string_view schema = R"({"properties": {"a": {"x-opigno-read": ["A", "B"]}},
        "allOf": [{"properties": {"a": {"x-opigno-read": ["B", "C"]}}}]})";
    const std::string all = bytes_of(R"({"a": 1})");
    ask(schema, {"A"});
    EXPECT_EQ(visible(R"({"a": 1})"), bytes_of("{}"));
    ask(schema, {"A", "C"});
    EXPECT_EQ(visible(R"({"a": 1})"), "as it is");
    ask(schema, {"B"});
    EXPECT_EQ(visible(R"({"a": 1})"), "as it is");
}

TEST_F(RightsTest, ReplacementsKeepWhatIsNotSeen)
{
    ask(hides_three);
    EXPECT_EQ(kept(R"({"secret": 1, "note": 2, "a": 3})", R"({"b": 4})"),
              bytes_of(R"({"secret": 1, "note": 2, "b": 4})"));
    EXPECT_EQ(kept(R"({"secret": 1})", R"({"secret": 2})"), "as it is");
    EXPECT_EQ(kept(R"({"inner": {"deep": {"pin": 1, "x": 2}}})", R"({"inner": {"deep": {"y": 3}}})"),
              bytes_of(R"({"inner": {"deep": {"pin": 1, "y": 3}}})"));
    EXPECT_EQ(kept(R"({"inner": {"deep": {"pin": 1, "x": 2}, "z": 1}})", R"({"a": 1})"),
              bytes_of(R"({"inner": {"deep": {"pin": 1}}, "a": 1})"));
    EXPECT_EQ(kept(R"({"inner": {"deep": {"x": 2}}})", "{}"), "as it is");
    EXPECT_EQ(kept(R"({"inner": {"deep": {"pin": 1}}})", R"({"inner": 7})"), "as it is");
    EXPECT_EQ(kept(R"({"inner": {"deep": {"pin": 1}}})", R"({"inner": {"deep": {"pin": 5}}})"), "as it is");
}

TEST_F(RightsTest, RefuseChangesOfWhatIsLocked)
{
    ask(locks_three);
    EXPECT_EQ(refused_replacement("", R"({"a": 1, "inner": {"free": 1}})"), "");
    EXPECT_EQ(refused_replacement("", R"({"credits": 1, "group": 1, "inner": {"locked": 1}})"),
              R"("/group" "/inner/locked" "/credits")");
    constexpr std::string_view stored =
        R"({"credits": {"a": 1}, "group": "g", "inner": {"locked": 1, "x": 1}})";
    EXPECT_EQ(refused_replacement(stored, stored), "");
    EXPECT_EQ(
        refused_replacement(stored, R"({"credits": {"a": 2}, "group": "g", "inner": {"locked": 1, "y": 1}})"),
        R"("/credits")");
    EXPECT_EQ(refused_replacement(stored, "{}"), R"("/group" "/inner/locked" "/credits")");
    EXPECT_EQ(refused_replacement(stored, "[]"), R"("/group" "/inner/locked" "/credits")");
    EXPECT_EQ(forbidden(stored, "", "", 2), R"("/group" "/inner/locked")");
    ask(locks_three, {"TEACHER"});
    EXPECT_EQ(refused_replacement(stored, "{}"), R"("/inner/locked" "/credits")");
    ask(R"({"readOnly": true})");
    EXPECT_EQ(refused_replacement("", "{}"), R"("")");
    EXPECT_EQ(refused_replacement("{}", "{}"), "");
    ask(R"({"properties": {"a/b~c": {"readOnly": true}}})");
    EXPECT_EQ(refused_replacement("", R"({"a/b~c": 1})"), R"("/a~1b~0c")");
}

TEST_F(RightsTest, RefuseGuessesOfWhatIsNotSeen)
{
    constexpr std::string_view stored = R"({"note": "n", "secret": "s"})";
    ask(hides_three);
    EXPECT_EQ(forbidden(stored, stored, R"({"note": "n"})"), R"("/note")");
    EXPECT_EQ(forbidden("{}", "{}", R"({"note": null})"), R"("/note")");
    EXPECT_EQ(forbidden(stored, stored, R"({"secret": "s"})"), "");
    EXPECT_TRUE(writes_what_it_does_not_see(R"({"secret": "s"})"));
    EXPECT_TRUE(writes_what_it_does_not_see(R"({"inner": {"deep": {"pin": null}}})"));
    EXPECT_FALSE(writes_what_it_does_not_see(R"({"inner": {"deep": null}, "a": 1})"));
    ask(R"({"properties": {"a": {"writeOnly": true, "properties": {"b": {"readOnly": true}}}}})");
    EXPECT_EQ(forbidden(R"({"a": {"b": 1}})", R"({"a": {"b": 1}})", R"({"a": {"b": 1}})"), R"("/a/b")");
    EXPECT_EQ(forbidden(R"({"a": {"b": 1}})", R"({"a": {"b": 1, "c": 1}})", R"({"a": {"c": 1}})"), "");
}

TEST_F(RightsTest, AreRefusedWhereTheyDependOnTheDocument)
{
    EXPECT_EQ(refused_places_of(
                  R"({"items": {"readOnly": true}, "anyOf": [{"properties": {"a": {"writeOnly": true}}}],
        "if": {"x-opigno-read": []}, "then": {"x-opigno-write": []}, "additionalProperties": {"readOnly": true},
        "dependentSchemas": {"a": {"readOnly": true}}, "not": {"readOnly": true}})"),
              "/dependentSchemas/a/readOnly /additionalProperties/readOnly /items/readOnly "
              "/anyOf/0/properties/a/writeOnly /not/readOnly /if/x-opigno-read /then/x-opigno-write");
    EXPECT_EQ(refused_places_of(
                  R"({"properties": {"a": {"$ref": "#/$defs/x"}, "list": {"items": {"$ref": "#/$defs/x"}}},
        "$defs": {"x": {"readOnly": true}}})"),
              "/$defs/x/readOnly");
    EXPECT_EQ(refused_places_of(R"({"properties": {"a": {"$ref": "#"}, "b": {"readOnly": true}}})"),
              "/properties/b/readOnly");
    EXPECT_EQ(refused_places_of(R"({"$ref": "#/$defs/x", "$dynamicAnchor": "n", "readOnly": true,
        "$defs": {"x": {"properties": {"a": {"$dynamicRef": "#n"}}}}})"),
              "/readOnly");
}

TEST_F(RightsTest, MustBeWellFormed)
{
    EXPECT_EQ(faults_of(R"({"properties": {"a": {"x-opigno-read": "A"}, "b": {"x-opigno-write": [1]}}})"),
              "/properties/a/x-opigno-read: \"x-opigno-read\" must be an array of names of scopes\n"
              "/properties/b/x-opigno-write: \"x-opigno-write\" must be an array of names of scopes\n");
    EXPECT_EQ(faults_of(R"({"writeOnly": true})"),
              "/writeOnly: \"writeOnly\" cannot hide the whole document\n");
    EXPECT_EQ(faults_of(R"({"$schema": "http://json-schema.org/draft-07/schema#",
        "properties": {"a": {"$ref": "#/definitions/x", "readOnly": true}}, "definitions": {"x": {}}})"),
              "/properties/a/readOnly: \"readOnly\" would be ignored beside \"$ref\" in this draft\n");
    std::string many = R"({"properties": {"a": {"x-opigno-read": [)";
    for (int scope = 0; scope < 65; ++scope)
        many += std::string(scope == 0 ? "" : ",") + "\"S" + std::to_string(scope) + "\"";
    EXPECT_EQ(faults_of(many + "]}}}"),
              "/properties/a/x-opigno-read: \"x-opigno-read\" has more scopes than the "
              "rights of a schema can name\n");
}

TEST_F(RightsTest, OfADraftWithoutTheKeywordHoldToo)
{
    ask(R"({"$schema": "http://json-schema.org/draft-04/schema#", "properties": {"a": {"readOnly": true}}})");
    EXPECT_EQ(refused_replacement("", R"({"a": 1})"), R"("/a")");
}

TEST_F(RightsTest, BranchesThatGiveNoneCostNothing)
{
    std::string schema =
        R"({"properties": {"locked": {"readOnly": true}, "tree": {"$ref": "#/$defs/d0"}}, "$defs": {)";
    for (int level = 0; level < 30; ++level) {
        const std::string next =
            level == 29 ? "{}" : R"({"$ref": "#/$defs/d)" + std::to_string(level + 1) + "\"}";
        schema += std::string(level == 0 ? "" : ",") + "\"d" + std::to_string(level) +
                  R"(": {"properties": {"l": )" + next + R"(, "r": )" + next + "}}";
    }
    ask(schema + "}}");
    EXPECT_EQ(rights_->places.size(), 2U);
}

} // namespace
