/* All data of a user: merging an anonymous one, purging, export, and what an erasure has certified. */
#include "gateway/body.hpp"
#include "identity/access.hpp"
#include "pg/spi.hpp"
#include "text/time_offset.hpp"
#include "json/value/reader.hpp"
#include "json/value/writer.hpp"

namespace opigno::gateway {

namespace {

constexpr Oid merge_types[] = {TEXTOID, TEXTOID, TEXTOID};
constinit pg::CallerStatement
    merge("SELECT m.into_uuid, m.profiles, m.accounts, m.preferences, m.trainings, m.clients, m.entities,"
          "  m.outcome FROM opigno.merge_user_contexts($1, $2, $3) AS m",
          merge_types);
constexpr Oid purge_types[] = {TEXTOID, INT4OID};
constinit pg::CallerStatement purge("SELECT opigno.purge_anonymous_user_contexts($1::timestamptz, $2)",
                                    purge_types);
constexpr Oid user_type[] = {TEXTOID};
constinit pg::CallerStatement get_context("SELECT c.uuid FROM opigno.get_user_context($1) AS c", user_type);
constinit pg::CallerStatement export_user("SELECT opigno.export_user($1)::text", user_type);
constinit pg::CallerStatement
    list_certificates("SELECT c.certificate_number, c.issued_at, c.retired_uuid, c.erased, c.acting_role,"
                      "  encode(c.previous_hash, 'hex'), encode(c.certificate_hash, 'hex')"
                      " FROM opigno.retirement_certificate($1) AS c ORDER BY c.certificate_number",
                      user_type);

void answer_merge(Exchange &exchange)
{
    pg::Errors errors;
    Members members(exchange, errors);
    const text *from = members.string("from_uuid");
    const text *into = members.string("into_uuid");
    const text *on_conflict = members.string("on_conflict", false);
    members.finish();
    const Datum values[] = {PointerGetDatum(from), PointerGetDatum(into), PointerGetDatum(on_conflict)};
    merge.write(values, on_conflict == nullptr ? "  n" : "   ");
    const pg::Columns columns;
    json::Writer out;
    out.begin_object();
    out.key("into_uuid").string(pg::view(DatumGetTextPP(columns.column(1))));
    int number = 2;
    for (const char *count : {"profiles", "accounts", "preferences", "trainings", "clients", "entities"})
        out.key(count).integer(DatumGetInt64(columns.column(number++)));
    out.key("outcome").string(pg::view(DatumGetTextPP(columns.column(number))));
    out.end_object();
    exchange.answer->body = out.json();
}

/* Whether it means the same whatever DateStyle is. */
bool is_iso_time(std::string_view given)
{
    constexpr std::size_t year_digits = 4;
    constexpr std::size_t before_day = 7;
    return given.size() > before_day && given[year_digits] == '-' && given[before_day] == '-' &&
           texts::has_offset(given);
}

void answer_purge(Exchange &exchange)
{
    pg::Errors errors;
    Members members(exchange, errors);
    const text *older_than = members.string("older_than");
    const std::optional<std::int32_t> max_rows = members.optional_integer("max_rows");
    if (older_than != nullptr && !is_iso_time(pg::view(older_than)))
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "older_than",
                   "\"older_than\" must be a time with an offset, as 2026-11-28T18:09:13Z");
    members.finish();
    const Datum values[] = {PointerGetDatum(older_than), Int32GetDatum(max_rows.value_or(0))};
    purge.write(values, max_rows.has_value() ? "  " : " n");
    json::Writer out;
    out.begin_object();
    out.key("deleted").integer(DatumGetInt64(pg::column(1)));
    out.end_object();
    exchange.answer->body = out.json();
}

/* The policies hide the data of a user who cannot act, so that the export would have next to nothing. */
void check_request_reads_user()
{
    const identity::Request &request = identity::check_request();
    if (request.is_restricted && !request.acts_on_all)
        refuse(403, "the user of the request cannot act");
}

void answer_export(Exchange &exchange)
{
    const bool is_of_any_user = exchange.route->pattern.starts_with("/operator/");
    if (!is_of_any_user)
        check_request_reads_user();
    const Datum user =
        is_of_any_user ? captured_text(exchange, 0) : PointerGetDatum(identity::check_request_user());
    if (get_context.read(&user) == 0)
        refuse(404, "the user context does not exist");
    export_user.read(&user);
    exchange.answer->body = PointerGetDatum(DatumGetTextPCopy(pg::column(1)));
}

void write_hash(json::Writer &out, std::optional<Datum> hash)
{
    if (hash.has_value())
        out.string(pg::view(DatumGetTextPP(*hash)));
    else
        out.null();
}

void answer_certificates(Exchange &exchange)
{
    const Datum user = captured_text(exchange, 0);
    const std::uint64_t rows = list_certificates.read(&user);
    json::Writer out;
    out.begin_array();
    for (std::uint64_t row = 0; row < rows; ++row) {
        const pg::Columns columns(row);
        out.begin_object();
        out.key("certificate_number").integer(DatumGetInt64(columns.column(1)));
        out.key("issued_at").timestamp(DatumGetTimestampTz(columns.column(2)));
        out.key("retired_uuid").string(pg::view(DatumGetTextPP(columns.column(3))));
        out.key("erased").value(json::root_of(DatumGetJsonbP(columns.column(4))));
        out.key("acting_role").string(pg::view(DatumGetTextPP(columns.column(5))));
        out.key("previous_hash");
        write_hash(out, columns.nullable(6));
        out.key("certificate_hash");
        write_hash(out, columns.nullable(7));
        out.end_object();
    }
    out.end_array();
    exchange.answer->body = out.json();
}

constexpr Route routes[] = {
    {"POST", "/operator/users/merge", Identity::Operator, Body::Json, answer_merge},
    {"POST", "/operator/users/purge-anonymous", Identity::Operator, Body::Json, answer_purge},
    {"GET", "/operator/users/export/:userid", Identity::Operator, Body::None, answer_export},
    {"GET", "/user/export", Identity::Request, Body::None, answer_export},
    {"GET", "/operator/users/retirement-certificate/:userid", Identity::Operator, Body::None,
     answer_certificates},
};

} // namespace

constinit const std::span<const Route> user_data_routes(routes);

} // namespace opigno::gateway
