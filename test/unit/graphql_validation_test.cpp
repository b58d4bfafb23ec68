/* Validating GraphQL: what the comparison with graphql-js does not show: limits and where nodes lead. */
#include "fuzz/host.hpp"
#include "gateway/graphql/parser.hpp"
#include "gateway/graphql/validation.hpp"
#include "graphql/test_schema.hpp"

#include <gtest/gtest.h>

namespace {

using namespace opigno;
using namespace opigno::graphql;
namespace tables = test::graphql_tables;

class GraphqlValidation : public testing::Test {
  protected:
    Document &read(const std::string &text)
    {
        text_ = text;
        Error error;
        document_ = parse(text_, limits_, arena_, error);
        EXPECT_NE(document_, nullptr) << error.message;
        return *document_;
    }

    /* The messages, each on a line. */
    std::string errors_of(const std::string &text, const Schema &schema = tables::schema)
    {
        std::string messages;
        for (const Error &error : validate(read(text), schema, limits_, arena_))
            messages += (messages.empty() ? "" : "\n") + std::string(error.message);
        return messages;
    }

    test::Arena memory_;
    Arena arena_;
    Limits limits_;
    std::string text_;
    Document *document_ = nullptr;
};

TEST_F(GraphqlValidation, LimitsCountWhatFragmentsPutIn)
{
    const std::string text =
        "{ me { ...A a: id } } fragment A on UserContext { ...B b: uuid profiles { id } } "
        "fragment B on UserContext { c: uuid scope }";
    limits_.max_fields = 7;
    limits_.max_aliases = 3;
    limits_.max_depth = 3;
    EXPECT_EQ(errors_of(text), "");
    limits_.max_fields = 6;
    EXPECT_EQ(errors_of(text), "Operation has more than 6 fields.");
    limits_.max_fields = 7;
    limits_.max_aliases = 2;
    EXPECT_EQ(errors_of(text), "Operation has more than 2 aliases.");
    limits_.max_aliases = 3;
    limits_.max_depth = 2;
    EXPECT_EQ(errors_of(text), "Operation has more than 2 levels.");
    limits_ = {.max_aliases = 1, .max_fields = 1};
    EXPECT_EQ(errors_of(text), "Operation has more than 1 aliases.\nOperation has more than 1 fields.");
}

/* Each fragment spreads the next one in two fields. */
std::string bomb(int fragments)
{
    std::string text = "{ me { ...F0 } }";
    for (int number = 0; number < fragments; ++number) {
        const std::string next = number + 1 < fragments ? "...F" + std::to_string(number + 1) : "uuid";
        text += " fragment F" + std::to_string(number) + " on UserContext { a: profiles { userContext { " +
                next + " } } b: profiles { userContext { " + next + " } } }";
    }
    return text;
}

TEST_F(GraphqlValidation, FragmentsThatGrowExponentially)
{
    limits_.max_depth = 200;
    EXPECT_EQ(errors_of(bomb(60)),
              "Operation has more than 100 aliases.\nOperation has more than 10000 fields.");
    limits_.max_depth = 64;
    EXPECT_EQ(errors_of(bomb(60)),
              "Operation has more than 64 levels.\nOperation has more than 100 aliases.\n"
              "Operation has more than 10000 fields.");
}

TEST_F(GraphqlValidation, ChainsOfFragmentsNeedNoStack)
{
    limits_ = {.max_bytes = 100000000, .max_tokens = 10000000, .max_errors = 1000};
    constexpr int count = 5000;
    std::string text = "{ __schema { types { ...F0 } } me { ...G0 } }";
    for (int number = 0; number < count; ++number) {
        const std::string next = number + 1 < count ? std::to_string(number + 1) : "0";
        const std::string name = std::to_string(number);
        text += "fragment F" + name + " on __Type { name ...F" + next + " }";
        text += "fragment G" + name + " on UserContext { uuid ...G" + next + " }";
    }
    EXPECT_EQ(errors_of(text).substr(0, 36), "Cannot spread fragment \"F0\" within i");
}

/* Two fields of the same name, and in both of them two, and so on: each fragment has one level. */
TEST_F(GraphqlValidation, MergedFieldsGoNoDeeperThanTheLimit)
{
    limits_.max_tokens = 20000;
    constexpr int count = 400;
    std::string text = "{ me { ...F0 ...F0b } }";
    for (int number = 0; number < count; ++number) {
        const std::string name = std::to_string(number);
        const std::string next = std::to_string(number + 1);
        for (const char *side : {"", "b"})
            text += "fragment F" + name + side + " on UserContext { profiles { userContext { ...F" + next +
                    side + " } } }";
    }
    for (const char *side : {"", "b"})
        text += "fragment F" + std::to_string(count) + side + " on UserContext { id }";
    EXPECT_EQ(errors_of(text), "Document contains more than 64 levels.");
    limits_.max_depth = 1000;
    EXPECT_EQ(errors_of(text), "");
    text.replace(text.rfind("{ id }"), 6, "{ id: uuid }");
    EXPECT_EQ(errors_of(text).substr(0, 50), "Fields \"profiles\" conflict because subfields \"user");
}

TEST_F(GraphqlValidation, WorkIsLimited)
{
    limits_ = {.max_bytes = 100000000, .max_tokens = 10000000};
    std::string fields;
    for (int number = 0; number < 3000; ++number)
        fields += " me { uuid }";
    EXPECT_EQ(errors_of("{" + fields + "}"), "Document is too complex to be validated. Validation aborted.");
    std::string operations;
    for (int number = 0; number < 2000; ++number)
        operations += "query Q" + std::to_string(number) + " { me { ...F } }";
    std::string variables = "fragment F on UserContext {";
    for (int number = 0; number < 1000; ++number)
        variables += " uuid @include(if: $a)";
    EXPECT_EQ(errors_of(operations + variables + "}").substr(0, 34), "Variable \"$a\" is not defined by op");
}

TEST_F(GraphqlValidation, ErrorsAreLimited)
{
    limits_.max_errors = 2;
    EXPECT_EQ(errors_of("{ a b c d }"),
              "Cannot query field \"a\" on type \"Query\".\nCannot query field \"b\" on type \"Query\".\n"
              "Too many validation errors, error limit reached. Validation aborted.");
    EXPECT_EQ(errors_of("{ a b }"),
              "Cannot query field \"a\" on type \"Query\".\nCannot query field \"b\" on type \"Query\".");
}

TEST_F(GraphqlValidation, ErrorsAreShort)
{
    constexpr int count = 300;
    std::string text = "{ ...F0 }";
    for (int number = 0; number < count; ++number)
        text += " fragment F" + std::to_string(number) + " on Query { ...F" +
                std::to_string((number + 1) % count) + " }";
    const Errors errors = validate(read(text), tables::schema, limits_, arena_);
    ASSERT_EQ(errors.size(), 1U);
    EXPECT_EQ(errors.first()->at.size(), 100U);
    EXPECT_LT(errors_of("{ " + std::string(10000, 'a') + " }").size(), 3010U);
}

TEST_F(GraphqlValidation, MessagesHaveNoValues)
{
    EXPECT_EQ(errors_of("{ getUserContext(uuid: 4711) { id } }"),
              "String cannot represent a non string value.");
    EXPECT_EQ(
        errors_of("{ userContexts(scope: \"secret\", filter: \"secret\") { totalItems } }"),
        "Enum \"Scope\" cannot represent non-enum value.\nExpected value of type \"UserContextFilter\".");
}

TEST_F(GraphqlValidation, ScopesOfTheSite)
{
    const std::string text = "{ userContexts(scope: TRAINER) { totalItems } }";
    EXPECT_EQ(errors_of(text), "");
    EXPECT_EQ(errors_of(text, Schema(tables::types, tables::query, &tables::mutation)),
              "Value \"TRAINER\" does not exist in \"Scope\" enum.");
}

TEST_F(GraphqlValidation, NodesLeadIntoTheSchema)
{
    const std::string text = "query ($f: [UserContextFilter!]) { me { ...F __typename } nothing "
                             "userContexts(filters: [$f, {names: \"a\"}]) { totalItems } } "
                             "fragment F on UserContext @skip(if: true) { id }";
    errors_of(text);
    const Definition &operation = *document_->definitions.first();
    const Definition &fragment = *operation.next;
    EXPECT_EQ(operation.set->type, &tables::query);
    EXPECT_EQ(spelled(operation.variables.first()->type, arena_), "[UserContextFilter!]");
    const Selection &me = *operation.set->selections.first();
    EXPECT_EQ(me.field, tables::query.find_field("me"));
    EXPECT_EQ(me.set->type, &tables::user_context);
    EXPECT_EQ(me.set->selections.first()->fragment, &fragment);
    EXPECT_EQ(me.set->selections.first()->next->field->name, "__typename");
    EXPECT_EQ(me.next->field, nullptr);
    EXPECT_EQ(fragment.set->type, &tables::user_context);
    EXPECT_EQ(fragment.directives.first()->type->name, "skip");
    EXPECT_EQ(fragment.directives.first()->arguments.first()->type.type, &boolean_type);
    const Value &filters = *me.next->next->arguments.first();
    EXPECT_EQ(spelled(filters.type, arena_), "[[UserContextFilter!]]");
    const Value &variable = *filters.items.first();
    EXPECT_EQ(spelled(variable.type, arena_), "[UserContextFilter!]");
    EXPECT_EQ(spelled(variable.next->items.first()->type, arena_), "[String]!");
}

TEST_F(GraphqlValidation, SchemaLookups)
{
    const Schema &schema = tables::schema;
    EXPECT_EQ(schema.find_type("Scope"), &tables::scope);
    EXPECT_EQ(schema.find_type("__Type")->kind, TypeKind::Object);
    EXPECT_EQ(schema.find_type("__Nothing"), nullptr);
    EXPECT_EQ(schema.find_type(""), nullptr);
    EXPECT_NE(schema.find_field(tables::query, "__schema"), nullptr);
    EXPECT_EQ(schema.find_field(tables::mutation, "__schema"), nullptr);
    EXPECT_NE(schema.find_field(tables::mutation, "__typename"), nullptr);
    EXPECT_EQ(schema.find_value(tables::scope, "TRAINER")->description, "A scope of this site.");
    EXPECT_EQ(schema.find_value(tables::scope, "trainer"), nullptr);
    EXPECT_EQ(introspection_types().size(), 8U);
    EXPECT_EQ(name_of(DirectiveLocation::DirectiveDefinition), "DIRECTIVE_DEFINITION");
}

} // namespace
