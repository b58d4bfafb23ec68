/* set_retirement_states; functions.sql has the contract. */
#include "identity/audit.hpp"
#include "identity/shard.hpp"
#include "pg/argument.hpp"
#include "pg/jsonb.hpp"
#include "pg/result.hpp"
#include "pg/spi.hpp"
#include "retirement/retirement.hpp"
#include "retirement/states.hpp"
#include "json/value/reader.hpp"

#include <algorithm>

namespace opigno::retirement {

namespace {

using identity::Outcome;
using States = pg::Vector<State>;

constexpr const char *member = "body";
constexpr std::string_view required_states[] = {pending, "ERRORED", aborted, complete};
constexpr std::size_t end_states = 3;
constexpr std::string_view default_eraser = "RETIRING_LMS";
constexpr std::size_t max_states = 1000;
constexpr std::size_t max_name = 30;

constinit pg::Statement
    select_users("SELECT 1 FROM opigno.retirement AS r"
                 " WHERE r.current_state NOT IN ('PENDING', 'ERRORED', 'ABORTED', 'COMPLETE') LIMIT 1");

/* The names, their order, and which one erases data; the order is unique at the end of a statement. */
constexpr Oid types[] = {TEXTARRAYOID, INT4ARRAYOID, BOOLARRAYOID};
constinit pg::BatchStatement
    delete_others("DELETE FROM opigno.retirement_state AS s WHERE s.state_name <> ALL ($1)", {types, 1});
constinit pg::Statement
    forget_eraser("UPDATE opigno.retirement_state AS s SET erases_data = false WHERE s.erases_data");
constinit pg::BatchStatement
    write_states("INSERT INTO opigno.retirement_state AS s"
                 " (state_name, execution_order, is_required, is_dead_end, erases_data)"
                 " SELECT i.name, i.execution_order, i.name IN ('PENDING', 'ERRORED', 'ABORTED', 'COMPLETE'),"
                 "  i.name IN ('ERRORED', 'ABORTED', 'COMPLETE'), i.erases_data"
                 " FROM unnest($1, $2, $3) AS i (name, execution_order, erases_data)"
                 " ON CONFLICT (state_name) DO UPDATE SET execution_order = excluded.execution_order,"
                 "  erases_data = excluded.erases_data",
                 types);

constexpr bool is_letter(char given)
{
    return (given >= 'a' && given <= 'z') || (given >= 'A' && given <= 'Z') || given == '_';
}

bool is_name(std::string_view given)
{
    return !given.empty() && given.size() <= max_name && is_letter(given[0]) &&
           std::all_of(given.begin(), given.end(),
                       [](char each) { return is_letter(each) || (each >= '0' && each <= '9'); });
}

void refuse(pg::Errors &errors, const char *message)
{
    errors.add(ERRCODE_INVALID_PARAMETER_VALUE, member, "%s", message);
}

void read_name(const JsonbValue &value, State &state, pg::Errors &errors)
{
    if (value.type != jbvString || !is_name(json::string_of(value))) {
        refuse(errors, "the name of a state must be a string of 1 to 30 ASCII letters, digits and "
                       "underscores, and not start with a digit");
        return;
    }
    state.name = json::string_of(value);
    state.category = category_of(state.name);
}

/* Adds the state to the list, with an empty name if that is wrong. */
void read_state(const JsonbValue &value, States &states, pg::Errors &errors)
{
    State state{{}, static_cast<std::int32_t>(states.size() * 10 + 1), Category::Working, false};
    if (!json::is_object(value)) {
        read_name(value, state, errors);
        states.push_back(state);
        return;
    }
    bool is_named = false;
    json::each_member(value, [&](std::string_view key, const JsonbValue &given) {
        if (key == "state_name") {
            is_named = true;
            read_name(given, state, errors);
        } else if (key == "erases_data" && given.type == jbvBool) {
            state.erases_data = given.val.boolean;
        } else if (key == "erases_data") {
            refuse(errors, "\"erases_data\" must be a boolean");
        } else {
            refuse(errors, "a state has only the members \"state_name\" and \"erases_data\"");
        }
    });
    if (!is_named)
        refuse(errors, "\"state_name\" is required");
    states.push_back(state);
}

States read_states(const JsonbValue &body, pg::Errors &errors)
{
    States states;
    if (!json::is_array(body)) {
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, member, "the states must be an array, not %s",
                   json::type_of(body));
        return states;
    }
    json::each_element(body, [&](const JsonbValue &value) {
        errors.set_element(static_cast<int>(states.size()));
        read_state(value, states, errors);
    });
    errors.set_element(-1);
    if (states.empty())
        refuse(errors, "there must be states");
    if (states.size() > max_states)
        refuse(errors, "there must be at most 1000 states");
    return states;
}

void check_required(const States &states, pg::Errors &errors)
{
    bool is_complete = true;
    for (const std::string_view name : required_states)
        if (find_state(states, name) == nullptr) {
            errors.add(ERRCODE_INVALID_PARAMETER_VALUE, member, "state \"%s\" is missing", name.data());
            is_complete = false;
        }
    if (is_complete && states[0].name != pending)
        refuse(errors, "state \"PENDING\" must be the first");
    for (std::size_t at = 0; is_complete && at < end_states; ++at)
        if (states[states.size() - end_states + at].name != required_states[at + 1]) {
            refuse(errors,
                   "the last states must be \"ERRORED\", \"ABORTED\" and \"COMPLETE\", in this order");
            return;
        }
}

void check_distinct(const States &states, pg::Errors &errors)
{
    for (std::size_t at = 0; at < states.size(); ++at) {
        errors.set_element(static_cast<int>(at));
        const State *first = states[at].name.empty() ? nullptr : find_state(states, states[at].name);
        if (first != nullptr && first != &states[at])
            refuse(errors, "a state is given twice");
    }
    errors.set_element(-1);
}

/* Finds the state that erases data. */
void choose_eraser(States &states, pg::Errors &errors)
{
    State *eraser = nullptr;
    int erasers = 0;
    for (State &state : states)
        if (state.erases_data) {
            eraser = &state;
            ++erasers;
        }
    if (erasers == 0)
        for (State &state : states)
            if (state.name == default_eraser)
                eraser = &state;
    if (erasers > 1 || eraser == nullptr) {
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, member, "%s state erases data",
                   eraser == nullptr ? "no" : "more than one");
        errors.hint("Exactly one state has \"erases_data\": true; without one it is RETIRING_LMS.");
        return;
    }
    eraser->erases_data = true;
    if (!eraser->name.empty() && eraser->category != Category::Working)
        refuse(errors, "the state that erases data must be a working state");
}

States states_from(Jsonb *body, pg::Errors &errors)
{
    States states = read_states(json::root_of(body), errors);
    if (states.empty() || states.size() > max_states)
        return states;
    check_required(states, errors);
    check_distinct(states, errors);
    choose_eraser(states, errors);
    return states;
}

Outcome outcome_of(const State &state, const States &before)
{
    const State *stored = find_state(before, state.name);
    if (stored == nullptr)
        return Outcome::Created;
    return stored->order == state.order && stored->erases_data == state.erases_data ? Outcome::Unchanged
                                                                                    : Outcome::Updated;
}

bool is_same(const States &left, const States &right)
{
    return left.size() == right.size() && std::all_of(left.begin(), left.end(), [&](const State &state) {
               return outcome_of(state, right) == Outcome::Unchanged;
           });
}

void check_no_users()
{
    if (select_users.read_committed(nullptr) > 0)
        ereport(ERROR, errcode(ERRCODE_WRONG_STATE), errmsg("users are being retired"),
                errhint("The states can be changed when every retirement is in state PENDING, ERRORED, "
                        "ABORTED or COMPLETE."));
}

void write(const States &states)
{
    pg::ArrayColumn names;
    pg::ArrayColumn orders;
    pg::ArrayColumn erasers;
    for (const State &state : states) {
        names.add(pg::make_text(state.name));
        orders.add(Int32GetDatum(state.order));
        erasers.add(BoolGetDatum(state.erases_data));
    }
    const Datum values[] = {names.text_array(), orders.integer_array(), erasers.boolean_array()};
    if (delete_others.write(values) > 0)
        identity::check_may_delete_registered("a state of retirement",
                                              "Leave the state where it is, or remove it with the rights of "
                                              "the owner when no shard has users in it.");
    forget_eraser.write(nullptr);
    if (write_states.write(values) != states.size())
        pg::refuse_suppressed_write();
}

void return_state(FunctionCallInfo fcinfo, const State &state, Outcome outcome)
{
    auto *result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    const bool is_deleted = outcome == Outcome::Deleted;
    Datum values[] = {PointerGetDatum(pg::make_text(state.name)), Int32GetDatum(state.order),
                      BoolGetDatum(state.erases_data), CStringGetTextDatum(identity::word_of(outcome))};
    bool nulls[] = {false, is_deleted, is_deleted, false};
    tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

void set(const identity::Caller &caller, FunctionCallInfo fcinfo)
{
    pg::require(fcinfo, 0, member);
    const bool is_dry_run = pg::flag_argument(fcinfo, 1);
    pg::Errors errors;
    const States states = states_from(PG_GETARG_JSONB_P(0), errors);
    errors.raise();
    if (!is_dry_run)
        lock_states_to_change(caller);
    const States before = states_now();
    if (!is_same(states, before)) {
        check_no_users();
        if (!is_dry_run) {
            write(states);
            record(caller, Outcome::Updated, nullptr,
                   psprintf("%d states of retirement", static_cast<int>(states.size())));
        }
    }
    /* Shards need the states of the hub, also those that are the default. */
    if (!is_dry_run && identity::server_role().kind == identity::ServerKind::Hub)
        need_states();
    for (const State &state : states)
        return_state(fcinfo, state, outcome_of(state, before));
    for (const State &state : before)
        if (find_state(states, state.name) == nullptr)
            return_state(fcinfo, state, Outcome::Deleted);
}

} // namespace

} // namespace opigno::retirement

using namespace opigno;

OPIGNO_FUNCTION(opigno_set_retirement_states)
{
    InitMaterializedSRF(fcinfo, 0);
    return identity::as_owner(fcinfo, identity::RequiredAccess::Operator,
                              [&](const identity::Caller &caller) {
                                  return pg::with_spi([&](MemoryContext) {
                                      retirement::set(caller, fcinfo);
                                      return Datum{0};
                                  });
                              });
}
