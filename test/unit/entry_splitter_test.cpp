#include "json/text/entry_splitter.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

using opigno::json::EntrySplitter;

int polls = 0;
void poll()
{
    ++polls;
}

struct Split {
    std::vector<std::string> entries;
    std::string flaw;
};

Split split(std::string_view body)
{
    EntrySplitter splitter(body, "profiles", poll);
    Split found;
    std::string_view entry;
    while (splitter.next(entry))
        found.entries.emplace_back(entry);
    found.flaw = splitter.flaw() == nullptr ? "" : splitter.flaw();
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
    EXPECT_EQ(split(R"({"profile": []})").entries, (Entries{R"({"profile": []})"})); /* a line */
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
            EXPECT_EQ(found.flaw, "an entry is not closed") << count;
    }
}

TEST(EntrySplitter, Flaws)
{
    EXPECT_EQ(split("[").flaw, "an entry is not closed");
    EXPECT_EQ(split("[1").flaw, "the list of entries is not closed");
    EXPECT_EQ(split("[{").flaw, "an entry is not closed");
    EXPECT_EQ(split("[\"a").flaw, "an entry is not closed");
    EXPECT_EQ(split("[1,").flaw, "an entry is not closed");
    EXPECT_EQ(split("[1,]").flaw, "an entry is missing");
    EXPECT_EQ(split("[,1]").flaw, "an entry is missing");
    EXPECT_EQ(split("[1 2]").flaw, "a comma is missing between two entries");
    EXPECT_EQ(split("[1] 2").flaw, "something follows the list of entries");
    EXPECT_EQ(split(R"({"profiles":[1]})").flaw, "");
    EXPECT_EQ(split(R"({"profiles":[1])").flaw, "the document has other members than its list");
    EXPECT_EQ(split(R"({"profiles":[1],"a":1})").flaw, "the document has other members than its list");
    EXPECT_EQ(split(R"({"profiles":[1]} x)").flaw, "something follows the list of entries");
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
