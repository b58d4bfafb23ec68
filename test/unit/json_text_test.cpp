/* Reading JSON text: each rule by a text, held to the plain way of test/fuzz. */
#include "fuzz/read_text.hpp"

#include <gtest/gtest.h>

namespace {

using namespace opigno;

std::string law_of(const std::string &text)
{
    const char *broken = test::broken_law_of_text(text);
    return broken == nullptr ? "" : broken;
}

void accept(const std::string &text)
{
    EXPECT_TRUE(test::read(text).has_value()) << text.substr(0, 100);
    EXPECT_EQ(law_of(text), "") << text.substr(0, 100);
}

void refuse(const std::string &text)
{
    EXPECT_FALSE(test::read(text).has_value()) << text.substr(0, 100);
    EXPECT_EQ(law_of(text), "") << text.substr(0, 100);
}

std::string repeated(const std::string &part, int times)
{
    std::string made;
    while (times-- > 0)
        made += part;
    return made;
}

TEST(JsonText, Scalars)
{
    for (const char *text : {"null", "true", "false", " null ", "\t1\n", "\r\"\"", "0", "-0", "\"a\"", "7"})
        accept(text);
    for (const char *text :
         {"", " ", "nul", "nulll", "True", "null null", "1 2", "\"", "'a'", "\"a", "-", "+1"})
        refuse(text);
}

TEST(JsonText, Structure)
{
    for (const char *text : {"[]", "{}", "[ ]", "{ }", "[[]]", "[{}]", "{\"\":{}}", "[1,[2,[3]],4]",
                             "{\"a\" : 1 , \"b\" : [ ] }", "[\"a\" , \"b\"]"})
        accept(text);
    for (const char *text :
         {"[",   "]",       "[1",       "[1,",          "[1,]",       "[,1]",     "[1 2]",       "[1}",
          "{1}", "{\"a\"}", "{\"a\":}", "{\"a\" 1}",    "{\"a\":1,}", "{,}",      "{\"a\":1",    "{\"a\":1]",
          "[]]", "[][]",    "{}{}",     "[\"a\"\"b\"]", "[1\"a\"]",   "[\"a\"1]", "[true\"a\"]", "{a:1}",
          ",",   ":",       "[:]",      "[1:2]",        "{\"a\",1}",  "[\f]",     "[\v1]",       "[1\f]"})
        refuse(text);
}

TEST(JsonText, NumbersKeepTheirDigits)
{
    for (const char *text : {"1",
                             "10",
                             "9999",
                             "10000",
                             "10001",
                             "100000000",
                             "-1",
                             "1.0",
                             "1.10",
                             "0.1",
                             "0.0001",
                             "0.00001",
                             "0.000",
                             "-0.00",
                             "123456789.000100",
                             "12345678901234567890",
                             "1e5",
                             "1E+2",
                             "1e-7",
                             "1.5e3",
                             "-1e9999",
                             "0e0",
                             "0.5",
                             "5000",
                             "50000.5000"})
        accept(text);
    for (const char *text : {"01", "-01", "1.", ".1", "1.e1", "1e", "1e+", "1e99999", "0x1", "1_0", "--1",
                             "1.1.1", "1e1.5", "NaN", "Infinity", "-", "1a", "00"})
        refuse(text);
    for (const int digits : {63, 64, 65, 66, 200}) {
        accept(repeated("7", digits));
        accept("-0." + repeated("07", digits / 2));
        accept(repeated("7", digits) + "." + repeated("0", digits));
        accept("0." + repeated("0", digits - 1) + "5");
    }
    accept(repeated("7", 6000));
    refuse(repeated("7", 6001));
}

TEST(JsonText, AllShapesOfPlainNumbers)
{
    for (int before = 1; before <= 13; ++before)
        for (int behind = 0; behind <= 13; ++behind)
            for (const char *digits : {"1234567890123", "9000000000000", "1000000010000", "5000050000500"}) {
                const std::string all = digits;
                std::string text = all.substr(0, static_cast<std::size_t>(before));
                if (behind > 0)
                    text += "." + all.substr(all.size() - static_cast<std::size_t>(behind));
                accept(text);
                accept("-" + text);
                if (behind > 0)
                    accept("0" + text.substr(static_cast<std::size_t>(before)));
            }
}

TEST(JsonText, Strings)
{
    for (const char *text :
         {R"("\"")", R"("\\")", R"("\/\b\f\n\r\t")", R"("\u0041")", R"("\u00e9\u20aC")", R"("\uD83D\uDE00")",
          R"("a\\")", R"("\\\"")", R"("\u005C")", R"("x   ")", R"("{}[],:")", R"("\uFFFF")"})
        accept(text);
    for (const char *text : {R"("\x")", R"("\")", R"("\u12")", R"("\u12G4")", R"("\u0000")", R"("\uD800")",
                             R"("\uDC00")", R"("\uD800\u0041")", R"("\uDC00\uD800")", R"("\uD800\uD800")",
                             R"("\U0041")", R"("\'")", "\"\n\"", "\"\x01\"", "\"\\\n\""})
        refuse(text);
    for (int length = 0; length < 300; ++length)
        accept("[\"" + std::string(static_cast<std::size_t>(length), 'x') + "\", \"\\n" +
               std::string(static_cast<std::size_t>(length), 'y') + "\"]");
}

TEST(JsonText, OfEqualKeysTheLastStays)
{
    accept(R"({"a": 1, "a": 2})");
    accept(R"({"a": 1, "\u0061": 2, "b": 3, "a": [4]})");
    accept(R"({"": 1, "": {"": 2, "": 3}})");
    for (int members = 0; members < 70; ++members) {
        std::string text = "{\"k\": 0";
        for (int member = 0; member < members; ++member)
            text += ", \"" + repeated("x", member * 7 % 5) + std::to_string(member * 31 % 17) +
                    "\": " + std::to_string(member);
        accept(text + "}");
    }
}

TEST(JsonText, EntriesByTheStride)
{
    for (const int size : {1, 31, 32, 33, 63, 64, 65, 200}) {
        std::string array = "[0";
        std::string object = "{\"0\": 0";
        for (int at = 1; at < size; ++at) {
            array += "," + std::string(at % 3 == 0 ? "\"abc\"" : at % 3 == 1 ? "12345.5" : "[true]");
            object += ", \"" + std::to_string(at) + "\": " + (at % 2 == 0 ? "\"v\"" : "{}");
        }
        accept(array + "]");
        accept(object + "}");
    }
}

TEST(JsonText, Depth)
{
    accept(repeated("[", 128) + repeated("]", 128));
    refuse(repeated("[", 129) + repeated("]", 129));
    accept(repeated("{\"a\":", 128) + "1" + repeated("}", 128));
    refuse(repeated("{\"a\":", 129) + "1" + repeated("}", 129));
    refuse(repeated("[", 100000));
    accept("[" + repeated(repeated("[", 127) + repeated("]", 127) + ",", 10) + "1]");
}

} // namespace
