#include "identity/label.hpp"

#include "identity/encoding.hpp"
#include "identity/unicode.hpp"
#include "pg/text.hpp"

namespace opigno::identity {

namespace {

constexpr int max_characters = 255;

} // namespace

text *checked_label(text *value, const char *member, pg::Faults &faults)
{
    if (value == nullptr)
        return nullptr;
    const std::string_view name = pg::view(value);
    if (pg_mbstrlen_with_len(name.data(), static_cast<int>(name.size())) > max_characters) {
        faults.add(ERRCODE_INVALID_PARAMETER_VALUE, member, "\"%s\" is longer than 255 characters", member);
        return value;
    }
    const std::optional<std::string_view> utf8 = as_utf8(name);
    if (!utf8.has_value())
        faults.add(ERRCODE_INVALID_PARAMETER_VALUE, member, "\"%s\" contains a character that Unicode lacks",
                   member);
    else if (unicode::is_blank(*utf8))
        faults.add(ERRCODE_INVALID_PARAMETER_VALUE, member, "\"%s\" must not be blank", member);
    return value;
}

text *checked_description(text *value, pg::Faults &faults)
{
    constexpr std::size_t max_bytes = 10000;
    if (value != nullptr && pg::view(value).size() > max_bytes)
        faults.add(ERRCODE_INVALID_PARAMETER_VALUE, "description", "\"description\" is longer than %zu bytes",
                   max_bytes);
    return value;
}

} // namespace opigno::identity
