#include "gateway/error_answer.hpp"

#include "gateway/http/headers.hpp"
#include "gateway/http/split.hpp"
#include "gateway/problem.hpp"
#include "gateway/route.hpp"
#include "identity/access.hpp"
#include "json/value/writer.hpp"

#include <algorithm>

namespace opigno::gateway {

namespace {

struct Word {
    std::string_view in_sql;
    std::string_view in_http;
};

/* What the messages of the SQL functions call otherwise than HTTP does. */
constexpr Word words[] = {
    {"client_uuid", "Opigno-Client-UUID"},
    {"user_uuid", "username"},
    {"redacted_uuid", "redacted_username"},
};

/* The message in the words of HTTP. It names no SQL function. */
const char *in_http(const char *message)
{
    const std::string_view text(message);
    if (lacks_privilege(text))
        return "permission denied";
    for (const Word &word : words)
        if (const std::size_t at = text.find(word.in_sql); at != std::string_view::npos)
            return psprintf("%.*s%.*s%s", static_cast<int>(at), message,
                            static_cast<int>(word.in_http.size()), word.in_http.data(),
                            message + at + word.in_sql.size());
    return message;
}

/* Returns nothing for a sentence that is about SQL. */
const char *for_http(const char *sentence)
{
    const std::string_view text(sentence == nullptr ? "" : sentence);
    for (const std::string_view word : {"opigno.", "client_uuid", "argument", "datestyle"})
        if (text.find(word) != std::string_view::npos)
            return nullptr;
    return sentence == nullptr ? nullptr : with_members(sentence);
}

bool names_in_path(const Route *route)
{
    return route != nullptr && route->pattern.find(':') != std::string_view::npos;
}

/* Returns the path of an error in the body; "" if its argument is a part of the target or a header. */
const char *path_in_body(const Exchange &exchange, const char *path)
{
    std::string_view rest(path);
    rest.remove_prefix(rest.empty() ? 0 : 1);
    const std::string_view member = take(rest, '/');
    if ((member == "app_id" || member == "training_id") && names_in_path(exchange.route))
        return "";
    for (const std::string_view argument : {"client_uuid", "user_uuid", "username", "redacted_uuid",
                                            "expected_version", "expected_state", "on_conflict"})
        if (member == argument)
            return "";
    return path;
}

/* begin_request() raises the same SQLSTATE for a bad token and for a missing user. */
bool lacks_user(const ErrorData &error)
{
    return error.sqlerrcode == ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION &&
           std::string_view(error.message) == identity::names_no_user;
}

/* Whether 23503 says that something refers to the resource: a training with progress is not deleted. */
bool is_of_use(const Exchange &exchange)
{
    return exchange.route != nullptr && exchange.route->method == "DELETE" &&
           exchange.route->pattern == "/trainings/:training";
}

bool is_in(std::span<const Route> routes, const Route *route)
{
    return std::any_of(routes.begin(), routes.end(), [&](const Route &other) { return &other == route; });
}

/* Whether 23503 says that the retirement is gone, which was there a moment before. */
bool lacks_retirement(const Exchange &exchange, const ErrorData &error)
{
    return error.table_name == nullptr &&
           (is_in(retirement_routes, exchange.route) || is_in(partner_report_routes, exchange.route));
}

int status_for(const Exchange &exchange, const ErrorData &error)
{
    if (lacks_user(error))
        return 400;
    if (error.sqlerrcode == ERRCODE_FOREIGN_KEY_VIOLATION && is_of_use(exchange))
        return 409;
    if (error.sqlerrcode == ERRCODE_FOREIGN_KEY_VIOLATION && lacks_retirement(exchange, error))
        return 404;
    if (error.sqlerrcode == ERRCODE_FOREIGN_KEY_VIOLATION && !names_in_path(exchange.route))
        return 422;
    return status_of(error);
}

/* What the log says here of the request are constants, and the number of the client. */
void log_error_of(const Exchange &exchange, const ErrorData &error, int status)
{
    StringInfoData detail;
    initStringInfo(&detail);
    if (const Route *route = exchange.route; route != nullptr)
        appendStringInfo(&detail, "The route is %.*s %.*s.", static_cast<int>(route->method.size()),
                         route->method.data(), static_cast<int>(route->pattern.size()),
                         route->pattern.data());
    log_error(error, status, detail.data, exchange.client_id);
}

/* RFC 6750, section 3: a client that has sent no token is not told of an error. */
void add_challenge(const Exchange &exchange, bool is_of_oauth)
{
    const bool has_token = find_header(exchange.headers, "Authorization").has_value();
    exchange.answer->header("WWW-Authenticate", is_of_oauth ? basic_challenge
                                                : has_token ? R"(Bearer error="invalid_token")"
                                                            : "Bearer");
}

/* RFC 6749, section 5.2. */
void write_oauth_error(Answer &answer, int status, const char *message)
{
    json::Writer out;
    out.begin_object();
    out.key("error").string(status == 401 ? "invalid_client" : "invalid_request");
    out.key("error_description").string(message);
    out.end_object();
    answer.status = status;
    answer.media_type = json_type;
    answer.body = out.json();
}

/* Returns nothing for a single error without a path, of which the problem document says all. */
pg::Vector<pg::Error> shown_errors(const Exchange &exchange, std::span<const pg::Error> all)
{
    pg::Vector<pg::Error> shown;
    for (const pg::Error &error : all)
        if (is_of_document(error.sqlstate))
            shown.push_back({error.sqlstate, error.path, error.message});
        else
            shown.push_back({error.sqlstate, path_in_body(exchange, error.path), in_http(error.message)});
    if (shown.size() == 1 && shown[0].path[0] == '\0')
        shown.clear();
    return shown;
}

const char *message_for(const ErrorData &error, int status)
{
    if (error.sqlerrcode == ERRCODE_READ_ONLY_SQL_TRANSACTION && RecoveryInProgress())
        return "this server is read-only";
    if (is_internal(error, status))
        return reason_of(status);
    if (is_of_document(error.sqlerrcode))
        return error.message;
    return lacks_user(error) ? "the header Opigno-Client-UUID is missing" : in_http(error.message);
}

} // namespace

void forbid_storing(Answer &answer)
{
    answer.header("Cache-Control", "no-store");
    answer.header("Pragma", "no-cache");
}

bool answer_error(const Exchange &exchange, const ErrorData &error, std::span<const pg::Error> all)
{
    const int status = status_for(exchange, error);
    if (status == 0)
        return false;
    log_error_of(exchange, error, status);
    Answer &answer = *exchange.answer;
    const bool is_of_oauth = exchange.route != nullptr && exchange.route->body == Body::Form;
    if (status == 401)
        add_challenge(exchange, is_of_oauth);
    if (status == 503 && error.sqlerrcode != ERRCODE_READ_ONLY_SQL_TRANSACTION)
        answer.header("Retry-After", "1");
    if (is_of_oauth && status < 500) {
        write_oauth_error(answer, status, message_for(error, status));
        return true;
    }
    const pg::Vector<pg::Error> shown = shown_errors(exchange, all);
    const bool is_hidden = is_internal(error, status);
    const bool is_listed = !all.empty();
    write_problem(answer,
                  {status, error.sqlerrcode, message_for(error, status),
                   is_hidden || is_listed ? nullptr : for_http(error.detail),
                   is_hidden ? nullptr : for_http(error.hint),
                   is_hidden ? std::span<const pg::Error>() : std::span(shown.begin(), shown.size())});
    return true;
}

} // namespace opigno::gateway
