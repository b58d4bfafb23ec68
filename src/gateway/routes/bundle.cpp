/* Combined requests: what is known about a user in one answer. */
#include "gateway/http/split.hpp"
#include "gateway/number.hpp"
#include "gateway/route.hpp"
#include "identity/access.hpp"
#include "pg/array.hpp"
#include "pg/error.hpp"
#include "pg/spi.hpp"
#include "json/value/writer.hpp"

namespace opigno::gateway {

namespace {

constexpr Oid one_types[] = {TEXTOID, INT4ARRAYOID, TEXTARRAYOID};
constinit pg::CallerStatement get_bundle("SELECT opigno.get_user_bundle($1, $2, $3)::text", one_types);
constexpr Oid many_types[] = {TEXTARRAYOID, INT4ARRAYOID, TEXTARRAYOID};
constinit pg::CallerStatement
    get_bundles("SELECT b.user_uuid, b.bundle::text FROM opigno.get_user_bundles($1, $2, $3) AS b",
                many_types);

struct Choice {
    Datum app_ids; /* integer[]; 0: all */
    Datum include; /* text[]; 0: everything */
};

static_assert(std::is_trivially_destructible_v<Choice>);

pg::Names split(std::string_view list)
{
    pg::Names names;
    while (!list.empty())
        names.push_back(take(list, ','));
    return names;
}

Choice choice_of(const Exchange &exchange)
{
    const std::optional<std::string_view> apps = value_of(exchange.target.query, "apps");
    const std::optional<std::string_view> include = value_of(exchange.target.query, "include");
    pg::ArrayColumn app_ids;
    for (const std::string_view app : split(apps.value_or(""))) {
        const std::optional<std::int32_t> app_id = number_of<std::int32_t>(app);
        if (!app_id.has_value())
            ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                    errmsg("parameter \"%s\" must be a list of integers", "apps"));
        app_ids.add(Int32GetDatum(*app_id));
    }
    return {apps.has_value() ? app_ids.integer_array() : Datum{0},
            include.has_value() ? PointerGetDatum(pg::make_array(split(*include))) : Datum{0}};
}

void answer_one(Exchange &exchange)
{
    const bool is_of_any_user = exchange.route->pattern.starts_with("/operator/");
    const Choice choice = choice_of(exchange);
    const Datum values[] = {is_of_any_user ? captured_text(exchange, 0)
                                           : PointerGetDatum(identity::check_request_user()),
                            choice.app_ids, choice.include};
    const char nulls[] = {' ', choice.app_ids == Datum{0} ? 'n' : ' ',
                          choice.include == Datum{0} ? 'n' : ' '};
    get_bundle.read(values, nulls);
    const std::optional<Datum> bundle = pg::nullable_column(1);
    if (!bundle.has_value())
        refuse(404, "the user context does not exist");
    exchange.answer->body = PointerGetDatum(DatumGetTextPCopy(*bundle));
}

void answer_many(Exchange &exchange)
{
    const std::optional<std::string_view> users = value_of(exchange.target.query, "users");
    if (!users.has_value())
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("parameter \"%s\" is required", "users"));
    const Choice choice = choice_of(exchange);
    const Datum values[] = {PointerGetDatum(pg::make_array(split(*users))), choice.app_ids, choice.include};
    const char nulls[] = {' ', choice.app_ids == Datum{0} ? 'n' : ' ',
                          choice.include == Datum{0} ? 'n' : ' '};
    const std::uint64_t rows = get_bundles.read(values, nulls);
    json::Writer out;
    out.begin_array();
    for (std::uint64_t row = 0; row < rows; ++row) {
        CHECK_FOR_INTERRUPTS();
        out.begin_object();
        out.key("user_uuid").string(pg::view(DatumGetTextPP(pg::column(1, row))));
        out.key("bundle").json(pg::view(DatumGetTextPP(pg::column(2, row))));
        out.end_object();
    }
    out.end_array();
    exchange.answer->body = out.json();
}

constexpr Route routes[] = {
    {"GET", "/user/bundle", Identity::Request, Body::None, answer_one, "apps include"},
    {"GET", "/operator/users/bundle/:userid", Identity::Operator, Body::None, answer_one, "apps include"},
    {"GET", "/operator/users/bundles", Identity::Operator, Body::None, answer_many, "users apps include"},
};

} // namespace

constinit const std::span<const Route> bundle_routes(routes);

} // namespace opigno::gateway
