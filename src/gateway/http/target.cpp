#include "gateway/http/target.hpp"

#include "gateway/http/split.hpp"
#include "pg/encoding.hpp"
#include "pg/text.hpp"

#include <algorithm>

namespace opigno::gateway {

namespace {

constexpr int no_digit = -1;

int digit_of(char given)
{
    if (given >= '0' && given <= '9')
        return given - '0';
    if (given >= 'A' && given <= 'F')
        return given - 'A' + 10;
    if (given >= 'a' && given <= 'f')
        return given - 'a' + 10;
    return no_digit;
}

bool is_control(char given)
{
    const auto byte = static_cast<unsigned char>(given);
    return byte < 0x20 || byte == 0x7F;
}

/* RFC 3986, section 2.3. */
bool is_unreserved(char given)
{
    return (given >= '0' && given <= '9') || (given >= 'A' && given <= 'Z') ||
           (given >= 'a' && given <= 'z') || given == '-' || given == '.' || given == '_' || given == '~';
}

/* Returns the text in the database's encoding. */
std::optional<std::string_view> as_server_text(std::string_view utf8)
{
    if (!pg_verify_mbstr(PG_UTF8, utf8.data(), static_cast<int>(utf8.size()), true))
        return std::nullopt;
    char *converted =
        pg_any_to_server(pnstrdup(utf8.data(), utf8.size()), static_cast<int>(utf8.size()), PG_UTF8);
    return std::string_view(converted);
}

/* plus: what a + stands for. controls: the control characters that the text can have. */
std::optional<std::string_view> decoded(std::string_view text, char plus, std::string_view controls = {})
{
    char *out = static_cast<char *>(palloc(text.size() + 1));
    std::size_t length = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        char next = text[at] == '+' ? plus : text[at];
        if (next == '%') {
            const int high = at + 2 < text.size() ? digit_of(text[at + 1]) : no_digit;
            const int low = at + 2 < text.size() ? digit_of(text[at + 2]) : no_digit;
            if (high == no_digit || low == no_digit)
                return std::nullopt;
            next = static_cast<char>(high * 16 + low);
            at += 2;
        }
        if (is_control(next) && controls.find(next) == std::string_view::npos)
            return std::nullopt;
        out[length++] = next;
    }
    return as_server_text({out, length});
}

/* Removes scheme and authority of the absolute-form, which proxies send. */
std::string_view without_authority(std::string_view text)
{
    for (const std::string_view scheme : {std::string_view("http://"), std::string_view("https://")})
        if (text.size() > scheme.size() && pg_strncasecmp(text.data(), scheme.data(), scheme.size()) == 0) {
            text.remove_prefix(std::min(text.find('/', scheme.size()), text.size()));
            break;
        }
    return text;
}

bool is_target_character(char given)
{
    return !is_control(given) && given != ' ' && given != '#' && given != '\\';
}

/* controls: the control characters that a value can have. */
std::optional<Parameters> read_parameters(std::string_view text, std::string_view controls)
{
    Parameters parameters;
    while (!text.empty()) {
        CHECK_FOR_INTERRUPTS();
        std::string_view value = take(text, '&');
        if (value.empty())
            continue;
        const std::optional<std::string_view> name = decoded(take(value, '='), ' ');
        const std::optional<std::string_view> read = decoded(value, ' ', controls);
        if (!name.has_value() || !read.has_value())
            return std::nullopt;
        parameters.push_back({*name, *read});
    }
    return parameters;
}

} // namespace

std::optional<std::string_view> value_of(const Parameters &parameters, std::string_view name)
{
    for (const Parameter &parameter : parameters)
        if (parameter.name == name)
            return parameter.value;
    return std::nullopt;
}

std::optional<std::string_view> form_decoded(std::string_view text)
{
    return decoded(text, ' ');
}

void append_encoded(StringInfo out, std::string_view value)
{
    const char *utf8 =
        pg_server_to_any(pnstrdup(value.data(), value.size()), static_cast<int>(value.size()), PG_UTF8);
    for (; *utf8 != '\0'; ++utf8)
        if (is_unreserved(*utf8))
            appendStringInfoCharMacro(out, *utf8);
        else
            appendStringInfo(out, "%%%02X", static_cast<unsigned char>(*utf8));
}

std::optional<Parameters> read_form(std::string_view text)
{
    return read_parameters(text, {});
}

std::optional<Target> read_target(std::string_view text)
{
    if (text == "*")
        return Target{.is_server = true, .path = {}, .query = {}};
    std::string_view rest = without_authority(text);
    if (!rest.starts_with('/') || !std::all_of(rest.begin(), rest.end(), is_target_character))
        return std::nullopt;
    std::string_view path = take(rest, '?');
    path.remove_prefix(1);
    Target target;
    for (;;) {
        const bool is_last = path.find('/') == std::string_view::npos;
        const std::optional<std::string_view> segment = decoded(take(path, '/'), '+');
        if (!segment.has_value())
            return std::nullopt;
        target.path.push_back(*segment);
        if (is_last)
            break;
    }
    const std::optional<Parameters> query = read_parameters(rest, white_space_controls);
    if (!query.has_value())
        return std::nullopt;
    target.query = *query;
    return target;
}

} // namespace opigno::gateway
