#include "client/jwt/document.hpp"

#include "json/text/string_text.hpp"
#include "json/text/syntax_error.hpp"
#include "json/text/text_scanner.hpp"
#include "json/value/small_vector.hpp"

#include <algorithm>
#include <cstdint>
#include <type_traits>

namespace opigno::jwt {

namespace {

constexpr const char *too_deep = "the JSON has too many levels";

/* A member, by the object that has it. Objects are numbered in the order in which they begin. */
struct Name {
    std::uint32_t object;
    std::string_view name;

    bool operator<(const Name &other) const
    {
        return object != other.object ? object < other.object : name < other.name;
    }
    bool operator==(const Name &other) const { return object == other.object && name == other.name; }
};

/* Finds all members of all objects in one pass. */
class NameReader {
  public:
    explicit NameReader(std::string_view text) : text_(text), scanner_(text) {}

    const char *check()
    {
        while (!scanner_.is_at_end())
            if (!step())
                return too_deep;
        if (names_.size() < 2)
            return nullptr;
        Name *first = &names_[0];
        Name *end = first + names_.size();
        std::sort(first, end);
        return std::adjacent_find(first, end) == end ? nullptr : "a member is given more than once";
    }

  private:
    bool step()
    {
        const std::size_t at = scanner_.position();
        const char c = text_[at];
        if (c == '"') {
            read_string();
            return true;
        }
        scanner_.move_to(at + 1);
        if (c == '{' || c == '[') {
            if (depth_ == max_levels)
                return false;
            open_[depth_++] = ++containers_;
        } else if ((c == '}' || c == ']') && depth_ > 0) {
            --depth_;
        }
        return true;
    }

    /* Only the name of a member has a colon after it. */
    void read_string()
    {
        std::string_view spelled;
        if (!scanner_.read_string(spelled)) {
            scanner_.move_to(text_.size());
            return;
        }
        scanner_.skip_space();
        if (scanner_.is_at(':') && depth_ > 0)
            names_.add() = {open_[depth_ - 1], json::unescaped(spelled)};
    }

    std::string_view text_;
    json::TextScanner scanner_;
    std::uint32_t open_[max_levels] = {};
    std::size_t depth_ = 0;
    std::uint32_t containers_ = 0;
    json::SmallVector<Name, 64> names_;
};

static_assert(std::is_trivially_destructible_v<Name> && std::is_trivially_destructible_v<NameReader>);

/* Returns the text without white space around it, which starts with the value. */
std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && json::is_space(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && json::is_space(text.back()))
        text.remove_suffix(1);
    return text;
}

/* Whether a reference token of a pointer, in which ~0 is ~ and ~1 is /, is the name. */
bool is_name(std::string_view token, std::string_view name)
{
    std::size_t at = 0;
    for (std::size_t from = 0; from < token.size(); ++from, ++at) {
        char c = token[from];
        if (c == '~' && from + 1 < token.size())
            c = token[++from] == '1' ? '/' : '~';
        if (at >= name.size() || name[at] != c)
            return false;
    }
    return at == name.size();
}

/* Whether a reference token is this number of an element. */
bool is_number(std::string_view token, std::size_t number)
{
    if (token.empty() || token.size() > 6 || (token.size() > 1 && token.front() == '0'))
        return false;
    std::size_t value = 0;
    for (const char c : token) {
        if (c < '0' || c > '9')
            return false;
        value = value * 10 + static_cast<std::size_t>(c - '0');
    }
    return value == number;
}

std::optional<std::string_view> child(std::string_view value, std::string_view token)
{
    std::optional<std::string_view> found;
    if (value.starts_with('{')) {
        json::each_member_text(value, [&](std::string_view spelled, std::string_view member) {
            if (is_name(token, json::unescaped(spelled)))
                found = member;
        });
    } else if (value.starts_with('[')) {
        std::size_t number = 0;
        json::each_element_text(value, [&](std::string_view element) {
            if (is_number(token, number++))
                found = element;
        });
    }
    return found;
}

} // namespace

const char *check_object(std::string_view text)
{
    /* Beyond its own limit of levels, which is higher, find_syntax_error() gives up. */
    if (json::find_syntax_error(text).reason != nullptr)
        return "the JSON is malformed";
    if (!trimmed(text).starts_with('{'))
        return "the JSON is not an object";
    return NameReader(text).check();
}

std::optional<std::string_view> find_member(std::string_view object, std::string_view name)
{
    std::optional<std::string_view> found;
    json::each_member_text(object, [&](std::string_view spelled, std::string_view value) {
        if (json::unescaped(spelled) == name)
            found = value;
    });
    return found;
}

std::optional<std::string_view> find_value(std::string_view text, std::string_view pointer)
{
    std::optional<std::string_view> value = trimmed(text);
    while (value.has_value() && !pointer.empty()) {
        pointer.remove_prefix(1);
        const std::size_t size = std::min(pointer.find('/'), pointer.size());
        value = child(*value, {pointer.data(), size});
        pointer.remove_prefix(size);
    }
    return value;
}

bool is_pointer(std::string_view pointer)
{
    if (!pointer.starts_with('/'))
        return false;
    for (std::size_t at = 0; at < pointer.size(); ++at)
        if (pointer[at] == '~' &&
            (at + 1 == pointer.size() || (pointer[at + 1] != '0' && pointer[at + 1] != '1')))
            return false;
    return true;
}

std::optional<std::string_view> string_of(std::string_view value)
{
    if (value.size() < 2 || value.front() != '"')
        return std::nullopt;
    return json::unescaped({value.data() + 1, value.size() - 2});
}

bool has_string(std::string_view value, std::string_view wanted)
{
    if (!value.starts_with('['))
        return string_of(value) == wanted;
    bool is_found = false;
    json::each_element_text(
        value, [&](std::string_view element) { is_found = is_found || string_of(element) == wanted; });
    return is_found;
}

} // namespace opigno::jwt
