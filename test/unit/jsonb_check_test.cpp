/* The checker of jsonb's bytes: each of its rules can fail, and what it accepts is canonical. */
#include "fuzz/merge_laws.hpp"
#include "fuzz/take_document.hpp"

#include <gtest/gtest.h>

#include <initializer_list>

namespace {

using namespace opigno;
using test::container_of;
using test::Document;

constexpr std::uint32_t object = 0x20000000;
constexpr std::uint32_t array = 0x40000000;
constexpr std::uint32_t scalar = 0x50000001; /* an array of one element */
constexpr std::uint32_t number = 0x10000000;
constexpr std::uint32_t truth = 0x30000000;
constexpr std::uint32_t null = 0x40000000;
constexpr std::uint32_t container = 0x50000000;
constexpr std::uint32_t first = 0x80000000; /* an entry that holds an offset */

std::string bytes_of(std::initializer_list<std::uint32_t> words, const std::string &data = "")
{
    std::string made;
    for (const std::uint32_t word : words)
        made += test::word_bytes(word);
    return made + data;
}

std::string flaw_of(const std::string &bytes)
{
    const char *flaw = test::flaw_of(bytes);
    return flaw == nullptr ? "" : flaw;
}

constexpr bool is_little = std::endian::native == std::endian::little;
const std::string eight = test::length_bytes(8) + "nnnn";              /* a number */
const std::string short_five(is_little ? "\x0Bnnnn" : "\x85nnnn", 5);  /* one with a header of one byte */
const std::uint32_t compressed = is_little ? 8 << 2 | 2 : 8 | 1 << 30; /* a header that no number has */

TEST(JsonbCheck, AcceptsWhatIsRight)
{
    EXPECT_EQ(flaw_of(bytes_of({array})), "");
    EXPECT_EQ(flaw_of(bytes_of({object})), "");
    EXPECT_EQ(flaw_of(bytes_of({scalar, first | null})), "");
    EXPECT_EQ(flaw_of(bytes_of({scalar, first | 3}, "abc")), "");
    EXPECT_EQ(flaw_of(bytes_of({scalar, first | number | 8}, eight)), "");
    EXPECT_EQ(flaw_of(bytes_of({scalar, first | number | 5}, short_five)), "");
    EXPECT_EQ(flaw_of(bytes_of({array | 1, first | container | 4}, bytes_of({array}))), "");
    EXPECT_EQ(
        flaw_of(bytes_of({object | 2, first | 1, 1, truth, number | 10}, std::string("ab\0\0", 4) + eight)),
        "");
    EXPECT_EQ(flaw_of(bytes_of({array | 2, first | 1, number | 11}, std::string("a\0\0\0", 4) + eight)), "");
}

TEST(JsonbCheck, Headers)
{
    EXPECT_EQ(flaw_of(""), "no header");
    EXPECT_EQ(flaw_of("abc"), "no header");
    EXPECT_EQ(flaw_of(bytes_of({array | 1, first | container | 3}, "abc")), "no header");
    EXPECT_EQ(flaw_of(bytes_of({scalar + 1, first | null, null})), "a scalar is an array of one element");
    EXPECT_EQ(flaw_of(bytes_of({scalar - 1})), "a scalar is an array of one element");
    EXPECT_EQ(flaw_of(bytes_of({0x10000000 | object | 1, first, null})),
              "a scalar is an array of one element");
    EXPECT_EQ(flaw_of(bytes_of({0})), "neither an object nor an array");
    EXPECT_EQ(flaw_of(bytes_of({object | array})), "neither an object nor an array");
    EXPECT_EQ(flaw_of(bytes_of({array | 1, first | container | 4}, bytes_of({0}))),
              "neither an object nor an array");
    EXPECT_EQ(flaw_of(bytes_of({array | first})), "unknown flag in a header");
    EXPECT_EQ(flaw_of(bytes_of({array | 1, first | container | 8}, bytes_of({scalar, first | null}))),
              "unknown flag in a header");
    EXPECT_EQ(flaw_of(bytes_of({array | 1})), "entries beyond the end");
    EXPECT_EQ(flaw_of(bytes_of({array | 2, first | null})), "entries beyond the end");
    EXPECT_EQ(flaw_of(bytes_of({object | 1, first}, "abc")), "entries beyond the end");
    EXPECT_EQ(flaw_of(bytes_of({array | 0x0FFFFFFF, first})), "entries beyond the end");
    EXPECT_EQ(flaw_of(bytes_of({object | 0x0FFFFFFF, first})), "entries beyond the end");
}

/* 33 strings of one byte: the second entry with an offset is that at 32. */
std::string many(std::uint32_t at, std::uint32_t entry)
{
    std::string made = bytes_of({array | 33});
    for (std::uint32_t child = 0; child < 33; ++child)
        made += test::word_bytes(child == at ? entry : child % 32 == 0 ? first | (child + 1) : 1);
    return made + std::string(33, 's');
}

TEST(JsonbCheck, Entries)
{
    const std::string wrong_place = "offset where a length belongs, or the other way round";
    EXPECT_EQ(flaw_of(many(33, 0)), "");
    EXPECT_EQ(flaw_of(many(0, 1)), wrong_place);
    EXPECT_EQ(flaw_of(many(1, first | 2)), wrong_place);
    EXPECT_EQ(flaw_of(many(31, first | 32)), wrong_place);
    EXPECT_EQ(flaw_of(many(32, 1)), wrong_place);
    EXPECT_EQ(flaw_of(many(32, first | 31)), "data beyond the end");
    EXPECT_EQ(flaw_of(many(32, first | 34)), "data beyond the end");
    EXPECT_EQ(flaw_of(many(31, 4)), "data beyond the end");
    EXPECT_EQ(flaw_of(many(32, first | 32)), "bytes behind the data");
    EXPECT_EQ(flaw_of(many(33, 0) + "x"), "bytes behind the data");
    EXPECT_EQ(flaw_of(bytes_of({array}, "x")), "bytes behind the data");
    EXPECT_EQ(flaw_of(bytes_of({scalar, first | 0x0FFFFFFF}, "x")), "data beyond the end");
}

TEST(JsonbCheck, Children)
{
    for (const std::uint32_t constant : {null, truth, truth - 0x10000000}) {
        EXPECT_EQ(flaw_of(bytes_of({scalar, first | constant})), "");
        EXPECT_EQ(flaw_of(bytes_of({scalar, first | constant | 1}, "x")), "data of a constant");
    }
    for (const std::uint32_t type : {0x60000000U, 0x70000000U})
        EXPECT_EQ(flaw_of(bytes_of({scalar, first | type})), "unknown type");
    EXPECT_EQ(flaw_of(bytes_of({scalar, first | number})), "a number or container without bytes");
    EXPECT_EQ(flaw_of(bytes_of({array | 1, first | container})), "a number or container without bytes");
    EXPECT_EQ(flaw_of(bytes_of({array | 2, first | 1, number | 3}, std::string("a\0\0\0", 4))),
              "a number or container without bytes");
    for (const char *padded : {"ax\0\0", "a\0x\0", "a\0\0x"})
        EXPECT_EQ(flaw_of(bytes_of({array | 2, first | 1, number | 11}, std::string(padded, 4) + eight)),
                  "padding that is not zero");
    EXPECT_EQ(flaw_of(bytes_of({scalar, first | container | 4}, bytes_of({array}))),
              "a scalar that is a container");
}

TEST(JsonbCheck, Strings)
{
    EXPECT_EQ(flaw_of(bytes_of({array | 1, first | 3}, std::string("abc", 3))), "");
    EXPECT_EQ(flaw_of(bytes_of({array | 1, first | 3}, std::string("a\0b", 3))), "a string with a zero byte");
}

TEST(JsonbCheck, Numbers)
{
    const std::string flaw = "a number of another length";
    EXPECT_EQ(flaw_of(bytes_of({scalar, first | number | 7}, eight.substr(0, 7))), flaw);
    EXPECT_EQ(flaw_of(bytes_of({scalar, first | number | 9}, eight + "x")), flaw);
    EXPECT_EQ(flaw_of(bytes_of({scalar, first | number | 2}, eight.substr(0, 2))), flaw);
    EXPECT_EQ(flaw_of(bytes_of({scalar, first | number | 8}, test::word_bytes(compressed) + "nnnn")), flaw);
    EXPECT_EQ(flaw_of(bytes_of({scalar, first | number | 4}, short_five.substr(0, 4))), flaw);
    EXPECT_EQ(flaw_of(bytes_of({scalar, first | number | 1}, is_little ? "\x01" : "\x80")), flaw);
}

TEST(JsonbCheck, Keys)
{
    const auto two = [](const std::string &one, const std::string &other) {
        return flaw_of(bytes_of({object | 2, first | static_cast<std::uint32_t>(one.size()),
                                 static_cast<std::uint32_t>(other.size()), null, null},
                                one + other));
    };
    EXPECT_EQ(two("", "a"), "");
    EXPECT_EQ(two("b", "aa"), "");
    EXPECT_EQ(two("a\x7F", "a\x80"), "");
    for (const auto &[one, other] :
         {std::pair{"a", "a"}, {"b", "a"}, {"aa", "b"}, {"", ""}, {"a\x80", "a\x7F"}})
        EXPECT_EQ(two(one, other), "keys out of order");
    EXPECT_EQ(flaw_of(bytes_of({object | 1, first | null, null})), "a key that is no string");
    EXPECT_EQ(flaw_of(bytes_of({object | 1, first | number | 8, null}, eight)), "a key that is no string");
}

/* Each bit of a document turned: found, or what comes out is canonical all the same. */
TEST(JsonbCheck, WhatItAcceptsIsCanonical)
{
    int found = 0;
    int accepted = 0;
    for (const char *input :
         {"\0\5\1\3\2\23\7\14\2\1\0\3\5\10\72\4\72", "\2\3\7\1\5\21", "\3\2\5\14\2\1\3\23\7\12\3\5\5"}) {
        const std::string bytes(input, input[0] == 0 ? 17 : 6 + (input[0] == 3 ? 7 : 0));
        test::Stream stream(bytes);
        std::string document = container_of(test::Taker(stream).take_object());
        ASSERT_EQ(flaw_of(document), "");
        ASSERT_EQ(container_of(test::parsed(document)), document);
        for (std::size_t bit = 0; bit < 8 * document.size(); ++bit) {
            document[bit / 8] = static_cast<char>(document[bit / 8] ^ (1 << bit % 8));
            if (!flaw_of(document).empty()) {
                ++found;
            } else {
                ++accepted;
                ASSERT_EQ(container_of(test::parsed(document)), document) << bit;
            }
            document[bit / 8] = static_cast<char>(document[bit / 8] ^ (1 << bit % 8));
        }
    }
    EXPECT_GT(found, 1000);
    EXPECT_GT(accepted, 100);
}

} // namespace
