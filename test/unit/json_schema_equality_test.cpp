/* Numbers of any size, and when values are equal. */
#include "fuzz/compiled_schema.hpp"

#include "json/schema/equality.hpp"
#include "json/schema/number.hpp"

#include <gtest/gtest.h>

#include <random>

namespace {

using namespace opigno;
using namespace opigno::json::schema;
using test::Bytes;

std::string zeros(std::size_t count)
{
    return std::string(count, '0');
}

/* The bytes of numeric with the header for large weights and scales. */
std::string long_numeric(const std::string &text)
{
    const bool is_negative = text[0] == '-';
    const std::size_t point = text.find('.');
    std::string digits = text.substr(is_negative ? 1 : 0, point - (is_negative ? 1 : 0));
    std::string fraction = point == std::string::npos ? "" : text.substr(point + 1);
    digits.insert(0, (4 - digits.size() % 4) % 4, '0');
    fraction.append((4 - fraction.size() % 4) % 4, '0');
    int weight = static_cast<int>(digits.size() / 4) - 1;
    digits += fraction;
    for (; digits.starts_with("0000"); digits.erase(0, 4))
        --weight;
    while (digits.ends_with("0000"))
        digits.erase(digits.size() - 4);
    std::string bytes = test::half_bytes(is_negative && !digits.empty() ? 0x4000 : 0) +
                        test::half_bytes(digits.empty() ? 0 : static_cast<unsigned>(weight));
    for (std::size_t at = 0; at < digits.size(); at += 4)
        bytes += test::half_bytes(static_cast<unsigned>(std::stoi(digits.substr(at, 4))));
    return test::length_bytes(bytes.size() + 4) + bytes;
}

int order_of(const std::string &left, const std::string &right)
{
    const std::string long_left = long_numeric(left);
    const std::string long_right = long_numeric(right);
    const int order = Number(long_left).compare(Number(long_right));
    EXPECT_EQ(Number(long_right).compare(Number(long_left)), -order) << left << " " << right;
    return order;
}

TEST(JsonSchemaNumber, OrdersNumbersOfAnySize)
{
    const std::vector<std::string> ascending = {"-1" + zeros(400),
                                                "-9007199254740993",
                                                "-9007199254740992",
                                                "-10000",
                                                "-9999.5",
                                                "-1.5",
                                                "-1",
                                                "-0.0001",
                                                "-0." + zeros(300) + "1",
                                                "0",
                                                "0." + zeros(300) + "1",
                                                "0.00009999",
                                                "0.0001",
                                                "0.1",
                                                "0.10001",
                                                "1",
                                                "1.00000001",
                                                "2",
                                                "9999",
                                                "10000",
                                                "10001",
                                                "99999999",
                                                "100000000",
                                                "9007199254740992",
                                                "9007199254740993",
                                                "1" + zeros(399),
                                                "1" + zeros(400),
                                                "1" + zeros(399) + "1"};
    for (std::size_t left = 0; left < ascending.size(); ++left)
        for (std::size_t right = 0; right < ascending.size(); ++right)
            EXPECT_EQ(order_of(ascending[left], ascending[right]), left < right   ? -1
                                                                   : left > right ? 1
                                                                                  : 0)
                << ascending[left] << " " << ascending[right];
}

TEST(JsonSchemaNumber, BothHeadersAreTheSameNumber)
{
    for (const char *text : {"0", "-1", "10000", "0.0001", "123456789.125", "-99999999.99999999"}) {
        const std::string is_short = test::TextParser::numeric(text);
        const std::string is_long = long_numeric(text);
        EXPECT_EQ(Number(is_short).compare(Number(is_long)), 0) << text;
        EXPECT_EQ(Number(is_short).is_integer(), Number(is_long).is_integer()) << text;
        EXPECT_EQ(Number(is_short).scale(), Number(is_long).scale()) << text;
    }
}

TEST(JsonSchemaNumber, IntegersHaveNoFraction)
{
    for (const std::string &text :
         {std::string("0"), std::string("0.0"), std::string("1.00"), "7" + zeros(300)})
        EXPECT_TRUE(Number(long_numeric(text)).is_integer()) << text;
    for (const char *text : {"0.1", "-1.5", "100000000.00000001"})
        EXPECT_FALSE(Number(long_numeric(text)).is_integer()) << text;
}

/* number: times ten to the power of -scale */
std::string decimal(long number, int scale)
{
    const bool is_negative = number < 0;
    std::string digits = std::to_string(is_negative ? -number : number);
    if (scale > 0) {
        digits.insert(0, digits.size() <= static_cast<std::size_t>(scale) ? scale + 1 - digits.size() : 0,
                      '0');
        digits.insert(digits.size() - static_cast<std::size_t>(scale), ".");
    }
    return (is_negative ? "-" : "") + digits;
}

TEST(JsonSchemaNumber, AgreesWithIntegers)
{
    std::mt19937_64 random(1);
    const auto choose = [&random](long most) { return static_cast<long>(random() % (2 * most + 1)) - most; };
    const long powers[] = {1, 10, 100, 1000, 10000, 100000, 1000000};
    for (int round = 0; round < 2000; ++round) {
        const long most = powers[random() % 7] * 7;
        const long numbers[] = {choose(most), choose(most)};
        const int scales[] = {static_cast<int>(random() % 7), static_cast<int>(random() % 7)};
        const long scaled[] = {numbers[0] * powers[6 - scales[0]], numbers[1] * powers[6 - scales[1]]};
        const std::string left = decimal(numbers[0], scales[0]);
        const std::string right = decimal(numbers[1], scales[1]);
        ASSERT_EQ(order_of(left, right), scaled[0] < scaled[1]   ? -1
                                         : scaled[0] > scaled[1] ? 1
                                                                 : 0)
            << left << " " << right;
        if (numbers[1] == 0)
            continue;
        const std::string dividend = long_numeric(left);
        const std::string divisor = long_numeric(right);
        ASSERT_EQ(is_multiple_of(dividend, divisor), scaled[0] % scaled[1] == 0) << left << " " << right;
        ASSERT_EQ(is_multiple(dividend, divisor), scaled[0] % scaled[1] == 0) << left << " " << right;
    }
}

TEST(JsonSchemaNumber, MultiplesOfLongNumbers)
{
    const auto divides = [](const std::string &number, const std::string &of) {
        return is_multiple_of(long_numeric(number), long_numeric(of));
    };
    EXPECT_TRUE(divides("19.99", "0.01"));
    EXPECT_TRUE(divides("1" + zeros(100), "0.5"));
    EXPECT_TRUE(divides("3" + zeros(60) + "3", "3"));
    EXPECT_FALSE(divides("3" + zeros(60) + "4", "3"));
    EXPECT_FALSE(divides("1", "0." + zeros(50) + "3"));
    EXPECT_TRUE(divides("0", "7" + zeros(50)));
}

Equality equality(const std::string &left, const std::string &right)
{
    const Bytes one(left);
    const Bytes other(right);
    std::uint64_t steps = 0;
    bool is_too_deep = false;
    const Equality result = compare(one.value(), other.value(), steps);
    EXPECT_EQ(hash_of(one.value(), steps, is_too_deep) == hash_of(other.value(), steps, is_too_deep),
              result == Equality::Equal)
        << left << " " << right;
    EXPECT_FALSE(is_too_deep);
    return result;
}

TEST(JsonSchemaEquality, ComparesValuesNotTheirBytes)
{
    const test::Arena arena;
    for (const auto &[left, right] :
         {std::pair("1", "1.0"), std::pair("0", "-0.00"), std::pair("null", "null"),
          std::pair("[1, {\"a\": 2.50}]", "[1.00, {\"a\": 2.5}]"),
          std::pair("{\"a\": 1, \"bb\": [true]}", "{\"bb\": [true], \"a\": 1}")})
        EXPECT_EQ(equality(left, right), Equality::Equal) << left << " " << right;
    for (const auto &[left, right] :
         {std::pair("1", "\"1\""), std::pair("0", "false"), std::pair("null", "false"), std::pair("[]", "{}"),
          std::pair("[1]", "[1, 1]"), std::pair("[[1]]", "[1]"), std::pair("{\"a\": 1}", "{\"b\": 1}"),
          std::pair("{\"a\": 1}", "{\"a\": 2}"), std::pair("\"a\"", "\"b\""), std::pair("1", "-1"),
          std::pair("9007199254740992", "9007199254740993"), std::pair("[true, false]", "[false, true]"),
          std::pair("\"\"", "\"a\""), std::pair("1", "10000")})
        EXPECT_EQ(equality(left, right), Equality::Different) << left << " " << right;
}

TEST(JsonSchemaEquality, ComparesEachByteOfATextOnce)
{
    for (std::size_t size = 0; size < 40; ++size) {
        const std::string text(size, 'a');
        EXPECT_TRUE(json::is_same(text.data(), std::string(text).data(), size));
        for (std::size_t at = 0; at < size; ++at) {
            std::string other = text;
            other[at] = 'b';
            EXPECT_FALSE(json::is_same(text.data(), other.data(), size)) << size << " " << at;
        }
    }
}

} // namespace
