/* How long the text of a document is, from its bytes: against a plain way of counting. */
#include "fuzz/merge_laws.hpp"

#include "json/value/text_size.hpp"

#include <gtest/gtest.h>

#include <cstdio>

namespace {

using namespace opigno;
using test::array;
using test::constant;
using test::Document;
using test::object;
using test::string;

json::TextSize size_of(const Document &document)
{
    const test::Arena arena;
    const test::Exact bytes(test::container_of(document));
    return json::text_size(bytes.data());
}

/* As escape_json writes it, character by character. */
std::size_t size_of_string(const std::string &text)
{
    std::size_t size = 2;
    for (const char c : text)
        size += std::string("\"\\\b\f\n\r\t").find(c) != std::string::npos ? 2
                : static_cast<unsigned char>(c) < 0x20                     ? 6
                                                                           : 1;
    return size;
}

/* A numeric with its length word: a header of one word or two, and digits to the base of 10,000. */
std::string numeric(std::initializer_list<unsigned> halves)
{
    std::string bytes = test::length_bytes(4 + 2 * halves.size());
    for (const unsigned half : halves)
        bytes += test::half_bytes(half);
    return bytes;
}

TEST(TextSize, Strings)
{
    for (int c = 1; c < 256; ++c)
        for (std::size_t before = 0; before < 18; ++before)
            for (std::size_t behind = 0; behind < 10; ++behind) {
                const std::string text =
                    std::string(before, 'x') + static_cast<char>(c) + std::string(behind, 'y');
                ASSERT_EQ(size_of(array({string(text)})).bytes, 2 + size_of_string(text)) << c;
            }
    const std::string text(300000, '\x01');
    EXPECT_EQ(size_of(array({string(text)})).bytes, 2 + size_of_string(text));
}

TEST(TextSize, Containers)
{
    EXPECT_EQ(size_of(object()).bytes, 2U);
    EXPECT_EQ(size_of(array({})).bytes, 2U);
    EXPECT_EQ(
        size_of(array({Document(), constant(Document::Kind::True), constant(Document::Kind::False)})).bytes,
        std::string("[null, true, false]").size());
    Document made = object();
    made.members["a\n"] = array({array({}), object()});
    made.members[""] = string("x");
    EXPECT_EQ(size_of(made).bytes, std::string(R"({"": "x", "a\n": [[], {}]})").size());
    EXPECT_EQ(size_of(made).longest_number, 0U);
}

TEST(TextSize, DeepAndWide)
{
    Document deep = array({});
    for (int level = 0; level < 1000; ++level)
        deep = array({deep});
    EXPECT_EQ(size_of(deep).bytes, 2002U);
    EXPECT_EQ(size_of(array(std::vector<Document>(5000, string("x")))).bytes, 5000U * 5);
}

TEST(TextSize, Numbers)
{
    EXPECT_EQ(json::size_of_number(numeric({0x8000})), 1U);                    /* 0 */
    EXPECT_EQ(json::size_of_number(numeric({0x8180})), 5U);                    /* 0.000 */
    EXPECT_EQ(json::size_of_number(numeric({0x8000, 7})), 1U);                 /* 7 */
    EXPECT_EQ(json::size_of_number(numeric({0xA000, 10})), 3U);                /* -10 */
    EXPECT_EQ(json::size_of_number(numeric({0x8000, 9999})), 4U);              /* 9999 */
    EXPECT_EQ(json::size_of_number(numeric({0x8001, 1})), 5U);                 /* 10000 */
    EXPECT_EQ(json::size_of_number(numeric({0xA0FF, 5000})), 4U);              /* -0.5 */
    EXPECT_EQ(json::size_of_number(numeric({0x0000, 0x7FFF, 1000})), 131072U); /* 1e131071 */
    EXPECT_EQ(json::size_of_number(numeric({0x7FFF, 0xF000, 10})), 16386U);    /* -1e-16383 and the like */
    EXPECT_EQ(json::size_of_number(numeric({0xC000})), 3U);                    /* NaN */
    EXPECT_EQ(json::size_of_number(numeric({0xD000})), 8U);
    EXPECT_EQ(json::size_of_number(numeric({0xF000})), 9U);
}

} // namespace
