#include "fuzz/host.hpp"
#include "json/text/entry_splitter.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

using opigno::json::BodyFlaw;
using opigno::json::EntrySplitter;

int polls = 0;
void poll()
{
    ++polls;
}

struct Split {
    std::vector<std::string> entries;
    std::string flaw;
    std::size_t at = 0;
};

Split split(std::string_view body)
{
    const opigno::test::Arena arena;
    EntrySplitter splitter(body, "profiles", poll);
    Split found;
    std::string_view entry;
    while (splitter.next(entry))
        found.entries.emplace_back(entry);
    if (splitter.flaw().kind == BodyFlaw::Kind::SecondList)
        found.flaw = "the list is there twice";
    else if (splitter.flaw().kind == BodyFlaw::Kind::OtherList)
        found.flaw = "another list";
    else if (splitter.flaw().kind == BodyFlaw::Kind::NoList)
        found.flaw = "no list";
    else if (splitter.flaw().kind != BodyFlaw::Kind::None)
        found.flaw = splitter.flaw().reason;
    found.at = splitter.flaw().at;
    EXPECT_LE(found.at, body.size());
    EXPECT_LE(splitter.position(), body.size());
    return found;
}

using Entries = std::vector<std::string>;

TEST(EntrySplitter, TheThreeForms)
{
    const Entries expected{R"({"a": [1, "]"]})", "{}"};
    EXPECT_EQ(split(R"({"profiles": [{"a": [1, "]"]}, {}]})").entries, expected);
    EXPECT_EQ(split(" {\n\"profiles\"\t:\r[ {\"a\": [1, \"]\"]},{} ] } \n").entries, expected);
    EXPECT_EQ(split(R"([{"a": [1, "]"]} ,{}])").entries, expected);
    EXPECT_EQ(split("{\"a\": [1, \"]\"]}\n\n  {}  \r\n").entries, expected);
    EXPECT_EQ(split("{\"a\": [1, \"]\"]}\n{}").entries, expected);
}

TEST(EntrySplitter, NothingAtAll)
{
    for (const char *body :
         {"", " ", "\n\n", "[]", " [ ] ", R"({"profiles":[]})", R"( { "profiles" : [ ] } )"}) {
        EXPECT_TRUE(split(body).entries.empty()) << body;
        EXPECT_EQ(split(body).flaw, "") << body;
    }
}

TEST(EntrySplitter, AnyValueIsAnEntry)
{
    EXPECT_EQ(split(R"([1, -2.5e3 ,null,"a,]\"","\\",[[]],{"{":"}"}])").entries,
              (Entries{"1", "-2.5e3", "null", R"("a,]\"")", R"("\\")", "[[]]", R"({"{":"}"})"}));
    EXPECT_EQ(split(R"({"scope": [], "a": 1})").entries, (Entries{R"({"scope": [], "a": 1})"})); /* a line */
    EXPECT_EQ(split("nonsense").entries, (Entries{"nonsense"}));
}

TEST(EntrySplitter, Backslashes)
{
    for (int count = 0; count < 9; ++count) {
        const std::string text = "\"" + std::string(static_cast<std::size_t>(count), '\\') + "\"";
        const Split found = split("[" + text + "]");
        if (count % 2 == 0)
            EXPECT_EQ(found.entries, Entries{text}) << count;
        else
            EXPECT_EQ(found.flaw, "a string is not closed") << count;
    }
}

TEST(EntrySplitter, Flaws)
{
    const struct {
        const char *body;
        const char *flaw;
        std::size_t at;
    } cases[] = {
        {"[", "the list of entries is not closed", 1},
        {"[ ", "the list of entries is not closed", 2},
        {"[1", "the list of entries is not closed", 2},
        {"[1, ", "the list of entries is not closed", 4},
        {"[{", "an object is not closed", 2},
        {"[{\"a\":[1", "an array is not closed", 8},
        {"[{\"a\":NaN", "JSON has no NaN and no Infinity", 6},
        {"[\"a", "a string is not closed", 3},
        {"[1 ,]", "a comma precedes a closing bracket", 3},
        {"[,1]", "an entry is missing", 1},
        {"[1,,2]", "an entry is missing", 3},
        {"[1 2]", "a comma is missing between two entries", 3},
        {"[1] 2", "something follows the list of entries", 4},
        {R"({"profiles":[1]})", "", 0},
        {R"({"profiles":[1] )", "the object that holds the list is not closed", 16},
        {R"({"profiles":[1]])", "the object that holds the list is not closed", 15},
        {R"({"profiles":[1],)", "the object that holds the list is not closed", 16},
        {R"({"profiles":[1], })", "a comma precedes a closing bracket", 15},
        {R"({"profiles":[1],"a":1})", "the document has other members than its list", 16},
        {R"({"profiles":[1],"profiles":[]})", "the list is there twice", 16},
        {R"({"profiles":[1],"\u0070rofiles":[]})", "the list is there twice", 16},
        {R"({"profiles":[1]} x)", "something follows the list of entries", 17},
        {R"( {"users" : [[]]} )", "another list", 2},
        {R"({"users":[)", "", 0},
        {R"({"profiles":{}})", "no list", 1},
        {R"({"profiles")", "", 0},
    };
    for (const auto &[body, flaw, at] : cases) {
        EXPECT_EQ(split(body).flaw, flaw) << body;
        EXPECT_EQ(split(body).at, at) << body;
    }
    EXPECT_EQ(split(std::string(100000, '[')).flaw, "the entry is not closed");
}

TEST(EntrySplitter, OneByteOrderMark)
{
    EXPECT_EQ(split("\xEF\xBB\xBF[1]").entries, Entries{"1"});
    EXPECT_EQ(split("\xEF\xBB\xBF {\"profiles\":[1]}").entries, Entries{"1"});
    EXPECT_EQ(split("\xEF\xBB\xBF{}\n\xEF\xBB\xBF{}").entries, (Entries{"{}", "\xEF\xBB\xBF{}"}));
    EXPECT_TRUE(split("\xEF\xBB\xBF").entries.empty());
    EXPECT_EQ(split("\xEF\xBB\xBF[").at, 4U);
}

TEST(EntrySplitter, AnEntryOfLinesIsOnOneLine)
{
    constexpr const char *flaw = "the entry does not end on its line";
    for (const char *body : {"{\n  \"a\": 1\n}", "{\"a\": 1,\n \"b\": 2}", "{\r\n\r\n\"a\":\r\n1}",
                             "{\"a\": [\n1], \"b\": 2}"}) {
        EXPECT_EQ(split(body).flaw, flaw) << body;
        EXPECT_EQ(split(body).at, std::string_view(body).find_first_of("\r\n")) << body;
    }
    EXPECT_EQ(split("{}\n{\n\"a\": 1}\n{}").entries, Entries{"{}"});
    /* Lines that are cut are errors of their entries. */
    for (const char *body : {"{\"a\": 1,\n{\"b\": 2}", "{\"a\": \"x\n{\"b\": 2}", "{\"a\"\n{}", "{\n{}",
                             "1,\n2", "{}\n{\"a\": 1"})
        EXPECT_EQ(split(body).entries.size(), 2U) << body;
}

TEST(EntrySplitter, EveryCutIsToldOrAWholeEntry)
{
    const std::string body = R"({"profiles": [{"a": "\"]}\\"}, ["x", {"y": [1, 2]}], 3]})";
    const std::size_t whole = split(body).entries.size();
    for (std::size_t length = 1; length < body.size(); ++length) {
        const Split found = split(body.substr(0, length));
        EXPECT_LE(found.entries.size(), whole);
        if (length > std::string_view(R"({"profiles": [)").size())
            EXPECT_NE(found.flaw, "") << length;
    }
}

TEST(EntrySplitter, PollsWithinALongEntry)
{
    constexpr std::size_t megabyte = 1048576;
    for (const std::string &body :
         {"[\"" + std::string(megabyte, 'x') + "\"]", "[" + std::string(megabyte, '[') + "]",
          "[" + std::string(megabyte, '1') + "]", std::string(megabyte, ' '),
          "{" + std::string(megabyte, 'x')}) {
        polls = 0;
        split(body);
        EXPECT_GE(polls, 15) << body.substr(0, 3);
    }
}

} // namespace
