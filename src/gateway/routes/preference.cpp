/* Open edX's routes of preferences. */
#include "gateway/body.hpp"
#include "gateway/conditions.hpp"
#include "pg/function.hpp"
#include "json/text/repeated_members.hpp"
#include "json/value/reader.hpp"
#include "json/value/writer.hpp"

namespace opigno::gateway {

namespace {

constexpr Oid user_type[] = {TEXTOID};
constinit const pg::Function get_preferences("get_preferences", user_type);
constinit const pg::Function get_version("preferences_version", user_type);
/* The function reads the text itself. */
constexpr Oid patch_types[] = {TEXTOID, JSONOID, INT8OID};
constinit const pg::Function patch_preferences("patch_preferences", patch_types);
constexpr Oid key_types[] = {TEXTOID, TEXTOID};
constinit const pg::Function get_preference("get_preference", key_types);
constexpr Oid set_types[] = {TEXTOID, TEXTOID, TEXTOID, INT8OID};
constinit const pg::Function set_preference("set_preference", set_types);
constexpr Oid delete_types[] = {TEXTOID, TEXTOID, INT8OID};
constinit const pg::Function delete_preference("delete_preference", delete_types);

/* The version of the user's preferences; nothing if none was ever set. */
std::optional<std::int64_t> read_version(const Exchange &exchange)
{
    const Datum user = captured_text(exchange, 0);
    const std::optional<Datum> version = get_version.call_latest(&user);
    return version.has_value() && DatumGetInt64(*version) > 0 ? std::optional(DatumGetInt64(*version))
                                                              : std::nullopt;
}

/*
 * The version of all preferences that a write of one expects. The conditions are about that preference,
 * whose ETag is made of its value. Preferences have one version, so another write of the user's
 * preferences at the same time fails the conditions, too.
 */
std::optional<std::int64_t> expected_version_of_all(const Exchange &exchange)
{
    if (!has_condition(exchange))
        return std::nullopt;
    const Datum values[] = {captured_text(exchange, 0), captured_text(exchange, 1)};
    const std::optional<Datum> version = get_version.call_latest(values);
    if (!version.has_value()) /* the write says why it is not possible */
        return std::nullopt;
    const std::optional<Datum> value = get_preference.call_latest(values);
    if (!value.has_value() && exchange.method == "DELETE")
        refuse(404, "the preference is not set");
    check_conditions(exchange, value.has_value() ? mark_of(pg::view(DatumGetTextPP(*value))) : nullptr);
    return DatumGetInt64(*version);
}

void answer_all(Exchange &exchange)
{
    const Datum user = captured_text(exchange, 0);
    const std::optional<Datum> preferences = get_preferences.call(&user);
    if (!preferences.has_value())
        refuse(404, "the account does not exist");
    exchange.answer->body = *preferences;
    if (const std::int64_t version = DatumGetInt64(get_version.value(&user)); version > 0)
        add_version(*exchange.answer, version);
}

void answer_patch(Exchange &exchange)
{
    const std::optional<std::int64_t> expected = expected_version(exchange, {read_version});
    const Datum values[] = {captured_text(exchange, 0), PointerGetDatum(pg::make_text(body_text(exchange))),
                            Int64GetDatum(expected.value_or(0))};
    const char nulls[] = {' ', ' ', expected.has_value() ? ' ' : 'n'};
    answer_with_errors(*exchange.answer, patch_preferences.value(values, nulls));
    if (exchange.answer->status == 200) {
        exchange.answer->status = 204;
        exchange.answer->body = Datum{0};
        if (const std::optional<std::int64_t> version = read_version(exchange); version.has_value())
            add_version(*exchange.answer, *version);
    }
}

void answer_get(Exchange &exchange)
{
    const Datum values[] = {captured_text(exchange, 0), captured_text(exchange, 1)};
    const std::optional<Datum> value = get_preference.call(values);
    if (!value.has_value())
        refuse(404, "the preference is not set");
    json::Writer out;
    out.string(pg::view(DatumGetTextPP(*value)));
    exchange.answer->body = out.json();
    add_mark(*exchange.answer, mark_of(pg::view(DatumGetTextPP(*value))));
}

/* An ETag may only be sent if GET returns the bytes of the body (RFC 9110, section 9.3.4). */
void add_mark_if_same(Answer &answer, std::string_view body, std::string_view value)
{
    json::Writer out;
    out.string(value);
    if (pg::view(DatumGetTextPP(out.json())) == body)
        add_mark(answer, mark_of(value));
}

/* A string is stored as it is, any other value as its JSON text. */
void answer_put(Exchange &exchange)
{
    pg::Errors errors;
    const std::optional<std::int64_t> expected = expected_version_of_all(exchange);
    const std::string_view body = body_text(exchange);
    Jsonb *document = json::read_distinct(body, errors);
    errors.raise();
    const JsonbValue given = json::root_of(document);
    const std::string_view value = given.type == jbvString ? json::string_of(given)
                                   : given.type == jbvNull ? std::string_view()
                                                           : body;
    const Datum values[] = {captured_text(exchange, 0), captured_text(exchange, 1),
                            PointerGetDatum(pg::make_text(value)), Int64GetDatum(expected.value_or(0))};
    const char nulls[] = {' ', ' ', ' ', expected.has_value() ? ' ' : 'n'};
    set_preference.call(values, nulls);
    exchange.answer->status = 204;
    add_mark_if_same(*exchange.answer, body, value);
}

void answer_delete(Exchange &exchange)
{
    const std::optional<std::int64_t> expected = expected_version_of_all(exchange);
    const Datum values[] = {captured_text(exchange, 0), captured_text(exchange, 1),
                            Int64GetDatum(expected.value_or(0))};
    const char nulls[] = {' ', ' ', expected.has_value() ? ' ' : 'n'};
    if (!DatumGetBool(delete_preference.value(values, nulls)))
        refuse(404, "the preference is not set");
    exchange.answer->status = 204;
}

constexpr Route routes[] = {
    {"GET", "/api/user/v1/preferences/:username", Identity::Request, Body::None, answer_all},
    {"PATCH", "/api/user/v1/preferences/:username", Identity::Request, Body::MergePatch, answer_patch},
    {"GET", "/api/user/v1/preferences/:username/:key", Identity::Request, Body::None, answer_get},
    {"PUT", "/api/user/v1/preferences/:username/:key", Identity::Request, Body::Json, answer_put},
    {"DELETE", "/api/user/v1/preferences/:username/:key", Identity::Request, Body::None, answer_delete},
};

} // namespace

constinit const std::span<const Route> preference_routes(routes);

} // namespace opigno::gateway
