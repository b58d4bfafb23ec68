/* Open edX's routes of reports to partners about users who have left. */
#include "gateway/conditions.hpp"
#include "gateway/open_edx.hpp"
#include "pg/spi.hpp"
#include "pg/subtransaction.hpp"
#include "json/text/repeated_members.hpp"
#include "json/value/reader.hpp"
#include "json/value/writer.hpp"

namespace opigno::gateway {

namespace {

constexpr Oid user_type[] = {TEXTOID};
constinit pg::CallerStatement queue("SELECT opigno.queue_partner_report($1)", user_type);
/* A client asks until the list is empty, so an answer has a limit. */
constinit pg::CallerStatement take("SELECT p.user_uuid, p.user_context_id::text, p.display_name, p.created_at"
                                   " FROM opigno.take_partner_reports(10000) AS p");
constexpr Oid users_type[] = {TEXTARRAYOID};
constinit pg::CallerStatement clean_up("SELECT opigno.clean_up_partner_reports($1)", users_type);

constexpr const char *key_member = "original_username";

/* Open edX's answer has no ETag. */
void answer_queue(Exchange &exchange)
{
    check_conditions(exchange, nullptr);
    pg::Errors errors;
    Members members(exchange, errors);
    const text *username = take_username(exchange, members, errors);
    if (username == nullptr)
        return;
    members.finish();
    if (!is_in_step(exchange, username, Step::Any))
        return;
    const Datum user = PointerGetDatum(username);
    queue.write(&user);
    exchange.answer->status = 204;
}

void answer_take(Exchange &exchange)
{
    const std::uint64_t rows = take.write(nullptr);
    json::Writer out;
    out.begin_array();
    for (std::uint64_t row = 0; row < rows; ++row) {
        CHECK_FOR_INTERRUPTS();
        const pg::Columns columns(row);
        out.begin_object();
        out.key("user_id").string(pg::view(DatumGetTextPP(columns.column(2))));
        out.key(key_member).string(pg::view(DatumGetTextPP(columns.column(1))));
        out.key("original_name").string(pg::view(DatumGetTextPP(columns.column(3))));
        out.key("created").timestamp(DatumGetTimestampTz(columns.column(4)));
        out.end_object();
    }
    out.end_array();
    exchange.answer->body = out.json();
}

void add_fault(std::size_t place, std::string_view member, const char *message, pg::Errors &errors)
{
    if (!errors.is_full())
        errors.add({ERRCODE_INVALID_PARAMETER_VALUE,
                    psprintf("/%zu%.*s", place, static_cast<int>(member.size()), member.data()), message});
}

/* Returns the user of an element of the body. */
std::string_view user_of(const JsonbValue &element, std::size_t place, pg::Errors &errors)
{
    std::string_view user;
    bool has_user = false;
    if (json::is_object(element))
        json::each_member(element, [&](std::string_view name, const JsonbValue &value) {
            if (name == key_member && value.type == jbvString) {
                user = json::string_of(value);
                has_user = true;
            } else if (name != key_member) {
                add_fault(place, "", psprintf("member \"%s\" is unknown", pg::quoted(name)), errors);
            }
        });
    if (!has_user)
        add_fault(place, json::is_object(element) ? "/original_username" : "",
                  "each element must be an object with the string \"original_username\"", errors);
    return user;
}

pg::Names users_in_body(const Exchange &exchange)
{
    pg::Errors errors;
    Jsonb *document = json::read_distinct(body_text(exchange), errors);
    errors.raise();
    const JsonbValue root = json::root_of(document);
    pg::Names users;
    if (json::is_array(root))
        json::each_element(root, [&](const JsonbValue &element) {
            CHECK_FOR_INTERRUPTS();
            users.push_back(user_of(element, users.size(), errors));
        });
    else
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, nullptr, "the body must be a list");
    errors.raise();
    return users;
}

/* A name that comes twice, or is none, stands for no report; other faults of the write have no detail. */
bool lacks_reports(const ErrorData &error)
{
    return error.sqlerrcode == ERRCODE_INVALID_PARAMETER_VALUE ||
           (error.sqlerrcode == ERRCODE_WRONG_STATE && error.detail != nullptr);
}

/* Deletes the reports. Returns false if one of them is not being processed: then all stay. */
bool has_deleted(const pg::Names &users)
{
    const Datum keys = PointerGetDatum(pg::make_array(users));
    bool is_done = true;
    pg::in_subtransaction(
        [&] {
            clean_up.write(&keys);
            return true;
        },
        [&](const ErrorData &error) {
            is_done = false;
            return lacks_reports(error);
        });
    return is_done;
}

/* Open edX also lists the reports that were found. */
void answer_clean_up(Exchange &exchange)
{
    const pg::Names users = users_in_body(exchange);
    if (users.empty())
        return answer_with_text(*exchange.answer, 400, "No original_usernames given.");
    if (has_deleted(users)) {
        exchange.answer->status = 204;
        return;
    }
    StringInfoData message;
    initStringInfo(&message);
    appendStringInfo(&message, "%zu original_usernames given, fewer found!\nGiven usernames:\n",
                     users.size());
    append_list(&message, users);
    answer_with_text(*exchange.answer, 400, message.data);
}

constexpr Route routes[] = {
    {"PUT", "/api/user/v1/accounts/retirement_partner_report/", Identity::Operator, Body::Json, answer_queue},
    {"POST", "/api/user/v1/accounts/retirement_partner_report/", Identity::Operator, Body::None, answer_take},
    {"POST", "/api/user/v1/accounts/retirement_partner_report_cleanup/", Identity::Operator, Body::Json,
     answer_clean_up},
};

} // namespace

constinit const std::span<const Route> partner_report_routes(routes);

} // namespace opigno::gateway
