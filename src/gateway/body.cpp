#include "gateway/body.hpp"

#include "gateway/http/headers.hpp"
#include "pg/encoding.hpp"
#include "pg/setting.hpp"
#include "json/text/repeated_members.hpp"
#include "json/value/integer.hpp"
#include "json/value/reader.hpp"

#include <climits> /* for MAX_KILOBYTES */
#include <limits>

namespace opigno::gateway {

namespace {

int max_body = 1024;           /* kB */
int max_bulk_body = 64 * 1024; /* kB */

std::string_view bytes_of(const Exchange &exchange)
{
    return exchange.given_body == nullptr
               ? std::string_view()
               : std::string_view(VARDATA_ANY(exchange.given_body), VARSIZE_ANY_EXHDR(exchange.given_body));
}

const char *media_type_of(Body body)
{
    switch (body) {
    case Body::Form:
        return "application/x-www-form-urlencoded";
    case Body::MergePatch:
        return "application/merge-patch+json";
    case Body::Json:
    case Body::Bulk:
        return "application/json";
    case Body::None:
        break;
    }
    return nullptr;
}

} // namespace

void check_body(Exchange &exchange, const Route &route)
{
    const auto limit = static_cast<std::size_t>(route.body == Body::Bulk ? max_bulk_body : max_body) * 1024;
    if (bytes_of(exchange).size() > limit)
        refuse(413, "the body is too large");
    const char *media_type = media_type_of(route.body);
    if (media_type == nullptr)
        return;
    const std::optional<std::string_view> given = find_header(exchange.headers, "Content-Type");
    if (given.has_value() && is_media_type(*given, media_type))
        return;
    exchange.answer->header(route.method == "PATCH"  ? "Accept-Patch"
                            : route.method == "POST" ? "Accept-Post"
                                                     : "Accept",
                            media_type);
    refuse(415, "the body has another Content-Type than this path accepts");
}

std::string_view body_text(const Exchange &exchange)
{
    const std::string_view bytes = bytes_of(exchange);
    if (!pg_verify_mbstr(PG_UTF8, bytes.data(), static_cast<int>(bytes.size()), true))
        refuse(400, "the body is not UTF-8 text, or contains a NUL byte");
    if (GetDatabaseEncoding() == PG_UTF8)
        return bytes;
    return pg_any_to_server(pnstrdup(bytes.data(), bytes.size()), static_cast<int>(bytes.size()), PG_UTF8);
}

Members::Members(const Exchange &exchange, pg::Errors &errors) : errors_(errors)
{
    Jsonb *document = json::read_distinct(body_text(exchange), errors);
    if (document == nullptr)
        errors.raise();
    const JsonbValue root = json::root_of(document);
    if (json::is_object(root))
        json::each_member(root, [&](std::string_view name, const JsonbValue &value) {
            members_.push_back({name, value, false});
        });
    else
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, nullptr, "the body must be an object");
}

const JsonbValue *Members::take(std::string_view name, bool required)
{
    for (Member &member : members_)
        if (member.name == name) {
            member.is_taken = true;
            return &member.value;
        }
    if (required)
        errors_.add(ERRCODE_INVALID_PARAMETER_VALUE, name.data(), "\"%s\" is required", name.data());
    return nullptr;
}

std::int32_t Members::integer(std::string_view name)
{
    const JsonbValue *value = take(name);
    if (value == nullptr)
        return 0;
    const std::optional<std::int64_t> number = json::integer_of(*value);
    if (!number.has_value() || *number < std::numeric_limits<std::int32_t>::min() ||
        *number > std::numeric_limits<std::int32_t>::max()) {
        errors_.add(ERRCODE_INVALID_PARAMETER_VALUE, name.data(), "\"%s\" must be an integer", name.data());
        return 0;
    }
    return static_cast<std::int32_t>(*number);
}

text *Members::string(std::string_view name, bool required)
{
    const JsonbValue *value = take(name, required);
    if (value == nullptr || (value->type == jbvNull && !required))
        return nullptr;
    if (value->type != jbvString) {
        errors_.add(ERRCODE_INVALID_PARAMETER_VALUE, name.data(), "\"%s\" must be a string", name.data());
        return nullptr;
    }
    return pg::make_text(json::string_of(*value));
}

/* Returns a member of this type; nullptr for one that is missing, null or of another type. */
const JsonbValue *Members::take_given(std::string_view name, jbvType type, const char *wanted)
{
    const JsonbValue *value = take(name, false);
    if (value == nullptr || value->type == jbvNull)
        return nullptr;
    if (value->type == type)
        return value;
    errors_.add(ERRCODE_INVALID_PARAMETER_VALUE, name.data(), "\"%s\" must be %s", name.data(), wanted);
    return nullptr;
}

std::optional<Datum> Members::number(std::string_view name)
{
    const JsonbValue *value = take_given(name, jbvNumeric, "a number");
    return value == nullptr ? std::nullopt : std::optional(PointerGetDatum(value->val.numeric));
}

std::optional<bool> Members::flag(std::string_view name)
{
    const JsonbValue *value = take_given(name, jbvBool, "true or false");
    return value == nullptr ? std::nullopt : std::optional(value->val.boolean);
}

std::optional<std::int32_t> Members::optional_integer(std::string_view name)
{
    const JsonbValue *value = take(name, false);
    return value == nullptr || value->type == jbvNull ? std::nullopt : std::optional(integer(name));
}

std::optional<std::string_view> Members::unknown() const
{
    for (const Member &member : members_)
        if (!member.is_taken)
            return member.name;
    return std::nullopt;
}

void Members::finish()
{
    for (const Member &member : members_)
        if (!member.is_taken)
            errors_.add(ERRCODE_INVALID_PARAMETER_VALUE, nullptr, "member \"%s\" is unknown",
                        pg::quoted(member.name));
    errors_.raise();
}

void define_body_settings()
{
    constexpr int max_bytea = 1024 * 1024; /* kB */
    DefineCustomIntVariable(
        "opigno_profiles.max_body_size", "Sets the largest body that opigno.http_request() accepts.",
        "Requests for many entries have a limit of their own, opigno_profiles.max_bulk_body_size.", &max_body,
        max_body, 1, max_bytea, PGC_SUSET, GUC_UNIT_KB, nullptr, nullptr, nullptr);
    DefineCustomIntVariable("opigno_profiles.max_bulk_body_size",
                            "Sets the largest body of a request for many entries that opigno.http_request() "
                            "accepts.",
                            nullptr, &max_bulk_body, max_bulk_body, 1, max_bytea, PGC_SUSET, GUC_UNIT_KB,
                            nullptr, nullptr, nullptr);
}

} // namespace opigno::gateway
