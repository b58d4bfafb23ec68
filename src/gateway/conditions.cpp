#include "gateway/conditions.hpp"

#include "gateway/http/entity_tags.hpp"
#include "gateway/http/headers.hpp"
#include "gateway/http/split.hpp"
#include "gateway/number.hpp"
#include "pg/hash.hpp"
#include "pg/setting.hpp"

#include <algorithm>

namespace opigno::gateway {

namespace {

bool requires_condition = false;

struct Conditions {
    std::optional<EntityTags> match;
    std::optional<EntityTags> none_match;
};

static_assert(std::is_trivially_destructible_v<Conditions>);

std::optional<EntityTags> tags_in(const Exchange &exchange, const char *header)
{
    const std::optional<std::string_view> value = find_header(exchange.headers, header);
    return value.has_value() ? std::optional<EntityTags>(read_entity_tags(*value)) : std::nullopt;
}

Conditions conditions_of(const Exchange &exchange)
{
    const Conditions found = {tags_in(exchange, "If-Match"), tags_in(exchange, "If-None-Match")};
    if (found.match.has_value() && found.match->is_malformed)
        refuse(400, "If-Match must be a list of ETags, or *");
    if (found.none_match.has_value() && found.none_match->is_malformed)
        refuse(400, "If-None-Match must be a list of ETags, or *");
    return found;
}

/* Whether one of the tags is that of the resource. If-Match compares strongly: a weak tag is none. */
template <typename IsTag> bool has_tag(const EntityTags &list, bool with_weak, IsTag is_tag)
{
    return std::any_of(list.tags.begin(), list.tags.end(), [&](const EntityTag &tag) {
        return (with_weak || !tag.is_weak) && is_tag(tag.opaque);
    });
}

template <typename IsTag> void check(const Conditions &conditions, bool exists, IsTag is_tag)
{
    const auto matches = [&](const EntityTags &list, bool with_weak) {
        return exists && (list.is_any || has_tag(list, with_weak, is_tag));
    };
    if (conditions.match.has_value() && !matches(*conditions.match, false))
        refuse(412, "the resource does not exist, or If-Match does not have its ETag");
    if (conditions.none_match.has_value() && matches(*conditions.none_match, true))
        refuse(412, "the resource exists, and If-None-Match has its ETag or is *");
}

std::string_view content_of(std::string_view tag)
{
    return {tag.data() + 1, tag.size() - 2};
}

/* Returns the version in a tag of the resource; nothing if it cannot be one. */
std::optional<std::int64_t> version_in(std::string_view tag, const Versioned &resource)
{
    std::string_view mark = content_of(tag);
    const bool has_mark = mark.find('-') != std::string_view::npos;
    const std::string_view digits = take(mark, '-');
    if (resource.mark != nullptr && (mark != resource.mark || has_mark == mark.empty()))
        return std::nullopt;
    return digits.starts_with('0') ? std::nullopt : number_of<std::int64_t>(digits);
}

/* Returns the version of a condition that the SQL function can check itself. */
std::optional<std::int64_t> simple_version(const Conditions &conditions, const Versioned &resource)
{
    if (conditions.match.has_value() == conditions.none_match.has_value())
        return std::nullopt;
    if (conditions.none_match.has_value())
        return conditions.none_match->is_any ? std::optional<std::int64_t>(0) : std::nullopt;
    if (conditions.match->is_any)
        return -1;
    const bool is_one = conditions.match->tags.size() == 1 && !conditions.match->tags[0].is_weak;
    return is_one ? version_in(conditions.match->tags[0].opaque, resource) : std::nullopt;
}

bool is_condition(const Conditions &conditions)
{
    if (conditions.match.has_value() || conditions.none_match.has_value())
        return true;
    if (requires_condition)
        refuse(428, "a write needs If-Match or If-None-Match");
    return false;
}

} // namespace

const char *mark_of(std::string_view bytes)
{
    const std::uint64_t hash = hash_bytes_extended(reinterpret_cast<const unsigned char *>(bytes.data()),
                                                   static_cast<int>(bytes.size()), 0);
    return psprintf("%016llx", static_cast<unsigned long long>(hash));
}

void add_version(Answer &answer, std::int64_t version, const char *mark)
{
    answer.header("ETag", mark == nullptr ? psprintf("\"" INT64_FORMAT "\"", version)
                                          : psprintf("\"" INT64_FORMAT "-%s\"", version, mark));
}

void add_mark(Answer &answer, const char *mark)
{
    answer.header("ETag", psprintf("\"%s\"", mark));
}

std::optional<std::int64_t> expected_version(const Exchange &exchange, const Versioned &resource)
{
    const Conditions conditions = conditions_of(exchange);
    if (!is_condition(conditions))
        return std::nullopt;
    if (const std::optional<std::int64_t> version = simple_version(conditions, resource); version.has_value())
        return version;
    const std::optional<std::int64_t> stored = resource.read_version(exchange);
    check(conditions, stored.has_value(),
          [&](std::string_view tag) { return version_in(tag, resource) == stored; });
    return stored.value_or(0);
}

bool has_condition(const Exchange &exchange)
{
    return is_condition(conditions_of(exchange));
}

void check_conditions(const Exchange &exchange, const char *mark)
{
    check(conditions_of(exchange), mark != nullptr,
          [&](std::string_view tag) { return content_of(tag) == mark; });
}

void make_not_modified(Exchange &exchange)
{
    Answer &answer = *exchange.answer;
    const std::optional<std::string_view> tag = value_of(answer.headers, "ETag");
    if (answer.status != 200 || !tag.has_value())
        return;
    const std::optional<EntityTags> known = tags_in(exchange, "If-None-Match");
    if (!known.has_value() || known->is_malformed)
        return;
    if (!known->is_any && !has_tag(*known, true, [&](std::string_view given) { return given == *tag; }))
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
