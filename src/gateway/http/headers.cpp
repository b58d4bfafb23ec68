#include "gateway/http/headers.hpp"

#include "gateway/http/split.hpp"
#include "pg/error.hpp"
#include "json/value/reader.hpp"

#include <algorithm>

namespace opigno::gateway {

namespace {

/* Whether a media range is "type" and a star. */
bool is_range_of(std::string_view range, std::string_view type)
{
    return range.size() == type.size() + 2 && range.ends_with("/*") &&
           is_same_name({range.data(), type.size()}, type);
}

constexpr int full_weight = 1000;

/* Reads 0, 0.5 and the like, in thousandths. What is malformed is the full weight. */
int read_weight(std::string_view text)
{
    constexpr std::size_t digits_from = 2;
    constexpr std::size_t digits_to = 5;
    if (!text.starts_with('0') || (text.size() > 1 && text[1] != '.'))
        return full_weight;
    int weight = 0;
    for (std::size_t at = digits_from; at < digits_to; ++at) {
        const char digit = at < text.size() ? text[at] : '0';
        if (digit < '0' || digit > '9')
            return full_weight;
        weight = weight * 10 + (digit - '0');
    }
    return weight;
}

/* The weight in the parameters of a media range: q=0.5. */
int weight_in(std::string_view parameters)
{
    while (!parameters.empty()) {
        std::string_view weight = trimmed(take_unquoted(parameters, ';'));
        if (is_same_name(trimmed(take(weight, '=')), "q"))
            return read_weight(trimmed(weight));
    }
    return full_weight;
}

std::string_view without_quotes(std::string_view value)
{
    const bool is_quoted = value.size() >= 2 && value.front() == '"' && value.back() == '"';
    return is_quoted ? std::string_view(value.data() + 1, value.size() - 2) : value;
}

/* Values of one header. A single one is not copied. */
class Joined {
  public:
    void add(const JsonbValue &value)
    {
        if (value.type != jbvString)
            ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                    errmsg("a value of \"headers\" must be a string or a list of strings"));
        const std::string_view text = json::string_of(value);
        if (!first_.has_value()) {
            first_ = text;
            return;
        }
        if (all_.data == nullptr) {
            initStringInfo(&all_);
            append(*first_);
        }
        append(", ");
        append(text);
    }

    [[nodiscard]] std::optional<std::string_view> text() const
    {
        return all_.data == nullptr
                   ? first_
                   : std::optional<std::string_view>({all_.data, static_cast<std::size_t>(all_.len)});
    }

  private:
    void append(std::string_view text)
    {
        appendBinaryStringInfo(&all_, text.data(), static_cast<int>(text.size()));
    }

    std::optional<std::string_view> first_;
    StringInfoData all_{};
};

static_assert(std::is_trivially_destructible_v<Joined>);

} // namespace

bool is_same_name(std::string_view left, std::string_view right)
{
    return left.size() == right.size() && pg_strncasecmp(left.data(), right.data(), left.size()) == 0;
}

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
    Joined joined;
    for (const Header &header : headers) {
        if (!is_same_name(header.name, name))
            continue;
        if (json::is_array(header.value))
            json::each_element(header.value, [&](const JsonbValue &element) { joined.add(element); });
        else
            joined.add(header.value);
    }
    return joined.text();
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

int accepted_weight(const Headers &headers, std::string_view media_type)
{
    std::string_view ranges = find_header(headers, "Accept").value_or(std::string_view());
    if (trimmed(ranges).empty())
        return full_weight;
    const std::string_view of_type = media_type.substr(0, media_type.find('/'));
    int best = 0;
    int weight = 0;
    while (!ranges.empty()) {
        CHECK_FOR_INTERRUPTS();
        std::string_view parameters = take_unquoted(ranges, ',');
        const std::string_view range = trimmed(take_unquoted(parameters, ';'));
        const int specificity = is_same_name(range, media_type) ? 3
                                : is_range_of(range, of_type)   ? 2
                                : range == "*/*"                ? 1
                                                                : 0;
        if (specificity <= best)
            continue;
        best = specificity;
        weight = weight_in(parameters);
    }
    return weight;
}

bool is_preferred(const Headers &headers, std::string_view preference, std::string_view value)
{
    std::string_view preferences = find_header(headers, "Prefer").value_or(std::string_view());
    while (!preferences.empty()) {
        CHECK_FOR_INTERRUPTS();
        std::string_view parameters = take_unquoted(preferences, ',');
        std::string_view given = take_unquoted(parameters, ';');
        if (is_same_name(trimmed(take(given, '=')), preference))
            return without_quotes(trimmed(given)) == value;
    }
    return false;
}

bool is_media_type(std::string_view value, std::string_view media_type)
{
    const std::string_view given = trimmed({value.data(), std::min(value.find(';'), value.size())});
    return is_same_name(given, media_type);
}

} // namespace opigno::gateway
