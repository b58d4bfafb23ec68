#include "json/schema/assembly.hpp"

namespace opigno::json::schema {

bool set_count(const Keywords &keywords, Keyword keyword, std::uint32_t &limit)
{
    const Value *value = keywords.find(keyword);
    if (value == nullptr)
        return false;
    limit = limit_of(*value).value_or(0);
    return true;
}

const StringRules *string_rules(Assembly &assembly, const Keywords &keywords)
{
    StringRules rules;
    bool has_rules = set_count(keywords, Keyword::MinLength, rules.min_length);
    has_rules |= set_count(keywords, Keyword::MaxLength, rules.max_length);
    if (const Value *pattern = keywords.find(Keyword::Pattern))
        rules.pattern = assembly.index().pattern(pattern->bytes);
    if (const Value *format = keywords.find(Keyword::Format);
        format != nullptr && assembly.options().asserts_formats)
        rules.format = format_named(format->bytes);
    if (!has_rules && rules.pattern == nullptr && rules.format == Format::None)
        return nullptr;
    auto *made = assembly.arena().make<StringRules>();
    *made = rules;
    return made;
}

const NumberRules *number_rules(Assembly &assembly, const Keywords &keywords)
{
    NumberRules rules;
    bool has_rules = false;
    const auto set = [&](Keyword keyword, std::string_view &limit) {
        const Value *value = keywords.find(keyword);
        if (value == nullptr || value->type != numeric_type)
            return;
        limit = value->bytes;
        has_rules = true;
    };
    set(Keyword::Minimum, rules.minimum);
    set(Keyword::Maximum, rules.maximum);
    set(Keyword::ExclusiveMinimum, rules.exclusive_minimum);
    set(Keyword::ExclusiveMaximum, rules.exclusive_maximum);
    set(Keyword::MultipleOf, rules.multiple_of);
    if (!has_rules)
        return nullptr;
    /* Draft 4: a boolean makes the other limit exclusive. */
    const auto exclude = [&](Keyword keyword, std::string_view &limit, std::string_view &exclusive) {
        const Value *value = keywords.find(keyword);
        if (value != nullptr && value->type == true_type)
            std::swap(limit, exclusive);
    };
    exclude(Keyword::ExclusiveMinimum, rules.minimum, rules.exclusive_minimum);
    exclude(Keyword::ExclusiveMaximum, rules.maximum, rules.exclusive_maximum);
    auto *made = assembly.arena().make<NumberRules>();
    *made = rules;
    return made;
}

} // namespace opigno::json::schema
