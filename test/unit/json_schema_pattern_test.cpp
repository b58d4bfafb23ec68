/* Regular expressions of schemas: what is valid, what is refused and why, and what matches. */
#include "fuzz/host.hpp"
#include "json/schema/ecma_pattern.hpp"
#include "json/schema/pattern.hpp"
#include "json/schema/run_pattern.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace {

using namespace opigno;
using namespace opigno::json::schema;

std::string reason(std::string_view source)
{
    const test::Arena arena;
    const char *why = nullptr;
    return compile_pattern(source, why) != nullptr ? "" : why;
}

#ifdef OPIGNO_WITH_RE2

std::string answer(std::string_view source, std::string_view text)
{
    const test::Arena arena;
    const char *why = nullptr;
    const Pattern *pattern = compile_pattern(source, why);
    return pattern == nullptr ? why : matches(*pattern, text) ? "yes" : "no";
}

TEST(Pattern, IsSearchedForInTheText)
{
    EXPECT_EQ(answer("", ""), "yes");
    EXPECT_EQ(answer("", "a"), "yes");
    EXPECT_EQ(answer("a", "xay"), "yes");
    EXPECT_EQ(answer("^a", "xay"), "no");
    EXPECT_EQ(answer("a$", "a\n"), "no");
    EXPECT_EQ(answer("^a$", "b\na\nb"), "no");
    EXPECT_EQ(answer("a|^$", ""), "yes");
    EXPECT_EQ(answer("^(?:a|b)+$", "abba"), "yes");
    EXPECT_EQ(answer("^(?<year>[0-9]{4})-(?<month>[0-9]{2})$", "2026-11"), "yes");
    EXPECT_EQ(answer("^a{2,}?$", "aaa"), "yes");
    EXPECT_EQ(answer("^a{0002}$", "aa"), "yes");
}

TEST(Pattern, HasTheSetsOfEcma)
{
    for (const char *space : {"\t", "\n", "\v", "\f", "\r", " ", "\u00A0", "\u1680", "\u2000", "\u200A",
                              "\u2028", "\u2029", "\u202F", "\u205F", "\u3000", "\uFEFF"}) {
        EXPECT_EQ(answer("^\\s$", space), "yes") << space;
        EXPECT_EQ(answer("^[a\\s]$", space), "yes") << space;
        EXPECT_EQ(answer("^\\S$", space), "no") << space;
        EXPECT_EQ(answer("^[^\\S]$", space), "yes") << space;
        EXPECT_EQ(answer("^[\\s\\S]$", space), "yes") << space;
    }
    for (const char *other : {"a", "_", "\u0085", "\u180E", "\u200B", "\u2060", "\U0001F600"}) {
        EXPECT_EQ(answer("^\\s$", other), "no") << other;
        EXPECT_EQ(answer("^\\S$", other), "yes") << other;
        EXPECT_EQ(answer("^[\\S]$", other), "yes") << other;
    }
    for (const char *line_end : {"\n", "\r", "\u2028", "\u2029"})
        EXPECT_EQ(answer("^.$", line_end), "no") << line_end;
    EXPECT_EQ(answer("^.$", "\U0001F600"), "yes");
    EXPECT_EQ(answer("^[^]$", "\n"), "yes");
    EXPECT_EQ(answer("^[]$", "a"), "no");
    EXPECT_EQ(answer("^[^a]$", "\n"), "yes");
    EXPECT_EQ(answer("^\\d$", "\u0663"), "no");
    EXPECT_EQ(answer("^\\w$", "\u00E9"), "no");
    EXPECT_EQ(answer("^\\W$", "\u00E9"), "yes");
    EXPECT_EQ(answer("\\bb", "\u00E9b"), "yes");
    EXPECT_EQ(answer("a\\Bb", "ab"), "yes");
}

TEST(Pattern, HasTheEscapesOfEcma)
{
    EXPECT_EQ(answer("^\\t\\n\\v\\f\\r$", "\t\n\v\f\r"), "yes");
    EXPECT_EQ(answer("^\\cJ\\cj$", "\n\n"), "yes");
    EXPECT_EQ(answer("^\\x41\\u0042\\u{43}$", "ABC"), "yes");
    EXPECT_EQ(answer("^\\u{1F600}\\uD83D\\uDE00$", "\U0001F600\U0001F600"), "yes");
    EXPECT_EQ(answer("^[\\uD83D\\uDE00-\\u{1F605}]$", "\U0001F602"), "yes");
    EXPECT_EQ(answer("^[\\b]$", "\b"), "yes");
    EXPECT_EQ(answer("^\\/\\-\\@\\_\\.\\[$", "/-@_.["), "yes");
    EXPECT_EQ(answer("^[[:alpha:]$", "b"), "no");
    EXPECT_EQ(answer("^[[:alpha:]$", ":"), "yes");
    EXPECT_EQ(answer("^[a\\-z]$", "m"), "no");
    EXPECT_EQ(answer("^[-a]+$", "-a"), "yes");
    EXPECT_EQ(answer("^[a-]+$", "-a"), "yes");
    EXPECT_EQ(answer("^[\\]\\\\^]+$", "]\\^"), "yes");
    EXPECT_EQ(answer("^[\u00E0-\u00FF]+$", "\u00E9"), "yes");
    EXPECT_EQ(answer("^\u00E9+$", "\u00E9\u00E9"), "yes");
    EXPECT_EQ(answer("^ #~&-$", " #~&-"), "yes");
}

TEST(Pattern, KnowsUnicodeProperties)
{
    EXPECT_EQ(answer("^\\p{Letter}\\p{Lu}\\p{gc=Ll}\\p{General_Category=Lowercase_Letter}$",
                     "\u00E9\u00C9\u00E9\u00E9"),
              "yes");
    EXPECT_EQ(answer("^\\p{Script=Greek}\\p{sc=Yi}$", "\u03B1\uA000"), "yes");
    EXPECT_EQ(answer("^\\P{L}[\\P{L}]$", "1a"), "no");
    EXPECT_EQ(answer("^[\\p{L}\\p{N}]+$", "\u00E91"), "yes");
    EXPECT_EQ(answer("^\\p{C}$", "\u0378"), "yes");
    EXPECT_EQ(answer("^\\p{Cn}$", "\u0378"), "yes");
    EXPECT_EQ(answer("^\\p{Cn}$", "\u0001"), "no");
    EXPECT_EQ(answer("^\\P{C}[\\P{C}]$", "\u0378\u0378"), "no");
    EXPECT_EQ(answer("^\\p{LC}\\P{LC}$", "a1"), "yes");
    EXPECT_EQ(answer("^\\p{ASCII}[\\P{ASCII}]\\P{ASCII}\\p{Any}$", "a\u00E9\u00E9\n"), "yes");
    EXPECT_EQ(answer("\\P{Any}", "a"), "no");
    EXPECT_EQ(answer("\\p{Emoji}", "a"), "this Unicode property is not supported");
    EXPECT_EQ(answer("\\p{Script_Extensions=Greek}", "a"), "this Unicode property is not supported");
    EXPECT_EQ(answer("\\p{Script=Nowhere}", "a"), "this Unicode property is not supported");
    EXPECT_EQ(answer("\\p{Greek}", "a"), "this Unicode property is not supported");
    EXPECT_EQ(answer("[\\p{C}]", "a"), "this Unicode property is not supported in a class");
}

TEST(Pattern, SaysWhatIsNotSupported)
{
    EXPECT_EQ(reason("a(?=b)"), "look-ahead is not supported");
    EXPECT_EQ(reason("a(?!b)"), "look-ahead is not supported");
    EXPECT_EQ(reason("(?<=a)b"), "look-behind is not supported");
    EXPECT_EQ(reason("(?<!a)b"), "look-behind is not supported");
    EXPECT_EQ(reason("(a)\\1"), "a back reference is not supported");
    EXPECT_EQ(reason("(?<a>a)\\k<a>"), "a back reference is not supported");
    EXPECT_EQ(reason("\\uD83D"), "a surrogate without its pair is not supported");
    EXPECT_EQ(reason("\\u{DC00}"), "a surrogate without its pair is not supported");
    EXPECT_EQ(reason("a{1001}"), "a quantifier above 1000 is not supported");
    EXPECT_EQ(reason("a{99999999999999999999}"), "a quantifier above 1000 is not supported");
    EXPECT_EQ(reason("((a{1,100}){1,100}){1,100}"),
              "quantifiers of more than 1000 together are not supported");
    EXPECT_EQ(reason("^[\\p{L}\\p{N}]{0,500}$"), "the pattern is too large");
    EXPECT_EQ(reason(std::string(2001, 'a')), "patterns of more than 2000 bytes are not supported");
    EXPECT_EQ(reason(std::string(300, '(') + std::string(300, ')')),
              "so many nested groups are not supported");
    for (const char *source :
         {"a(?=b)", "(?<!a)b", "(a)\\1", "(?<a>a)\\k<a>", "\\uD83D", "a{1001}", "\\p{Emoji}"})
        EXPECT_TRUE(is_pattern(source)) << source;
}

TEST(Pattern, CostsWhatItsProgramCosts)
{
    const test::Arena arena;
    const char *why = nullptr;
    EXPECT_EQ(cost_of(*compile_pattern("^[a-z]{2}$", why)), 1U);
    const std::size_t small = cost_of(*compile_pattern("a|b", why));
    EXPECT_GT(small, 1U);
    EXPECT_GT(cost_of(*compile_pattern("\\p{L}{1,20}", why)), 100 * small);
}

TEST(Pattern, TakesLinearTime)
{
    const std::string text = std::string(1000000, 'a') + "!";
    EXPECT_EQ(answer("^(a+)+$", text), "no");
    EXPECT_EQ(answer("^(a|aa)*$", text), "no");
    EXPECT_EQ(answer("(.*)*b", text), "no");
    EXPECT_EQ(answer("^a+$", text), "no");
}

/* In a group, a pattern is not one of runs. */
TEST(RunPattern, AnswersAsRe2)
{
    std::mt19937 random(20261129);
    const std::string_view parts[] = {"a",     "b",   "\\.",    "\u00E9", "[ab]",
                                      "[a-c]", "\\d", "[0-1_]", "\\w",    "[b\\-]"};
    const std::string_view quantifiers[] = {"", "", "", "*", "+", "?", "{2}", "{1,}", "{0,2}", "{1,3}"};
    const std::string_view characters[] = {"a", "b", "c", "0", "1", "_", ".", "-", "\u00E9", "\n"};
    int runs = 0;
    int found = 0;
    for (int round = 0; round < 3000; ++round) {
        std::string source;
        for (unsigned count = random() % 4; count > 0; --count) {
            source += parts[random() % std::size(parts)];
            source += quantifiers[random() % std::size(quantifiers)];
        }
        source += random() % 2 == 0 ? "$" : "";
        const test::Arena arena;
        const char *why = nullptr;
        RunPattern pattern;
        if (!read_run_pattern("^" + source, pattern))
            continue;
        ++runs;
        const Pattern *same = compile_pattern("^(?:" + source + ")", why);
        ASSERT_NE(same, nullptr) << source << ": " << why;
        ASSERT_GT(cost_of(*same), 1U);
        for (int texts = 0; texts < 40; ++texts) {
            std::string text;
            for (unsigned count = random() % 7; count > 0; --count)
                text += characters[random() % std::size(characters)];
            ASSERT_EQ(matches(pattern, text), matches(*same, text)) << source << " and " << text;
            found += matches(pattern, text) ? 1 : 0;
        }
    }
    EXPECT_GT(runs, 1000);
    EXPECT_GT(found, 5000);
}

TEST(RunPattern, IsOneWithoutAChoice)
{
    const test::Arena arena;
    RunPattern pattern;
    for (const char *source :
         {"", "^", "^$", "^x_", "^[A-Z]{2}$", "^[a-z]+[0-9]*$", "^a?b", "^\\d{4}-\\d{2}$"})
        EXPECT_TRUE(read_run_pattern(source, pattern)) << source;
    for (const char *source : {"a", "^a|b", "^(a)", "^.", "^[^a]", "^a*a", "^a?[ab]+$", "^\u00E9+",
                               "^[\u00E9]", "^\\s", "^a+?$", "^a$b", "^\\bx", "^a*b*a$"})
        EXPECT_FALSE(read_run_pattern(source, pattern)) << source;
}

#else

TEST(Pattern, NeedsRe2)
{
    EXPECT_EQ(reason("^a"), "opigno_profiles was built without RE2, which patterns need");
}

#endif

TEST(Pattern, IsValidOrNot)
{
    for (const char *source :
         {"",      "a|b",         "(|a)",          "a{2}",       "a{2,}",  "a{2,3}?", "[]",
          "[^]",   "[a-z]",       "[--a]",         "[\\w-]",     "\\0",    "\\cA",    "\\u{10FFFF}",
          "(?:a)", "(?<name1>a)", "(?<$\u00E9>a)", "[\\d\\s]",   "^^$$",   "(^)*",    "[.*+?(){}|^$]",
          "[[]",   "\\p{L}",      "\\p{sc=Greek}", "\\p{Emoji}", "(?=a)b", "\\1(a)"})
        EXPECT_TRUE(is_pattern(source)) << source;
    for (const char *source : {"(",           ")",
                               "(a",          "a)",
                               "[",           "[a",
                               "[\\",         "\\",
                               "*",           "a**",
                               "a{2}{3}",     "|*",
                               "(*a)",        "^*",
                               "\\b+",        "(?=a)*",
                               "a{",          "a{,3}",
                               "a{3,2}",      "{2}",
                               "}",           "]",
                               "a{x}",        "\\a",
                               "\\Z",         "\\Q",
                               "\\z",         "\\c",
                               "\\c1",        "\\x4",
                               "\\u004",      "\\u{}",
                               "\\u{110000}", "\\u{41",
                               "\\00",        "\\1",
                               "\\2(a)",      "\\k",
                               "\\k<a>",      "\\k<",
                               "(?",          "(?a)",
                               "(?i)a",       "(?P<a>a)",
                               "(?<>a)",      "(?<1>a)",
                               "(?<a",        "[z-a]",
                               "[a-\\d]",     "[\\d-z]",
                               "[\\B]",       "[\\1]",
                               "\\p",         "\\pL",
                               "\\p{",        "\\p{}",
                               "\\p{x y}",    "\\p{gc=Greek}",
                               "\\p{sc=L}",   "\\p{a=b}",
                               "\\p{L",       "\\\u00E9"}) {
        EXPECT_FALSE(is_pattern(source)) << source;
        EXPECT_NE(reason(source), "") << source;
    }
}

TEST(Pattern, IsReadWhateverItIs)
{
    std::mt19937 random(20261129);
    constexpr std::string_view characters = "()[]{}?*+^$|\\.-,:=!<>abdkpsuwxLPS019\xC3\xA9";
    for (int round = 0; round < 20000; ++round) {
        std::string source;
        for (unsigned count = random() % 16; count > 0; --count)
            source += characters[random() % characters.size()];
        const test::Arena arena;
        const char *why = nullptr;
        const bool is_valid = is_pattern(source);
        const bool is_compiled = compile_pattern(source, why) != nullptr;
        EXPECT_TRUE(is_valid || !is_compiled) << source;
        ASSERT_EQ(why == nullptr, is_compiled);
        const bool is_ascii = source.find_first_of("\xC3\xA9") == std::string::npos;
        if (is_valid && is_ascii && !is_compiled) {
            EXPECT_STRNE(why, "the pattern is not valid") << source;
        }
    }
}

} // namespace
