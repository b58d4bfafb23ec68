/* Sentinel's routes of apps. */
#include "gateway/body.hpp"
#include "pg/array.hpp"
#include "pg/spi.hpp"
#include "json/value/reader.hpp"
#include "json/value/writer.hpp"

namespace opigno::gateway {

namespace {

constinit pg::CallerStatement
    list_apps("SELECT a.domains, a.app_id, a.app, a.description FROM opigno.list_apps() AS a");

constexpr Oid types[] = {TEXTOID, TEXTOID, TEXTARRAYOID, INT4OID};
constinit pg::CallerStatement register_app("SELECT a.domains, a.app_id, a.app, a.description"
                                           " FROM opigno.register_app($1, $2, $3, $4) AS a",
                                           types);

void write_app(json::Writer &out, std::uint64_t row)
{
    out.begin_object();
    out.key("domains").begin_array();
    for (const std::string_view domain : pg::names_of(DatumGetArrayTypeP(pg::column(1, row))))
        out.string(domain);
    out.end_array();
    out.key("appid").integer(DatumGetInt32(pg::column(2, row)));
    out.key("app").string(pg::view(DatumGetTextPP(pg::column(3, row))));
    out.key("description");
    if (const std::optional<Datum> description = pg::nullable_column(4, row); description.has_value())
        out.string(pg::view(DatumGetTextPP(*description)));
    else
        out.null();
    out.end_object();
}

void answer_list(Exchange &exchange)
{
    const std::uint64_t rows = list_apps.read(nullptr);
    json::Writer out;
    out.begin_array();
    for (std::uint64_t row = 0; row < rows; ++row)
        write_app(out, row);
    out.end_array();
    exchange.answer->body = out.json();
}

ArrayType *names_in(const JsonbValue *list, pg::Errors &errors)
{
    if (list == nullptr || list->type == jbvNull)
        return nullptr;
    pg::Names names;
    bool are_strings = json::is_array(*list);
    if (are_strings)
        json::each_element(*list, [&](const JsonbValue &element) {
            are_strings = are_strings && element.type == jbvString;
            if (element.type == jbvString)
                names.push_back(json::string_of(element));
        });
    if (!are_strings)
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "domains", "\"domains\" must be a list of strings");
    return pg::make_array(names);
}

void answer_register(Exchange &exchange)
{
    pg::Errors errors;
    Members members(exchange, errors);
    const text *app = members.string("app");
    const text *description = members.string("description", false);
    const ArrayType *domains = names_in(members.take("domains", false), errors);
    const JsonbValue *app_id = members.take("appid", false);
    if (app_id != nullptr && app_id->type == jbvNull)
        app_id = nullptr;
    const std::int32_t number = app_id == nullptr ? 0 : members.integer("appid");
    if (number < 0)
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "appid", "\"appid\" must not be negative");
    members.finish();
    const Datum values[] = {PointerGetDatum(app), PointerGetDatum(description), PointerGetDatum(domains),
                            Int32GetDatum(number)};
    const char nulls[] = {' ', description == nullptr ? 'n' : ' ', domains == nullptr ? 'n' : ' ',
                          app_id == nullptr ? 'n' : ' '};
    register_app.write(values, nulls);
    json::Writer out;
    write_app(out, 0);
    exchange.answer->status = 201;
    exchange.answer->body = out.json();
}

constexpr Route routes[] = {
    {"GET", "/app/all", Identity::None, Body::None, answer_list},
    {"POST", "/operator/app/register", Identity::Operator, Body::Json, answer_register},
};

} // namespace

constinit const std::span<const Route> app_routes(routes);

} // namespace opigno::gateway
