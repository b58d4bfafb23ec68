/* Open edX's routes that show retirements. */
#include "gateway/number.hpp"
#include "gateway/open_edx.hpp"
#include "pg/spi.hpp"
#include "pg/time.hpp"
#include "json/value/writer.hpp"

#include <algorithm>
#include <chrono>
#include <limits>

namespace opigno::gateway {

namespace {

/* What stands for a user before the erasure cannot be told as long as there is no salt. */
#define RETIREMENT_ROWS(retirements)                                                                         \
    "SELECT r.retirement_id, r.user_context_id::text, coalesce(r.retired_uuid, r.user_uuid),"                \
    "  c.display_name, r.current_state, cs.execution_order, r.last_state, ls.execution_order, r.user_uuid,"  \
    "  coalesce(r.retired_uuid, CASE WHEN EXISTS (SELECT FROM opigno.list_retirement_salts())"               \
    "   THEN opigno.retired_user_uuid(r.user_uuid) END),"                                                    \
    "  r.created_at, r.updated_at"                                                                           \
    " FROM " retirements " AS r"                                                                             \
    "  LEFT JOIN opigno.list_retirement_states() AS cs ON cs.state_name = r.current_state"                   \
    "  LEFT JOIN opigno.list_retirement_states() AS ls ON ls.state_name = r.last_state"                      \
    "  LEFT JOIN LATERAL opigno.get_user_context(r.user_uuid) AS c ON true"

constexpr Oid user_type[] = {TEXTOID};
constinit pg::CallerStatement
    get_status(RETIREMENT_ROWS("opigno.get_retirement($1)") " ORDER BY r.retirement_id DESC LIMIT 1",
               user_type);
constexpr Oid queue_types[] = {TEXTARRAYOID, TIMESTAMPTZOID, INT4OID};
/* Each state is a range of the index on states, in the order of the numbers. */
constinit pg::CallerStatement
    list_queue(RETIREMENT_ROWS(
                   "(SELECT q.* FROM unnest($1) AS s (state_name), LATERAL ("
                   "   SELECT t.retirement_id, t.user_uuid::text, t.user_context_id, t.retired_uuid,"
                   "    t.current_state::text, t.last_state::text, t.created_at, t.updated_at"
                   "   FROM opigno.retirement AS t WHERE t.current_state = s.state_name AND t.created_at < $2"
                   "   ORDER BY t.retirement_id LIMIT $3) AS q"
                   "  ORDER BY q.retirement_id LIMIT $3)") " ORDER BY r.retirement_id",
               queue_types);
constexpr Oid dates_types[] = {TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID};
constinit pg::CallerStatement list_by_date(
    RETIREMENT_ROWS(
        "(SELECT t.retirement_id, t.user_uuid::text, t.user_context_id, t.retired_uuid,"
        "   t.current_state::text, t.last_state::text, t.created_at, t.updated_at"
        "  FROM opigno.retirement AS t"
        "  WHERE t.current_state = $1 AND t.created_at >= $2 AND t.created_at < $3)") " ORDER BY "
                                                                                      "r.retirement_id",
    dates_types);
/* Of these states, those that exist, in their order. */
constexpr Oid states_type[] = {TEXTARRAYOID};
constinit pg::CallerStatement
    find_states("SELECT s.state_name FROM opigno.list_retirement_states() AS s WHERE s.state_name = ANY ($1)"
                " ORDER BY s.execution_order",
                states_type);

void write_text(json::Writer &out, std::optional<Datum> value)
{
    if (value.has_value())
        out.string(pg::view(DatumGetTextPP(*value)));
    else
        out.null();
}

void write_state(json::Writer &out, Datum name, std::optional<Datum> order)
{
    out.begin_object();
    out.key("state_name").string(pg::view(DatumGetTextPP(name)));
    out.key("state_execution_order");
    if (order.has_value())
        out.integer(DatumGetInt32(*order));
    else
        out.null();
    out.end_object();
}

/* The members of Open edX. After the erasure nothing has the name any more. */
void write_retirement(json::Writer &out, std::uint64_t row)
{
    const pg::Columns columns(row);
    out.begin_object();
    out.key("id").integer(DatumGetInt64(columns.column(1)));
    out.key("user").begin_object();
    out.key("id").string(pg::view(DatumGetTextPP(columns.column(2))));
    out.key("username").string(pg::view(DatumGetTextPP(columns.column(3))));
    out.key("profile").begin_object();
    out.key("name");
    write_text(out, columns.nullable(4));
    out.end_object();
    out.end_object();
    out.key("current_state");
    write_state(out, columns.column(5), columns.nullable(6));
    out.key("last_state");
    write_state(out, columns.column(7), columns.nullable(8));
    out.key("original_username").string(pg::view(DatumGetTextPP(columns.column(9))));
    out.key("original_name");
    write_text(out, columns.nullable(4));
    out.key("retired_username");
    write_text(out, columns.nullable(10));
    out.key("created").timestamp(DatumGetTimestampTz(columns.column(11)));
    out.key("modified").timestamp(DatumGetTimestampTz(columns.column(12)));
    out.end_object();
}

void answer_with_rows(Answer &answer, std::uint64_t rows)
{
    json::Writer out;
    out.begin_array();
    for (std::uint64_t row = 0; row < rows; ++row) {
        CHECK_FOR_INTERRUPTS();
        write_retirement(out, row);
    }
    out.end_array();
    answer.body = out.json();
}

void answer_status(Exchange &exchange)
{
    const Datum user = captured_text(exchange, 0);
    if (get_status.read(&user) == 0)
        refuse(404, "the user has no retirement");
    json::Writer out;
    write_retirement(out, 0);
    exchange.answer->body = out.json();
}

void answer_missing(Exchange &exchange, const char *name)
{
    answer_with_text(*exchange.answer, 400, psprintf("Missing required parameter: '%s'", name));
}

/* Reads the number of days to wait. Returns nothing if the answer says what is wrong. */
std::optional<std::int32_t> days_of(Exchange &exchange)
{
    const std::optional<std::string_view> given = value_of(exchange.target.query, "cool_off_days");
    if (!given.has_value()) {
        answer_missing(exchange, "cool_off_days");
        return std::nullopt;
    }
    const std::optional<std::int32_t> days = number_of<std::int32_t>(*given);
    if (!days.has_value())
        answer_with_text(*exchange.answer, 400, "Invalid cool_off_days, should be integer.");
    else if (*days < 0)
        answer_with_text(*exchange.answer, 400,
                         "Invalid argument for cool_off_days, must be greater than 0.");
    return days.has_value() && *days >= 0 ? days : std::nullopt;
}

/* A state that is named twice is an error, too. */
bool are_states(Exchange &exchange, const pg::Names &wanted)
{
    if (wanted.empty()) {
        answer_with_text(*exchange.answer, 400, "Param \"states\" required with at least one state.");
        return false;
    }
    const Datum states = PointerGetDatum(pg::make_array(wanted));
    const std::uint64_t rows = find_states.read(&states);
    if (rows == wanted.size())
        return true;
    pg::Names found;
    for (std::uint64_t row = 0; row < rows; ++row)
        found.push_back(pg::view(DatumGetTextPP(pg::column(1, row))));
    StringInfoData message;
    initStringInfo(&message);
    appendStringInfoString(&message, "Unknown state. Requested: ");
    append_list(&message, wanted);
    appendStringInfoString(&message, " Found: ");
    append_list(&message, found);
    answer_with_text(*exchange.answer, 400, message.data);
    return false;
}

/* Reads the number of rows: all without the parameter, or if it is empty. */
std::optional<std::int32_t> limit_of(Exchange &exchange)
{
    const std::string_view given = value_of(exchange.target.query, "limit").value_or("");
    if (given.empty())
        return std::numeric_limits<std::int32_t>::max();
    const std::optional<std::int32_t> limit = number_of<std::int32_t>(given);
    if (limit.has_value() && *limit >= 0)
        return limit;
    answer_with_text(*exchange.answer, 400,
                     psprintf("Limit could not be parsed: %.*s, please ensure this is an integer",
                              static_cast<int>(given.size()), given.data()));
    return std::nullopt;
}

/* Keeps no locks: the transaction ends with the answer. A move is refused if another one was faster. */
void answer_queue(Exchange &exchange)
{
    constexpr std::int64_t max_days = 1000000; /* no retirement is older */
    const std::optional<std::int32_t> days = days_of(exchange);
    if (!days.has_value())
        return;
    pg::Names states;
    for (const Parameter &given : exchange.target.query)
        if (given.name == "states")
            states.push_back(given.value);
    if (!are_states(exchange, states))
        return;
    const std::optional<std::int32_t> limit = limit_of(exchange);
    if (!limit.has_value())
        return;
    const TimestampTz before =
        GetCurrentTimestamp() - std::min<std::int64_t>(*days, max_days) * USECS_PER_DAY;
    const Datum values[] = {PointerGetDatum(pg::make_array(states)), TimestampTzGetDatum(before),
                            Int32GetDatum(*limit)};
    answer_with_rows(*exchange.answer, list_queue.read(values));
}

/* Removes a part of a date: so many digits at most. */
std::optional<int> take_digits(std::string_view &rest, std::size_t most)
{
    std::size_t size = 0;
    while (size < std::min(most, rest.size()) && rest[size] >= '0' && rest[size] <= '9')
        ++size;
    const std::optional<int> number = number_of<int>(rest.substr(0, size));
    rest.remove_prefix(size);
    return number;
}

bool take_hyphen(std::string_view &rest)
{
    const bool has_hyphen = rest.starts_with('-');
    rest.remove_prefix(has_hyphen ? 1 : 0);
    return has_hyphen;
}

/* Returns the start of a day in UTC. The date is one of %Y-%m-%d in Python. */
std::optional<TimestampTz> start_of(std::string_view date)
{
    constexpr std::size_t year_digits = 4;
    const bool has_year = date.size() > year_digits && date[year_digits] == '-';
    const std::optional<int> year = take_digits(date, year_digits);
    const bool has_month = take_hyphen(date);
    const std::optional<int> month = take_digits(date, 2);
    const bool has_day = take_hyphen(date);
    const std::optional<int> day = take_digits(date, 2);
    if (!has_year || !has_month || !has_day || !date.empty() || !year.has_value() || !month.has_value() ||
        !day.has_value() || *year == 0)
        return std::nullopt;
    const std::chrono::year_month_day given{std::chrono::year(*year),
                                            std::chrono::month(static_cast<unsigned>(*month)),
                                            std::chrono::day(static_cast<unsigned>(*day))};
    if (!given.ok())
        return std::nullopt;
    constexpr std::chrono::sys_days epoch =
        std::chrono::year(2000) / std::chrono::January / std::chrono::day(1);
    return std::int64_t{(std::chrono::sys_days(given) - epoch).count()} * USECS_PER_DAY;
}

/* Reads a date. Returns nothing if the answer says what is wrong. */
std::optional<TimestampTz> date_of(Exchange &exchange, const char *name)
{
    const std::optional<std::string_view> given = value_of(exchange.target.query, name);
    if (!given.has_value()) {
        answer_missing(exchange, name);
        return std::nullopt;
    }
    const std::optional<TimestampTz> date = start_of(*given);
    if (!date.has_value())
        answer_with_text(
            *exchange.answer, 400,
            psprintf("Invalid start or end date: time data '%.*s' does not match format '%%Y-%%m-%%d'",
                     static_cast<int>(given->size()), given->data()));
    return date;
}

bool is_state(std::string_view name)
{
    pg::Names one;
    one.push_back(name);
    const Datum states = PointerGetDatum(pg::make_array(one));
    return find_states.read(&states) > 0;
}

void answer_by_date(Exchange &exchange)
{
    Answer &answer = *exchange.answer;
    const std::optional<TimestampTz> start = date_of(exchange, "start_date");
    const std::optional<TimestampTz> end = start.has_value() ? date_of(exchange, "end_date") : std::nullopt;
    if (!end.has_value())
        return;
    if (std::max(*start, *end) > GetCurrentTimestamp() || *start > *end)
        return answer_with_text(answer, 400,
                                "Dates must be today or earlier, and start must be earlier than end.");
    const std::optional<std::string_view> state = value_of(exchange.target.query, "state");
    if (!state.has_value())
        return answer_missing(exchange, "state");
    if (!is_state(*state))
        return answer_with_text(answer, 400, "Unknown retirement state.");
    const Datum values[] = {PointerGetDatum(pg::make_text(*state)), TimestampTzGetDatum(*start),
                            TimestampTzGetDatum(*end + USECS_PER_DAY)};
    answer_with_rows(answer, list_by_date.read(values));
}

constexpr Route routes[] = {
    {"GET", "/api/user/v1/accounts/retirement_queue/", Identity::Operator, Body::None, answer_queue,
     "cool_off_days limit", json_type, false, "states"},
    {"GET", "/api/user/v1/accounts/retirements_by_status_and_date/", Identity::Operator, Body::None,
     answer_by_date, "start_date end_date state"},
    {"GET", "/api/user/v1/accounts/:username/retirement_status/", Identity::Operator, Body::None,
     answer_status},
};

} // namespace

constinit const std::span<const Route> retirement_queue_routes(routes);

} // namespace opigno::gateway
