/* Open edX's routes that move, do, cancel and clean up retirements. */
#include "gateway/conditions.hpp"
#include "gateway/number.hpp"
#include "gateway/open_edx.hpp"
#include "pg/spi.hpp"
#include "json/value/integer.hpp"
#include "json/value/reader.hpp"
#include "json/value/writer.hpp"

namespace opigno::gateway {

namespace {

/* The current state, whether it is an end, its place, and that of the new state. */
constexpr Oid state_types[] = {TEXTOID, TEXTOID};
constinit pg::CallerStatement
    get_states("SELECT r.current_state, c.is_dead_end, c.execution_order, n.execution_order"
               " FROM opigno.get_retirement($1) AS r"
               "  JOIN opigno.list_retirement_states() AS c ON c.state_name = r.current_state"
               "  LEFT JOIN opigno.list_retirement_states() AS n ON n.state_name = $2"
               " WHERE r.user_uuid = opigno.canonical_user_uuid($1)",
               state_types);
constexpr Oid move_types[] = {TEXTOID, TEXTOID, TEXTOID, BOOLOID, TEXTOID};
constinit pg::CallerStatement
    move("SELECT r.retirement_id FROM opigno.move_retirement($1, $2, $3, $4, $5) AS r", move_types);
constexpr Oid user_type[] = {TEXTOID};
constinit pg::CallerStatement retire("SELECT r.outcome FROM opigno.retire_user_data($1) AS r", user_type);
constinit pg::CallerStatement cancel("SELECT r.retirement_id FROM opigno.cancel_retirement($1) AS r",
                                     user_type);
constexpr Oid number_type[] = {INT8OID};
constinit pg::CallerStatement
    find_number("SELECT r.user_uuid, r.current_state"
                " FROM opigno.list_retirements(after_id => $1 - 1, max_rows => 1) AS r"
                " WHERE r.retirement_id = $1",
                number_type);
constexpr Oid users_type[] = {TEXTARRAYOID};
constinit pg::CallerStatement
    count_complete("SELECT count(DISTINCT r.user_uuid)"
                   " FROM unnest($1) AS u (name), LATERAL opigno.get_retirement(u.name) AS r"
                   " WHERE r.user_uuid = opigno.canonical_user_uuid(u.name) AND r.current_state = 'COMPLETE'",
                   users_type);
constexpr Oid clean_up_types[] = {TEXTARRAYOID, TEXTOID};
constinit pg::CallerStatement clean_up("SELECT opigno.retirement_cleanup($1, $2)", clean_up_types);

/* What Open edX says of members that are missing or unknown; nullptr if there are none. */
const char *fault_of_members(Members &members)
{
    for (const char *name : {"new_state", "response"})
        if (members.take(name, false) == nullptr)
            return psprintf("RetirementStatus: Required key %s missing from update", name);
    members.take("force", false);
    if (const std::optional<std::string_view> name = members.unknown(); name.has_value())
        return psprintf("RetirementStatus: Unknown key %.*s in update", static_cast<int>(name->size()),
                        name->data());
    return nullptr;
}

/* What Open edX says of a move that is not allowed; nullptr for others. The retirement is in SPI_tuptable.
 * No new state may be unknown: Open edX fails with 500 if such a move is forced. */
const char *fault_of_move(const char *new_state, bool is_forced)
{
    const char *current = TextDatumGetCString(pg::column(1));
    const std::int32_t order = DatumGetInt32(pg::column(3));
    const std::optional<Datum> new_order = pg::nullable_column(4);
    if (!is_forced && DatumGetBool(pg::column(2)))
        return psprintf("RetirementStatus: Unable to move user from %s (step %d)", current, order);
    if (new_order.has_value() && (is_forced || DatumGetInt32(*new_order) > order))
        return nullptr;
    return psprintf("%s does not exist or is an eariler state than current state %s (step %d)", new_state,
                    current, order);
}

/* Nothing of what is written has an ETag, and the state that was read is a condition of the move: so a
 * site that requires conditions requires none here. */
void answer_update(Exchange &exchange)
{
    Answer &answer = *exchange.answer;
    check_conditions(exchange, nullptr);
    pg::Errors errors;
    Members members(exchange, errors);
    const text *username = take_username(exchange, members, errors);
    if (username == nullptr)
        return;
    const JsonbValue *given = members.take("new_state", false);
    const bool has_state = given != nullptr && given->type == jbvString;
    const text *new_state = pg::make_text(has_state ? json::string_of(*given) : std::string_view());
    const Datum keys[] = {PointerGetDatum(username), PointerGetDatum(new_state)};
    if (get_states.read_latest(keys) == 0)
        refuse(404, "the user has no retirement");
    if (const char *fault = fault_of_members(members); fault != nullptr)
        return answer_with_text(answer, 400, fault);
    members.string("new_state");
    const text *response = members.string("response");
    const bool is_forced = members.flag("force").value_or(false);
    errors.raise();
    if (const char *fault = fault_of_move(text_to_cstring(new_state), is_forced); fault != nullptr)
        return answer_with_text(answer, 400, fault);
    const Datum values[] = {keys[0], keys[1], PointerGetDatum(response), BoolGetDatum(is_forced),
                            PointerGetDatum(DatumGetTextPCopy(pg::column(1)))};
    move.write(values);
    answer.status = 204;
}

void answer_retire(Exchange &exchange)
{
    pg::Errors errors;
    Members members(exchange, errors);
    const text *username = take_username(exchange, members, errors);
    if (username == nullptr)
        return;
    members.finish();
    if (!is_in_step(exchange, username, Step::Erasure))
        return;
    const Datum user = PointerGetDatum(username);
    retire.write(&user);
    exchange.answer->status = 204;
}

/* Returns the number of a retirement. JavaScript's clients may send it as a string. */
std::optional<std::int64_t> number_in_body(const JsonbValue &value, pg::Errors &errors)
{
    const std::optional<std::int64_t> number =
        value.type == jbvString ? number_of<std::int64_t>(json::string_of(value)) : json::integer_of(value);
    if (!number.has_value())
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "retirement_id", "\"retirement_id\" must be an integer");
    return number;
}

void answer_cancel(Exchange &exchange)
{
    Answer &answer = *exchange.answer;
    pg::Errors errors;
    Members members(exchange, errors);
    errors.raise();
    const JsonbValue *given = members.take("retirement_id", false);
    if (given == nullptr || given->type == jbvNull)
        return answer_with_message(answer, 400, "retirement_id must be specified.");
    const std::int64_t number = number_in_body(*given, errors).value_or(0);
    members.finish();
    const Datum key = Int64GetDatum(number);
    if (number <= 0 || find_number.read_latest(&key) == 0)
        return answer_with_message(answer, 400, "Retirement does not exist!");
    const Datum user = PointerGetDatum(DatumGetTextPCopy(pg::column(1)));
    const char *state = TextDatumGetCString(pg::column(2));
    if (std::string_view(state) != "PENDING")
        return answer_with_message(
            answer, 400,
            psprintf("Retirement requests can only be cancelled for users in the PENDING state. Current "
                     "request state for '%s': %s",
                     TextDatumGetCString(user), state));
    cancel.write(&user);
    if (DatumGetInt64(pg::column(1)) != number) /* the user has left once more meanwhile */
        refuse(409, "the user has begun another retirement");
    json::Writer out;
    out.begin_object();
    out.key("success").boolean(true);
    out.end_object();
    answer.body = out.json();
}

/* The members of Open edX's e-mail addresses and names have nothing to stand for. */
void answer_clean_up(Exchange &exchange)
{
    Answer &answer = *exchange.answer;
    pg::Errors errors;
    Members members(exchange, errors);
    const JsonbValue *given = members.take("usernames");
    const text *redacted = members.string("redacted_username", false);
    members.string("redacted_email", false);
    members.string("redacted_name", false);
    members.finish();
    if (!json::is_array(*given))
        return answer_with_text(answer, 400, "Usernames should be an array.");
    const pg::Names names = strings_in(*given, "usernames", errors);
    errors.raise();
    const Datum values[] = {PointerGetDatum(pg::make_array(names)), PointerGetDatum(redacted)};
    count_complete.read_latest(values);
    if (DatumGetInt64(pg::column(1)) != static_cast<std::int64_t>(names.size()))
        return answer_with_text(answer, 400, "Not all usernames exist in the COMPLETE state.");
    clean_up.write(values, redacted == nullptr ? " n" : "  ");
    answer.status = 204;
}

constexpr Route routes[] = {
    {"PATCH", "/api/user/v1/accounts/update_retirement_status/", Identity::Operator, Body::Json,
     answer_update},
    {"POST", "/api/user/v1/accounts/retire/", Identity::Operator, Body::Json, answer_retire},
    {"POST", "/api/user/v1/accounts/cancel_retirement/", Identity::Operator, Body::Json, answer_cancel},
    {"POST", "/api/user/v1/accounts/retirement_cleanup/", Identity::Operator, Body::Json, answer_clean_up},
};

} // namespace

constinit const std::span<const Route> retirement_routes(routes);

} // namespace opigno::gateway
