#include "gateway/query.hpp"

#include "gateway/http/split.hpp"
#include "gateway/number.hpp"

#include <algorithm>

namespace opigno::gateway {

namespace {

bool has_word(std::string_view words, std::string_view wanted)
{
    while (!words.empty())
        if (take(words, ' ') == wanted)
            return true;
    return false;
}

bool has_several_lines(const Parameter &given)
{
    return given.value.find_first_of(white_space_controls) != std::string_view::npos;
}

} // namespace

void check_query(const Exchange &exchange, const Route &route)
{
    pg::Errors errors;
    const Parameters &query = exchange.target.query;
    if (!route.is_lenient && std::any_of(query.begin(), query.end(), has_several_lines))
        refuse(400, "the request target is malformed");
    for (const Parameter &given : query) {
        CHECK_FOR_INTERRUPTS();
        if (errors.is_full())
            break;
        const auto has_name = [&](const Parameter &other) { return other.name == given.name; };
        if (has_word(route.repeated_parameters, given.name))
            continue;
        if (!has_word(route.parameters, given.name)) {
            if (!is_read(exchange.method) && !route.is_lenient)
                errors.add(ERRCODE_INVALID_PARAMETER_VALUE, nullptr, "parameter \"%s\" is unknown",
                           pg::quoted(given.name));
        } else if (std::find_if(query.begin(), query.end(), has_name) != &given) {
            errors.add(ERRCODE_INVALID_PARAMETER_VALUE, nullptr, "parameter \"%s\" comes more than once",
                       pg::quoted(given.name));
        }
    }
    errors.raise();
}

std::optional<bool> flag_of(const Exchange &exchange, const char *name, pg::Errors &errors)
{
    const std::optional<std::string_view> given = value_of(exchange.target.query, name);
    if (!given.has_value())
        return std::nullopt;
    if (*given != "true" && *given != "false")
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, nullptr, "parameter \"%s\" must be true or false", name);
    return *given == "true";
}

std::optional<std::int32_t> number_in(const Exchange &exchange, const char *name, std::int32_t min,
                                      std::int32_t max, pg::Errors &errors)
{
    const std::optional<std::string_view> given = value_of(exchange.target.query, name);
    if (!given.has_value())
        return std::nullopt;
    const std::optional<std::int32_t> number = number_of<std::int32_t>(*given);
    if (!number.has_value() || *number < min || *number > max)
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, nullptr, "parameter \"%s\" must be from %d to %d", name,
                   min, max);
    return number;
}

std::int32_t page_size(const Exchange &exchange, pg::Errors &errors)
{
    constexpr std::int32_t default_size = 100;
    constexpr std::int32_t max_size = 1000;
    return number_in(exchange, "limit", 1, max_size, errors).value_or(default_size);
}

void add_next_page(Exchange &exchange, std::string_view last_key)
{
    StringInfoData link;
    initStringInfo(&link);
    appendStringInfoString(&link, "<?after=");
    append_encoded(&link, last_key);
    std::string_view names = exchange.route->parameters;
    while (!names.empty()) {
        const std::string_view name = take(names, ' ');
        const std::optional<std::string_view> value = value_of(exchange.target.query, name);
        if (name == "after" || !value.has_value())
            continue;
        appendStringInfo(&link, "&%.*s=", static_cast<int>(name.size()), name.data());
        append_encoded(&link, *value);
    }
    appendStringInfoString(&link, ">; rel=\"next\"");
    exchange.answer->header("Link", {link.data, static_cast<std::size_t>(link.len)});
}

} // namespace opigno::gateway
