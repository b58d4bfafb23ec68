#include "document/expected_version.hpp"

#include "json/text/json_text.hpp"
#include "json/value/integer.hpp"
#include "json/value/reader.hpp"

namespace opigno::document {

pg::ExpectedVersion expected_version(const JsonbValue &value, pg::Errors &errors)
{
    if (value.type == jbvNull)
        return std::nullopt;
    const std::optional<std::int64_t> version = json::integer_of(value);
    if (!version.has_value() || *version < pg::any_version)
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, version_member,
                   "\"%s\" must be an integer from -1, which stands for any version", version_member);
    return version;
}

pg::ExpectedVersion expected_version(std::string_view text, pg::Errors &errors)
{
    pg::Error why{};
    Jsonb *number = json::try_read_json(text, why);
    return expected_version(number != nullptr ? json::root_of(number) : json::string_value(text), errors);
}

} // namespace opigno::document
