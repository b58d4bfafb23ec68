#include "gateway/conditions.hpp"

#include "gateway/http/headers.hpp"
#include "gateway/http/split.hpp"
#include "gateway/number.hpp"
#include "pg/setting.hpp"

namespace opigno::gateway {

namespace {

bool requires_condition = false;

std::optional<std::string_view> tag_of(const Answer &answer)
{
    return value_of(answer.headers, "ETag");
}

/* Whether a list of ETags has this one. W/ before an ETag makes no difference here. */
bool has_tag(std::string_view list, std::string_view tag)
{
    while (!list.empty()) {
        CHECK_FOR_INTERRUPTS();
        std::string_view given = trimmed(take(list, ','));
        if (given.starts_with("W/"))
            given.remove_prefix(2);
        if (given == tag)
            return true;
    }
    return false;
}

std::int64_t version_of(std::string_view tag)
{
    if (tag == "*")
        return -1;
    const bool is_quoted = tag.size() > 2 && tag.front() == '"' && tag.back() == '"';
    const std::optional<std::int64_t> version =
        is_quoted ? number_of<std::int64_t>({tag.data() + 1, tag.size() - 2}) : std::nullopt;
    if (!version.has_value() || *version < 1)
        refuse(412, "If-Match is not an ETag of this resource");
    return *version;
}

} // namespace

void add_version(Answer &answer, std::int64_t version)
{
    answer.header("ETag", psprintf("\"" INT64_FORMAT "\"", version));
}

std::optional<std::int64_t> expected_version(const Exchange &exchange)
{
    if (const std::optional<std::string_view> tag = find_header(exchange.headers, "If-Match");
        tag.has_value())
        return version_of(trimmed(*tag));
    if (const std::optional<std::string_view> tag = find_header(exchange.headers, "If-None-Match");
        tag.has_value()) {
        if (trimmed(*tag) != "*")
            refuse(400, "If-None-Match of a write must be *");
        return 0;
    }
    if (requires_condition)
        refuse(428, "a write needs If-Match or If-None-Match");
    return std::nullopt;
}

void leave_out_known(Exchange &exchange)
{
    Answer &answer = *exchange.answer;
    const std::optional<std::string_view> tag = tag_of(answer);
    const std::optional<std::string_view> known = find_header(exchange.headers, "If-None-Match");
    if (answer.status != 200 || !tag.has_value() || !known.has_value())
        return;
    if (trimmed(*known) != "*" && !has_tag(*known, *tag))
        return;
    answer.status = 304;
    answer.body = Datum{0};
}

void define_condition_settings()
{
    DefineCustomBoolVariable("opigno_profiles.require_conditional_writes",
                             "Requires If-Match or If-None-Match in HTTP requests that change a row.",
                             nullptr, &requires_condition, false, PGC_SUSET, 0, nullptr, nullptr, nullptr);
}

} // namespace opigno::gateway
