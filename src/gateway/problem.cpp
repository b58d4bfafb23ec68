#include "gateway/problem.hpp"

#include "json/error_list.hpp"

#include <algorithm>
#include <iterator>

namespace opigno::gateway {

namespace {

struct Status {
    int sqlstate;
    int status;
};

constexpr Status statuses[] = {
    {ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION, 401},
    {ERRCODE_INSUFFICIENT_PRIVILEGE, 403},
    {ERRCODE_FOREIGN_KEY_VIOLATION, 404},
    {ERRCODE_UNIQUE_VIOLATION, 409},
    {ERRCODE_PROGRAM_LIMIT_EXCEEDED, 413},
    {ERRCODE_STATEMENT_TOO_COMPLEX, 400},
    {ERRCODE_RAISE_EXCEPTION, 400}, /* of a site's trigger */
    {ERRCODE_FEATURE_NOT_SUPPORTED, 501},
    {ERRCODE_READ_ONLY_SQL_TRANSACTION, 503},
    {ERRCODE_T_R_SERIALIZATION_FAILURE, 503},
    {ERRCODE_T_R_DEADLOCK_DETECTED, 503},
    {ERRCODE_LOCK_NOT_AVAILABLE, 503},
};

/* Errors of the server or of the operator, which the answer of one request does not end. */
constexpr int raised[] = {ERRCODE_QUERY_CANCELED,     ERRCODE_ADMIN_SHUTDOWN,   ERRCODE_CRASH_SHUTDOWN,
                          ERRCODE_CANNOT_CONNECT_NOW, ERRCODE_DATABASE_DROPPED, ERRCODE_IDLE_SESSION_TIMEOUT};

constexpr int digit_at(int sqlstate, int place)
{
    return ((sqlstate >> (6 * place)) & 0x3F);
}

/* PTnnn is the status nnn, from 400 to 599. Returns 0 for other SQLSTATEs. */
constexpr int status_in(int sqlstate)
{
    constexpr int class_mask = 0xFFF;
    if ((sqlstate & class_mask) != (MAKE_SQLSTATE('P', 'T', '0', '0', '0') & class_mask))
        return 0;
    int status = 0;
    for (const int place : {2, 3, 4}) {
        if (digit_at(sqlstate, place) > 9)
            return 0;
        status = status * 10 + digit_at(sqlstate, place);
    }
    return status >= 400 && status < 600 ? status : 0;
}

struct Reason {
    int status;
    const char *phrase;
};

constexpr Reason reasons[] = {
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {409, "Conflict"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {422, "Unprocessable Content"},
    {428, "Precondition Required"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
};

} // namespace

int status_of(int sqlstate)
{
    if (std::find(std::begin(raised), std::end(raised), sqlstate) != std::end(raised))
        return 0;
    if (const int status = status_in(sqlstate); status != 0)
        return status;
    for (const Status &known : statuses)
        if (known.sqlstate == sqlstate)
            return known.status;
    switch (ERRCODE_TO_CATEGORY(sqlstate)) {
    case ERRCODE_DATA_EXCEPTION:
        return 400;
    case ERRCODE_INSUFFICIENT_RESOURCES:
        return 503;
    default:
        return 500;
    }
}

int status_of(const ErrorData &error)
{
    constexpr int unprocessable = 422;
    return is_of_document(error.sqlerrcode) && !is_internal(error, unprocessable)
               ? unprocessable
               : status_of(error.sqlerrcode);
}

const char *reason_of(int status)
{
    for (const Reason &reason : reasons)
        if (reason.status == status)
            return reason.phrase;
    return "Error";
}

bool is_internal(const ErrorData &error, int status)
{
    return status >= 500 || error.table_name != nullptr || error.constraint_name != nullptr;
}

bool lacks_privilege(std::string_view message)
{
    return message.starts_with("permission denied for ") ||
           message.find("row-level security policy") != std::string_view::npos;
}

const char *with_members(const char *hint)
{
    constexpr std::string_view arrow = " => ";
    const std::size_t at = std::string_view(hint).find(arrow);
    if (at == std::string_view::npos)
        return hint;
    return psprintf("%.*s: %s", static_cast<int>(at), hint, hint + at + arrow.size());
}

void log_error(const ErrorData &error, int status, const char *origin, std::optional<std::int64_t> client_id)
{
    if (status != 401 && status != 403 && status < 500)
        return;
    StringInfoData detail;
    initStringInfo(&detail);
    appendStringInfoString(&detail, origin);
    if (client_id.has_value())
        appendStringInfo(&detail, "%sThe client is " INT64_FORMAT ".", detail.len > 0 ? " " : "", *client_id);
    const char *more = error.detail_log;
    if (more == nullptr && !is_internal(error, status))
        more = error.detail;
    if (more != nullptr)
        appendStringInfo(&detail, "%s%s", detail.len > 0 ? " " : "", more);
    ereport(LOG_SERVER_ONLY, errcode(error.sqlerrcode), errmsg_internal("%s", error.message),
            detail.len > 0 ? errdetail_internal("%s", detail.data) : 0, errhidestmt(true),
            errhidecontext(true));
}

void write_problem(Answer &answer, const Problem &problem)
{
    json::Writer out;
    out.begin_object();
    out.key("type").string("about:blank");
    out.key("title").string(reason_of(problem.status));
    out.key("status").integer(problem.status);
    out.key("detail").string(problem.message);
    out.key("code").string(unpack_sql_state(problem.sqlstate));
    if (problem.explanation != nullptr)
        out.key("explanation").string(problem.explanation);
    if (!problem.errors.empty())
        json::write_errors(out, problem.errors);
    if (problem.hint != nullptr)
        out.key("hint").string(problem.hint);
    out.end_object();
    answer.status = problem.status;
    answer.media_type = "application/problem+json";
    answer.body = out.json();
}

} // namespace opigno::gateway
