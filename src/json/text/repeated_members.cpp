#include "json/text/repeated_members.hpp"

#include "pg/pointer.hpp"
#include "pg/text.hpp"
#include "pg/vector.hpp"
#include "json/text/json_text.hpp"
#include "json/text/string_text.hpp"
#include "json/text/syntax_error.hpp"
#include "json/text/text_scanner.hpp"

#include <algorithm>

namespace opigno::json {

void add_repeated_members(std::string_view text, pg::Errors &errors, const char *pointer)
{
    pg::Vector<std::string_view> names;
    each_member_text(text, [&](std::string_view spelled, std::string_view /*value*/) {
        names.push_back(unescaped(spelled));
    });
    std::sort(names.begin(), names.end(), [](std::string_view left, std::string_view right) {
        poll();
        return left < right;
    });
    for (std::size_t at = 1; at < names.size() && !errors.is_full(); ++at)
        if (names[at] == names[at - 1] && (at == 1 || names[at] != names[at - 2]))
            errors.add(repeated_member(names[at], pointer));
}

void add_repeated_members(std::string_view text, pg::Errors &errors)
{
    add_repeated_members(text, errors, "");
}

pg::Error repeated_member(std::string_view name, const char *pointer)
{
    constexpr std::size_t max_in_path = 255; /* a name can have any size */
    const char *path = name.size() <= max_in_path ? pg::pointer_to(name) : "";
    return {ERRCODE_INVALID_PARAMETER_VALUE, psprintf("%s%s", pointer, path),
            psprintf("member \"%s\" is given more than once", pg::quoted(name))};
}

Jsonb *read_distinct(std::string_view text, pg::Errors &errors, AddRepeated add)
{
    bool may_repeat = false;
    pg::Error why{};
    Jsonb *value = try_read_json(text, why, &may_repeat);
    if (value == nullptr) {
        const SyntaxError error = find_syntax_error(text);
        if (error.reason == nullptr)
            errors.add(why.sqlstate, nullptr, "%s", why.message);
        else
            errors.add(why.sqlstate, nullptr, "invalid JSON at byte %zu: %s", error.at + 1, error.reason);
    } else if (may_repeat) {
        add(text, errors);
    }
    return value;
}

} // namespace opigno::json
