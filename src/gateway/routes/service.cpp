/* What the service says about itself. */
#include "gateway/route.hpp"
#include "pg/spi.hpp"
#include "json/value/writer.hpp"

namespace opigno::gateway {

namespace {

constinit pg::CallerStatement select_version(
    "SELECT e.extversion FROM pg_catalog.pg_extension AS e WHERE e.extname = 'opigno_profiles'");

void answer_health(Exchange &exchange)
{
    select_version.read(nullptr);
    json::Writer out;
    out.begin_object();
    out.key("status").string("pass");
    out.key("version").string(pg::view(DatumGetTextPP(pg::column(1))));
    out.end_object();
    exchange.answer->body = out.json();
}

/* docs/openapi.yaml as JSON, in ASCII, which is valid in every encoding of a database. The Makefile
 * makes the file. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverlength-strings" /* the least that the standard asks of compilers */
constexpr std::string_view openapi =
#include "gateway/openapi.inc"
    ;
#pragma GCC diagnostic pop

void answer_openapi(Exchange &exchange)
{
    exchange.answer->body = PointerGetDatum(pg::make_text(openapi));
}

constexpr Route routes[] = {
    {"GET", "/health", Identity::None, Body::None, answer_health, "", "application/health+json"},
    {"GET", "/openapi.json", Identity::None, Body::None, answer_openapi},
};

} // namespace

constinit const std::span<const Route> service_routes(routes);

} // namespace opigno::gateway
