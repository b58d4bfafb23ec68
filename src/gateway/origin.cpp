#include "gateway/origin.hpp"

#include "gateway/http/headers.hpp"
#include "pg/spi.hpp"

#include <algorithm>

namespace opigno::gateway {

namespace {

/* The host, and the host with its port. A domain is one of these or the whole origin. */
constexpr Oid types[] = {TEXTOID, TEXTOID, TEXTOID};
constinit pg::CallerStatement find_app("SELECT FROM opigno.list_apps() AS a"
                                       " WHERE a.domains && ARRAY[$1, $2, $3] LIMIT 1",
                                       types);

constexpr std::string_view separator = "://";

bool is_origin_character(char given)
{
    return (given >= '0' && given <= '9') || (given >= 'a' && given <= 'z') ||
           (given >= 'A' && given <= 'Z') || given == '.' || given == '-' || given == ':' || given == '[' ||
           given == ']';
}

/* Returns the host and port of an origin of a web page; nothing for "null" and other values. */
std::optional<std::string_view> authority_of(std::string_view origin)
{
    for (const std::string_view scheme : {std::string_view("http"), std::string_view("https")}) {
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

bool is_of_an_app(std::string_view origin)
{
    const std::optional<std::string_view> authority = authority_of(origin);
    if (!authority.has_value())
        return false;
    const Datum values[] = {PointerGetDatum(pg::make_text(host_of(*authority))),
                            PointerGetDatum(pg::make_text(*authority)),
                            PointerGetDatum(pg::make_text(origin))};
    return find_app.read(values) > 0;
}

} // namespace

void add_cross_origin(Exchange &exchange)
{
    const std::optional<std::string_view> origin = find_header(exchange.headers, "Origin");
    if (!origin.has_value())
        return;
    Answer &answer = *exchange.answer;
    answer.header("Vary", "Origin");
    if (!is_of_an_app(*origin))
        return;
    answer.header("Access-Control-Allow-Origin", *origin);
    if (exchange.method == "OPTIONS") {
        answer.header("Access-Control-Allow-Methods",
                      value_of(answer.headers, "Allow").value_or(std::string_view()));
        answer.header("Access-Control-Allow-Headers",
                      "Authorization, Content-Type, If-Match, If-None-Match, Opigno-Client-UUID, Prefer");
        answer.header("Access-Control-Max-Age", "86400");
    } else {
        answer.header(
            "Access-Control-Expose-Headers",
            "Accept-Patch, Accept-Post, Allow, ETag, Location, Preference-Applied, WWW-Authenticate");
    }
}

} // namespace opigno::gateway
