/*
 * The only object that is compiled with exceptions: RE2 allocates by `new`, which throws
 * (docs/decisions/0019-schemas.md).
 */
#include "json/schema/regular_expression.hpp"

#ifdef OPIGNO_WITH_RE2

#include <re2/re2.h>

#include <algorithm>
#include <cstdint>
#include <string_view>

/* RE2 takes its own StringPiece or absl::string_view, and both are made of a std::string_view. */
struct opigno_regular_expression {
    opigno_regular_expression(std::string_view source, const RE2::Options &options) : made(source, options) {}
    RE2 made;
};

namespace {

/* Of a program and the automatons that RE2 makes of it for texts. Most patterns need little, and a
 * schema can have thousands. */
constexpr std::int64_t memory_limits[] = {std::int64_t{64} << 10U, std::int64_t{512} << 10U,
                                          std::int64_t{4} << 20U};

opigno_regular_expression *compile(std::string_view source, std::int64_t memory,
                                   opigno_regular_expression_fault *fault)
{
    RE2::Options options;
    options.set_log_errors(false);
    options.set_never_capture(true);
    options.set_max_mem(memory);
    auto *expression = new opigno_regular_expression(source, options);
    const RE2::ErrorCode code = expression->made.error_code();
    if (code == RE2::NoError)
        return expression;
    *fault = code == RE2::ErrorPatternTooLarge ? opigno_too_large
             : code == RE2::ErrorRepeatSize    ? opigno_repeats_too_often
             : code == RE2::ErrorBadCharRange  ? opigno_unknown_range
                                               : opigno_not_valid;
    delete expression;
    return nullptr;
}

} // namespace

opigno_regular_expression *opigno_compile_regular_expression(const char *source, std::size_t size,
                                                             opigno_regular_expression_fault *fault) noexcept
{
    try {
        for (const std::int64_t memory : memory_limits) {
            opigno_regular_expression *expression = compile({source, size}, memory, fault);
            if (expression != nullptr || *fault != opigno_too_large)
                return expression;
        }
    } catch (...) {
        *fault = opigno_no_memory;
    }
    return nullptr;
}

void opigno_free_regular_expression(opigno_regular_expression *expression) noexcept
{
    delete expression;
}

std::size_t opigno_regular_expression_size(const opigno_regular_expression *expression) noexcept
{
    return static_cast<std::size_t>(std::max(1, expression->made.ProgramSize()));
}

int opigno_find_regular_expression(const opigno_regular_expression *expression, const char *text,
                                   std::size_t size) noexcept
{
    try {
        return RE2::PartialMatch(std::string_view(text, size), expression->made) ? 1 : 0;
    } catch (...) {
        return -1;
    }
}

#endif
