#include "gateway/http/headers.hpp"

#include "pg/error.hpp"
#include "json/value/reader.hpp"

#include <algorithm>

namespace opigno::gateway {

namespace {

bool is_same_name(std::string_view left, std::string_view right)
{
    return left.size() == right.size() && pg_strncasecmp(left.data(), right.data(), left.size()) == 0;
}

void append(StringInfo out, bool &is_first, const JsonbValue &value)
{
    if (value.type != jbvString)
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("a value of \"headers\" must be a string or a list of strings"));
    if (!is_first)
        appendStringInfoString(out, ", ");
    is_first = false;
    const std::string_view text = json::string_of(value);
    appendBinaryStringInfo(out, text.data(), static_cast<int>(text.size()));
}

} // namespace

Headers read_headers(Jsonb *object)
{
    const JsonbValue root = json::root_of(object);
    if (!json::is_object(root))
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("\"headers\" must be an object"));
    Headers headers;
    json::each_member(root, [&](std::string_view name, const JsonbValue &value) {
        headers.push_back({name, value});
    });
    return headers;
}

std::optional<std::string_view> find_header(const Headers &headers, std::string_view name)
{
    StringInfoData out{};
    bool is_first = true;
    for (const Header &header : headers) {
        if (!is_same_name(header.name, name))
            continue;
        if (out.data == nullptr)
            initStringInfo(&out);
        if (json::is_array(header.value))
            json::each_element(header.value,
                               [&](const JsonbValue &element) { append(&out, is_first, element); });
        else
            append(&out, is_first, header.value);
    }
    return is_first ? std::nullopt
                    : std::optional<std::string_view>({out.data, static_cast<std::size_t>(out.len)});
}

std::string_view trimmed(std::string_view value)
{
    const auto is_blank = [](char given) { return given == ' ' || given == '\t'; };
    while (!value.empty() && is_blank(value.front()))
        value.remove_prefix(1);
    while (!value.empty() && is_blank(value.back()))
        value.remove_suffix(1);
    return value;
}

bool is_accepted(const Headers &headers, std::string_view media_type)
{
    const std::optional<std::string_view> accept = find_header(headers, "Accept");
    if (!accept.has_value() || trimmed(*accept).empty())
        return true;
    for (std::string_view rest = *accept; !rest.empty();) {
        const std::size_t end = std::min(rest.find(','), rest.size());
        const std::string_view range = trimmed({rest.data(), end});
        rest.remove_prefix(std::min(end + 1, rest.size()));
        for (const std::string_view taken :
             {media_type, std::string_view("application/*"), std::string_view("*/*")})
            if (is_media_type(range, taken))
                return true;
    }
    return false;
}

bool is_media_type(std::string_view value, std::string_view media_type)
{
    const std::string_view given = trimmed({value.data(), std::min(value.find(';'), value.size())});
    return is_same_name(given, media_type);
}

} // namespace opigno::gateway
