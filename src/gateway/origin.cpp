#include "gateway/origin.hpp"

#include "gateway/http/headers.hpp"
#include "pg/array.hpp"
#include "pg/spi.hpp"

#include <algorithm>

namespace opigno::gateway {

namespace {

/* A domain of an app is a host, a host with its port, or a whole origin. */
constexpr Oid types[] = {TEXTARRAYOID};
constinit pg::CallerStatement find_app("SELECT FROM opigno.list_apps() AS a WHERE a.domains && $1 LIMIT 1",
                                       types);

constexpr std::string_view separator = "://";

bool is_origin_character(char given)
{
    return (given >= '0' && given <= '9') || (given >= 'a' && given <= 'z') ||
           (given >= 'A' && given <= 'Z') || given == '.' || given == '-' || given == ':' || given == '[' ||
           given == ']';
}

constexpr std::string_view secure = "https";

/* Returns the host and port of an origin of a web page; nothing for "null" and other values. */
std::optional<std::string_view> authority_of(std::string_view origin)
{
    for (const std::string_view scheme : {std::string_view("http"), secure}) {
        if (!origin.starts_with(scheme))
            continue;
        std::string_view rest = origin;
        rest.remove_prefix(scheme.size());
        if (!rest.starts_with(separator))
            continue;
        rest.remove_prefix(separator.size());
        if (!rest.empty() && std::all_of(rest.begin(), rest.end(), is_origin_character))
            return rest;
    }
    return std::nullopt;
}

std::string_view host_of(std::string_view authority)
{
    const std::size_t colon = authority.rfind(':');
    const bool has_port = colon != std::string_view::npos && authority.back() != ']';
    return {authority.data(), has_port ? colon : authority.size()};
}

/* Without TLS, anybody in between can be the page. */
bool is_trusted(std::string_view origin, std::string_view host)
{
    return origin.starts_with(secure) || host == "localhost" || host == "127.0.0.1" || host == "[::1]";
}

bool is_of_an_app(std::string_view origin)
{
    const std::optional<std::string_view> authority = authority_of(origin);
    if (!authority.has_value())
        return false;
    pg::Names names;
    names.push_back(origin);
    if (const std::string_view host = host_of(*authority); is_trusted(origin, host)) {
        names.push_back(*authority);
        names.push_back(host);
    }
    const Datum value = PointerGetDatum(pg::make_array(names));
    return find_app.read(&value) > 0;
}

} // namespace

void add_cross_origin(Exchange &exchange)
{
    Answer &answer = *exchange.answer;
    answer.header("Vary", "Origin");
    const std::optional<std::string_view> origin = find_header(exchange.headers, "Origin");
    if (!origin.has_value() || !is_of_an_app(*origin))
        return;
    answer.header("Access-Control-Allow-Origin", *origin);
    if (exchange.method != "OPTIONS")
        answer.header("Access-Control-Expose-Headers",
                      "Accept, Accept-Patch, Accept-Post, Allow, ETag, Link, Location, Preference-Applied, "
                      "Retry-After, WWW-Authenticate");
}

void add_preflight(Exchange &exchange)
{
    Answer &answer = *exchange.answer;
    if (!value_of(answer.headers, "Access-Control-Allow-Origin").has_value())
        return;
    answer.header("Access-Control-Allow-Methods",
                  value_of(answer.headers, "Allow").value_or(std::string_view()));
    answer.header("Access-Control-Allow-Headers",
                  "Authorization, Content-Type, If-Match, If-None-Match, Opigno-Client-UUID, Prefer");
    answer.header("Access-Control-Max-Age", "86400");
}

} // namespace opigno::gateway
