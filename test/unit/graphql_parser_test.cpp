/* Reading GraphQL: what the comparison with graphql-js does not show: limits, messages, walks. */
#include "fuzz/host.hpp"
#include "gateway/graphql/parser.hpp"

#include <gtest/gtest.h>

namespace {

using namespace opigno;
using namespace opigno::graphql;

std::string repeated(const std::string &part, int times)
{
    std::string made;
    while (times-- > 0)
        made += part;
    return made;
}

class GraphqlParser : public testing::Test {
  protected:
    Document *read(const std::string &text)
    {
        text_ = text;
        return parse(text_, limits_, arena_, error_);
    }

    /* The error as "LINE:COLUMN MESSAGE"; empty: there is none. */
    std::string error_of(const std::string &text)
    {
        if (read(text) != nullptr)
            return "";
        EXPECT_EQ(error_.at.size(), 1U);
        const Position position = position_of(text_, error_.at.front());
        return std::to_string(position.line) + ":" + std::to_string(position.column) + " " +
               std::string(error_.message);
    }

    const Value &argument(const std::string &value)
    {
        return *read("{ a(b: " + value + ") }")
                    ->definitions.first()
                    ->set->selections.first()
                    ->arguments.first();
    }

    test::Arena memory_;
    Arena arena_;
    Limits limits_;
    Error error_;
    std::string text_;
};

TEST_F(GraphqlParser, Strings)
{
    EXPECT_EQ(argument(R"("a\"\\\/\b\f\n\r\t")").text, "a\"\\/\b\f\n\r\t");
    EXPECT_EQ(argument(R"("\u00e9\u{20AC}\uD83D\uDE00\u{1F600}")").text, "é€😀😀");
    EXPECT_EQ(argument(R"("\u0000")").text, std::string_view("\0", 1));
    EXPECT_EQ(argument(R"("")").text, "");
    EXPECT_FALSE(argument(R"("")").is_block);
    EXPECT_TRUE(argument(R"("""a""")").is_block);
    EXPECT_EQ(argument(R"(""" a \""" b """)").text, " a \"\"\" b ");
    EXPECT_EQ(argument("\"\"\"\n    one\n      two\r\n\r    three\n  \"\"\"").text, "one\n  two\n\nthree");
    EXPECT_EQ(argument("\"\"\"first\n    second\n  third\"\"\"").text, "first\n  second\nthird");
    EXPECT_EQ(argument("\"\"\"  \n \t \"\"\"").text, "");
}

TEST_F(GraphqlParser, StringsWithoutEscapesAreThoseOfTheText)
{
    const Value &value = argument("\"plain\"");
    EXPECT_EQ(value.text.data(), text_.data() + text_.find("plain"));
    const Value &block = argument("\"\"\"plain\"\"\"");
    EXPECT_EQ(block.text.data(), text_.data() + text_.find("plain"));
}

TEST_F(GraphqlParser, BytesThatAreNoUtf8)
{
    const std::string wrong[] = {
        "\x80", "\xC0\x80", "\xC3", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80", "\xF4\x90\x80\x80",
        "\xF8", "\xE2\x82", "\xFF"};
    for (const std::string &bytes : wrong) {
        const std::string character = "a character that is not ASCII.";
        EXPECT_EQ(error_of("{ a(b: \"" + bytes + "\") }"),
                  "1:9 Syntax Error: Invalid character within String: " + character);
        EXPECT_EQ(error_of("{ a(b: \"\"\"" + bytes + "\"\"\") }"),
                  "1:11 Syntax Error: Invalid character within String: " + character);
        EXPECT_EQ(error_of("#" + bytes), "1:2 Syntax Error: Invalid character: " + character);
        EXPECT_EQ(error_of(bytes), "1:1 Syntax Error: Invalid character: " + character);
    }
    EXPECT_EQ(error_of("{ a(b: \"\xC3\xA9\xED\x9F\xBF\xEF\xBF\xBF\xF4\x8F\xBF\xBF\") }"), "");
}

TEST_F(GraphqlParser, MessagesHaveNoValues)
{
    EXPECT_EQ(error_of("{ a(b: 1 \"secret\") }"), "1:10 Syntax Error: Expected Name, found String.");
    EXPECT_EQ(error_of("{ a(b: 1 4711) }"), "1:10 Syntax Error: Expected Name, found Int.");
    EXPECT_EQ(error_of("{ a(b: \"\\secret\") }"), "1:9 Syntax Error: Invalid character escape sequence.");
    EXPECT_EQ(error_of("{ a(b: \"secret"), "1:15 Syntax Error: Unterminated string.");
    EXPECT_EQ(error_of("query word x"), "1:12 Syntax Error: Expected \"{\", found Name \"x\".");
}

TEST_F(GraphqlParser, ColumnsAreUnitsOfUtf16)
{
    EXPECT_EQ(error_of("{ a(b: \"é😀\" ? }"), "1:14 Syntax Error: Unexpected character: \"?\".");
    EXPECT_EQ(error_of("{\r\n a\r b\n ?"), "4:2 Syntax Error: Unexpected character: \"?\".");
}

TEST_F(GraphqlParser, ManyPositions)
{
    text_ = repeated("{ a }\r\n\r# é€😀\n", 60);
    const Positions positions(text_, arena_);
    for (Offset at = 0; at <= text_.size() + 1; ++at) {
        const Position expected = position_of(text_, at);
        const Position position = positions.of(at);
        ASSERT_EQ(position.line, expected.line) << at;
        ASSERT_EQ(position.column, expected.column) << at;
    }
    EXPECT_EQ(Positions("", arena_).of(0).column, 1U);
}

TEST_F(GraphqlParser, LimitOfBytes)
{
    limits_.max_bytes = 5;
    EXPECT_EQ(error_of("{ a }"), "");
    EXPECT_EQ(error_of("{ ab }"), "1:6 Syntax Error: Document has more than 5 bytes.");
}

TEST_F(GraphqlParser, LimitOfTokens)
{
    limits_.max_tokens = 4;
    EXPECT_EQ(error_of("{ a b } # c d"), "");
    EXPECT_EQ(error_of("{ a b c }"), "1:9 Syntax Error: Document contains more than 4 tokens.");
}

TEST_F(GraphqlParser, LimitOfDepth)
{
    limits_.max_depth = 3;
    EXPECT_EQ(error_of("{ a { b { c } } d(e: [{}]) f(g: [[], []]) } { h { i { j } } }"), "");
    EXPECT_EQ(error_of("{ a { b { c { d } } } }"),
              "1:13 Syntax Error: Document contains more than 3 levels.");
    EXPECT_EQ(error_of("{ a(b: [{c: [1]}]) }"), "1:13 Syntax Error: Document contains more than 3 levels.");
    EXPECT_EQ(error_of("{ ... { ... { ... { d } } } }"),
              "1:19 Syntax Error: Document contains more than 3 levels.");
}

TEST_F(GraphqlParser, LimitOfListsInATypes)
{
    EXPECT_EQ(error_of("query ($a: " + repeated("[", 15) + "A!" + repeated("]!", 15) + ") { a }"), "");
    EXPECT_EQ(error_of("query ($a: " + repeated("[", 16) + "A" + repeated("]", 16) + ") { a }"),
              "1:27 Syntax Error: Type contains more than 15 lists.");
}

TEST_F(GraphqlParser, HostileDepthNeedsNoStack)
{
    limits_ = {.max_bytes = 100000000, .max_tokens = 100000000, .max_depth = 100000000};
    constexpr int depth = 100000;
    Document *document = read(repeated("{a", depth) + repeated("}", depth));
    ASSERT_NE(document, nullptr);
    SelectionSet &set = *document->definitions.first()->set;
    int count = 0;
    for (Selection *at = set.selections.first(); at != nullptr; at = next_selection(*at, set))
        ++count;
    EXPECT_EQ(count, depth);
    ASSERT_NE(read("{a(b:" + repeated("[{c:", depth) + "1" + repeated("}]", depth) + ")}"), nullptr);
    EXPECT_EQ(error_of(repeated("{a", depth)).substr(0, 8), "1:200001");
    EXPECT_EQ(error_of("{a(b:" + repeated("[", depth)).substr(0, 8), "1:100006");
}

TEST_F(GraphqlParser, Walks)
{
    const Document *document = read("{ a { b c { d } } ... { e { f } ...g } h }");
    SelectionSet &set = *document->definitions.first()->set;
    std::string walked;
    for (Selection *at = set.selections.first(); at != nullptr; at = next_selection(*at, set))
        walked += at->name.empty() ? "." : std::string(at->name.text);
    EXPECT_EQ(walked, "abcd.efgh");
    walked = "";
    for (Selection *at = set.selections.first(); at != nullptr; at = selection_behind(*at, set))
        walked += at->name.empty() ? "." : std::string(at->name.text);
    EXPECT_EQ(walked, "a.h");
    Selection &inner = *set.selections.first();
    walked = "";
    for (Selection *at = inner.set->selections.first(); at != nullptr; at = next_selection(*at, *inner.set))
        walked += std::string(at->name.text);
    EXPECT_EQ(walked, "bcd");
    Selection &field =
        *read("{ a(b: [1, [2, {c: 3, d: []}], 4], e: 5) }")->definitions.first()->set->selections.first();
    walked = "";
    for (Value *at = field.arguments.first(); at != nullptr; at = next_value(*at, *field.arguments.first()))
        walked += at->text.empty() ? "." : std::string(at->text);
    EXPECT_EQ(walked, ".1.2.3.4");
}

TEST_F(GraphqlParser, Operations)
{
    const auto found = [this](const std::string &text, std::string_view name) {
        Error error;
        const Definition *operation = find_operation(*read(text), name, arena_, error);
        EXPECT_EQ(operation == nullptr, !error.message.empty());
        return std::string(operation == nullptr ? error.message : operation->name.text);
    };
    EXPECT_EQ(found("query A { a } fragment B on C { d }", ""), "A");
    EXPECT_EQ(found("query A { a } mutation B { b }", "B"), "B");
    EXPECT_EQ(found("query A { a } mutation B { b }", ""),
              "Must provide operation name if query contains multiple operations.");
    EXPECT_EQ(found("query A { a } fragment B on C { d }", "B"), "Unknown operation named \"B\".");
    EXPECT_EQ(found("fragment B on C { d }", ""), "Must provide an operation.");
}

} // namespace
