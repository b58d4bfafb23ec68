/* Open edX's routes by which users leave: their own, and those of operators. */
#include "gateway/http/headers.hpp"
#include "gateway/http/split.hpp"
#include "gateway/open_edx.hpp"
#include "identity/access.hpp"
#include "pg/spi.hpp"
#include "json/value/writer.hpp"

namespace opigno::gateway {

namespace {

constexpr Oid user_type[] = {TEXTOID};
constinit pg::CallerStatement get_context("SELECT c.uuid FROM opigno.get_user_context($1) AS c", user_type);
constinit pg::CallerStatement begin("SELECT r.retirement_id FROM opigno.begin_retirement($1) AS r",
                                    user_type);
constexpr Oid users_type[] = {TEXTARRAYOID};
constinit pg::CallerStatement
    begin_many("SELECT b.user_uuid, b.outcome FROM opigno.begin_retirements($1) AS b", users_type);

constexpr const char *form_type = "application/x-www-form-urlencoded";

/* A password that nobody verifies would only seem to protect the account. The message does not show it. */
[[noreturn]] void refuse_password()
{
    refuse(400, "the database knows no passwords: the application must verify the password itself and send "
                "the request without it");
}

void check_form(const Exchange &exchange)
{
    const std::optional<Parameters> form = read_form(body_text(exchange));
    if (!form.has_value())
        refuse(400, "the form is malformed");
    if (value_of(*form, "password").has_value())
        refuse_password();
    if (!form->empty())
        refuse(400, "the form of this path has no parameters");
}

void check_object(const Exchange &exchange)
{
    pg::Errors errors;
    Members members(exchange, errors);
    if (members.take("password", false) != nullptr)
        refuse_password();
    members.finish();
}

/* Open edX takes a password here, in a form or as JSON. */
void check_content(const Exchange &exchange)
{
    if (body_text(exchange).empty())
        return;
    const std::string_view type = find_header(exchange.headers, "Content-Type").value_or("");
    if (is_media_type(type, form_type))
        return check_form(exchange);
    if (is_media_type(type, json_type))
        return check_object(exchange);
    exchange.answer->header("Accept-Post", json_type);
    exchange.answer->header("Accept-Post", form_type);
    refuse(415, "the body has another Content-Type than this path accepts");
}

void answer_deactivate(Exchange &exchange)
{
    check_content(exchange);
    const Datum user = PointerGetDatum(identity::check_request_user());
    if (get_context.read_latest(&user) == 0)
        refuse(404, "the user context does not exist");
    begin.write(&user);
    exchange.answer->status = 204;
}

/* The names between commas, without blanks around them. */
pg::Names names_in(std::string_view list)
{
    pg::Names names;
    while (!list.empty())
        names.push_back(trimmed(take(list, ',')));
    return names;
}

void write_users(json::Writer &out, std::uint64_t rows, std::string_view outcome)
{
    out.begin_array();
    for (std::uint64_t row = 0; row < rows; ++row)
        if (pg::view(DatumGetTextPP(pg::column(2, row))) == outcome)
            out.string(pg::view(DatumGetTextPP(pg::column(1, row))));
    out.end_array();
}

void answer_bulk(Exchange &exchange)
{
    pg::Errors errors;
    Members members(exchange, errors);
    const text *list = members.string("usernames", false);
    members.finish();
    const Datum users =
        PointerGetDatum(pg::make_array(names_in(list == nullptr ? std::string_view() : pg::view(list))));
    const std::uint64_t rows = begin_many.write(&users);
    json::Writer out;
    out.begin_object();
    out.key("successful_user_retirements");
    write_users(out, rows, "created");
    out.key("failed_user_retirements");
    write_users(out, rows, "failed");
    out.end_object();
    exchange.answer->body = out.json();
}

constexpr Route routes[] = {
    {"POST", "/api/user/v1/accounts/deactivate_logout/", Identity::Request, Body::None, answer_deactivate},
    {"POST", "/api/user/v1/accounts/bulk_retire_users", Identity::Operator, Body::Json, answer_bulk},
};

} // namespace

constinit const std::span<const Route> leaving_routes(routes);

} // namespace opigno::gateway
