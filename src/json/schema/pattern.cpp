#include "json/schema/pattern.hpp"

#include "json/schema/ecma_pattern.hpp"
#include "json/schema/host.hpp"
#include "json/value/host.hpp"

namespace opigno::json::schema {

#ifdef OPIGNO_WITH_RE2

namespace {

constexpr std::size_t max_pattern = 2000; /* for RE2 a millisecond can be ten bytes of \p{L} */

const char *message_of(opigno_regular_expression_fault fault)
{
    switch (fault) {
    case opigno_too_large:
        return "the pattern is too large";
    case opigno_repeats_too_often:
        return "quantifiers of more than 1000 together are not supported";
    case opigno_unknown_range:
        return "this Unicode property is not supported";
    case opigno_not_valid:
        return "the pattern is not valid";
    case opigno_no_memory:
        break;
    }
    out_of_memory();
}

Pattern *make_pattern()
{
    auto *made = static_cast<Pattern *>(allocate(sizeof(Pattern)));
    *made = {nullptr, {}, 1};
    return made;
}

/* Memory that cannot be had after the library's is taken would leave that behind. So all is there
 * before. */
Pattern *make_freed_pattern()
{
    Pattern *made = make_pattern();
    free_with_memory(
        [](void *pattern) { opigno_free_regular_expression(static_cast<Pattern *>(pattern)->expression); },
        made);
    return made;
}

} // namespace

const Pattern *compile_pattern(std::string_view source, const char *&why)
{
    poll();
    PatternText translated;
    bool is_valid = true;
    if (source.size() > max_pattern) {
        why = "patterns of more than 2000 bytes are not supported";
        return nullptr;
    }
    why = translate_pattern(utf8_of(source), translated, is_valid);
    if (why != nullptr)
        return nullptr;
    RunPattern runs;
    if (read_run_pattern(source, runs)) {
        Pattern *made = make_pattern();
        made->runs = runs;
        return made;
    }
    Pattern *made = make_freed_pattern();
    opigno_regular_expression_fault fault = opigno_not_valid;
    made->expression = opigno_compile_regular_expression(&translated[0], translated.size(), &fault);
    if (made->expression == nullptr) {
        why = message_of(fault);
        return nullptr;
    }
    made->cost = opigno_regular_expression_size(made->expression);
    return made;
}

bool matches_by_library(const Pattern &pattern, std::string_view text)
{
    const std::string_view utf8 = utf8_of(text);
    const int found = opigno_find_regular_expression(pattern.expression, utf8.data(), utf8.size());
    if (found < 0)
        out_of_memory();
    return found != 0;
}

#else

const Pattern *compile_pattern(std::string_view /*source*/, const char *&why)
{
    why = "opigno_profiles was built without RE2, which patterns need";
    return nullptr;
}

bool matches_by_library(const Pattern & /*pattern*/, std::string_view /*text*/)
{
    return false;
}

#endif

bool is_pattern(std::string_view source)
{
    return is_valid_pattern(utf8_of(source));
}

} // namespace opigno::json::schema
