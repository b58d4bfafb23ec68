/* retirement_queue; functions.sql has the contract. */
#include "pg/argument.hpp"
#include "pg/result.hpp"
#include "pg/spi.hpp"
#include "pg/time.hpp"
#include "retirement/retirement.hpp"
#include "retirement/states.hpp"

#include <algorithm>

namespace opigno::retirement {

namespace {

/* The oldest rows of each state are read from an index, so that the many that are complete cost nothing. By
 * BETWEEN and this order it can only be the index on the state and the number.
 * $1: the states. $2: retirements that began before this. $3: after this number. $4: at most so many. */
constexpr Oid find_types[] = {TEXTARRAYOID, TIMESTAMPTZOID, INT8OID, INT8OID};
constinit pg::BatchStatement
    find_oldest("SELECT o.retirement_id FROM unnest($1) AS s (name) CROSS JOIN LATERAL ("
                "  SELECT r.retirement_id FROM opigno.retirement AS r"
                "  WHERE r.current_state BETWEEN s.name AND s.name AND r.created_at < $2"
                "   AND r.retirement_id > $3"
                "  ORDER BY r.current_state, r.retirement_id LIMIT $4) AS o"
                " ORDER BY o.retirement_id LIMIT $4",
                find_types);

/* Leaves out rows that other sessions have locked, and those that they have moved meanwhile. With || no
 * index on the state is used. */
constexpr Oid lock_types[] = {TEXTARRAYOID, TIMESTAMPTZOID, INT8ARRAYOID};
constinit pg::BatchStatement lock_found("SELECT " RETIREMENT_ROW
                                        " FROM unnest($3) WITH ORDINALITY AS i (id, n)"
                                        " JOIN opigno.retirement AS r ON r.retirement_id = i.id"
                                        " WHERE r.current_state || '' = ANY ($1) AND r.created_at < $2"
                                        " ORDER BY i.n FOR UPDATE OF r SKIP LOCKED",
                                        lock_types);

/* More lead before the first retirement in any case. */
constexpr std::int64_t max_days = 1000000;

std::int64_t days_of(FunctionCallInfo fcinfo, pg::Errors &errors)
{
    constexpr const char *member = "cool_off_days";
    pg::require(fcinfo, 1, member, errors);
    const std::int64_t days = PG_ARGISNULL(1) ? 0 : PG_GETARG_INT32(1);
    if (days < 0)
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, member, "\"%s\" must not be negative", member);
    return std::min(days, max_days);
}

void check_states(const pg::Names &wanted, pg::Errors &errors)
{
    constexpr const char *member = "states";
    const pg::Vector<State> states = states_now();
    for (std::size_t at = 0; at < wanted.size(); ++at) {
        errors.set_element(static_cast<int>(at));
        if (wanted[at].data() == nullptr)
            errors.add(ERRCODE_INVALID_PARAMETER_VALUE, member, "a state must not be NULL");
        else if (find_state(states, wanted[at]) == nullptr)
            add_unknown_state(wanted[at], member, errors);
        else if (std::find(wanted.begin(), wanted.begin() + at, wanted[at]) != wanted.begin() + at)
            errors.add(ERRCODE_INVALID_PARAMETER_VALUE, member, "state \"%s\" is given twice",
                       pg::quoted(wanted[at]));
    }
    errors.set_element(-1);
}

/* Returns so many rows that no other session has locked, if there are. */
void lock_rows(FunctionCallInfo fcinfo, Datum states, Datum before, std::int64_t wanted)
{
    constexpr std::int64_t max_batch = 1000;
    std::int64_t last_id = 0;
    while (wanted > 0) {
        CHECK_FOR_INTERRUPTS();
        const std::int64_t batch = std::min(wanted, max_batch);
        const Datum sought[] = {states, before, Int64GetDatum(last_id), Int64GetDatum(batch)};
        const std::uint64_t found = find_oldest.read_latest(sought);
        if (found == 0)
            return;
        last_id = DatumGetInt64(pg::column(1, found - 1));
        const Datum values[] = {states, before, column_of_numbers(found)};
        wanted -= static_cast<std::int64_t>(lock_found.write(values));
        pg::return_rows(fcinfo);
        if (static_cast<std::int64_t>(found) < batch)
            return;
    }
}

void lock_queue(const identity::Caller &caller, FunctionCallInfo fcinfo)
{
    pg::Errors errors;
    const std::int64_t days = days_of(fcinfo, errors);
    const std::int64_t rows = row_limit(fcinfo, 2, errors);
    ArrayType *given = pg::array_argument(fcinfo, 0);
    const pg::Names wanted = given == nullptr ? pg::Names() : pg::names_of(given);
    if (wanted.empty()) {
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "states", "\"states\" needs at least one state");
        errors.hint("opigno.list_retirement_states() lists the states.");
    }
    lock_states(caller);
    check_states(wanted, errors);
    errors.raise();
    lock_rows(fcinfo, PointerGetDatum(given),
              TimestampTzGetDatum(GetCurrentTimestamp() - days * USECS_PER_DAY), rows);
}

} // namespace

} // namespace opigno::retirement

using namespace opigno;

OPIGNO_FUNCTION(opigno_retirement_queue)
{
    InitMaterializedSRF(fcinfo, 0);
    return identity::as_owner(fcinfo, identity::RequiredAccess::Operator,
                              [&](const identity::Caller &caller) {
                                  return pg::with_spi([&](MemoryContext) {
                                      retirement::lock_queue(caller, fcinfo);
                                      return Datum{0};
                                  });
                              });
}
