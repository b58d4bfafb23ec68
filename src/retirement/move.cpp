/* move_retirement and cancel_retirement; functions.sql has the contracts. */
#include "identity/audit.hpp"
#include "identity/request.hpp"
#include "identity/user.hpp"
#include "identity/user_uuid.hpp"
#include "pg/argument.hpp"
#include "pg/spi.hpp"
#include "pg/time.hpp"
#include "retirement/retirement.hpp"
#include "retirement/states.hpp"

namespace opigno::retirement {

namespace {

using identity::Caller;
using identity::Outcome;

/* The user, the new state, what is appended to responses, the time, and whether the user was active; NULL
 * if that is known already. */
constexpr Oid move_types[] = {TEXTOID, TEXTOID, TEXTOID, TIMESTAMPTZOID, BOOLOID};
constinit pg::Statement
    update_state("UPDATE opigno.retirement AS r SET last_state = r.current_state, current_state = $2,"
                 "  responses = r.responses || $3, updated_at = greatest(r.updated_at, $4),"
                 "  was_active = coalesce($5, r.was_active)"
                 " WHERE r.user_uuid = $1 RETURNING " RETIREMENT_ROW,
                 move_types);

constexpr Oid key_type[] = {TEXTOID};
constinit pg::Statement
    delete_row("DELETE FROM opigno.retirement AS r WHERE r.user_uuid = $1 RETURNING " RETIREMENT_ROW,
               key_type);
constinit pg::Statement
    delete_report("DELETE FROM opigno.retirement_partner_report AS p WHERE p.user_uuid = $1", key_type);

constexpr Oid change_types[] = {TEXTOID, TIMESTAMPTZOID};
constinit pg::Statement
    activate("UPDATE opigno.user_context AS c SET is_active = true, version = c.version + 1,"
             "  updated_at = greatest(c.updated_at, $2) WHERE c.uuid = $1 AND NOT c.is_active",
             change_types);

constexpr std::int64_t max_responses = 1048576; /* bytes */

struct Move {
    text *user_uuid;
    text *new_state;
    text *response;
    text *expected_state; /* nullptr: any */
    bool is_forced;
};

static_assert(std::is_trivially_destructible_v<Move>);

Move move_from_arguments(FunctionCallInfo fcinfo)
{
    pg::Errors errors;
    text *user_uuid = identity::checked_user_uuid(pg::text_argument(fcinfo, 0), "user_uuid", errors);
    pg::require(fcinfo, 1, "new_state", errors);
    pg::require(fcinfo, 2, "response", errors);
    errors.raise();
    return {user_uuid, PG_GETARG_TEXT_PP(1), PG_GETARG_TEXT_PP(2), pg::text_argument(fcinfo, 4),
            pg::flag_argument(fcinfo, 3)};
}

/* Adds an error for each rule that the move breaks. */
void check(const Move &move, const Retirement &stored, pg::Errors &errors)
{
    const char *current = pg::quoted(stored.state);
    const char *wanted = pg::quoted(pg::view(move.new_state));
    const pg::Vector<State> states = states_now();
    const State *to = find_state(states, pg::view(move.new_state));
    if (to == nullptr)
        add_unknown_state(pg::view(move.new_state), "new_state", errors);
    if (move.expected_state != nullptr && pg::view(move.expected_state) != stored.state) {
        errors.add(ERRCODE_OTHER_VERSION, "expected_state",
                   "the retirement is in state \"%s\", not in the expected state \"%s\"", current,
                   pg::quoted(pg::view(move.expected_state)));
        errors.hint("Another session has moved it. Read it again with opigno.get_retirement().");
    }
    const State *from = find_state(states, stored.state);
    if (move.is_forced || to == nullptr || from == nullptr)
        return;
    if (from->category == Category::End) {
        errors.add(ERRCODE_WRONG_STATE, "new_state", "state \"%s\" is an end", current);
        errors.hint("force => true moves a retirement on from there.");
    } else if (to->order <= from->order) {
        errors.add(ERRCODE_WRONG_STATE, "new_state", "state \"%s\" does not come after state \"%s\"", wanted,
                   current);
        errors.hint("force => true moves a retirement back.");
    }
}

/* What is appended to responses, in the words of Open edX. */
text *entry_of(const Move &move, const Retirement &stored)
{
    const std::string_view response = pg::view(move.response);
    StringInfoData entry;
    initStringInfo(&entry);
    appendStringInfo(&entry, "\n Moved from %.*s to ", static_cast<int>(stored.state.size()),
                     stored.state.data());
    appendBinaryStringInfo(&entry, VARDATA_ANY(move.new_state),
                           static_cast<int>(VARSIZE_ANY_EXHDR(move.new_state)));
    appendStringInfoString(&entry, ":\n");
    appendBinaryStringInfo(&entry, response.data(), static_cast<int>(response.size()));
    appendStringInfoChar(&entry, '\n');
    if (stored.responses_size + entry.len > max_responses)
        ereport(ERROR, errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                errmsg("the responses of the retirement are too large"),
                errdetail("They have %lld bytes, and would have %lld; the limit is %lld.",
                          static_cast<long long>(stored.responses_size),
                          static_cast<long long>(stored.responses_size + entry.len),
                          static_cast<long long>(max_responses)),
                errhint("Shorten the response."));
    return pg::make_text({entry.data, static_cast<std::size_t>(entry.len)});
}

Datum move(const Caller &caller, const Move &wanted)
{
    return pg::with_spi([&](MemoryContext) {
        lock_states(caller);
        const Retirement stored = lock_retirement(wanted.user_uuid);
        pg::Errors errors;
        check(wanted, stored, errors);
        errors.raise();
        const bool is_aborted = pg::view(wanted.new_state) == aborted;
        const bool leaves_aborted = stored.state == aborted && !is_aborted;
        const bool was_active = leaves_aborted && deactivate_user(wanted.user_uuid);
        const Datum values[] = {PointerGetDatum(wanted.user_uuid), PointerGetDatum(wanted.new_state),
                                PointerGetDatum(entry_of(wanted, stored)),
                                TimestampTzGetDatum(GetCurrentTransactionStartTimestamp()),
                                BoolGetDatum(was_active)};
        /* The user stays, unless the data is erased: then partners are still to be told. */
        if (is_aborted && stored.retired_uuid == nullptr)
            delete_report.write(values);
        if (update_state.write(values, leaves_aborted ? "     " : "    n") == 0)
            pg::refuse_suppressed_write();
        record(caller, Outcome::Updated, stored.audited_uuid(),
               psprintf("%s to %s%s", pg::quoted(stored.state), pg::quoted(pg::view(wanted.new_state)),
                        wanted.is_forced ? " by force" : ""));
        const Datum row = pg::returned_row();
        if (was_active)
            identity::refresh_request(wanted.user_uuid);
        return row;
    });
}

void check_can_be_cancelled(const Retirement &stored)
{
    if (stored.state != pending)
        ereport(ERROR, errcode(ERRCODE_WRONG_STATE),
                errmsg("the retirement is in state \"%s\"", pg::quoted(stored.state)),
                errhint("Only a retirement in state PENDING can be cancelled."));
    if (stored.retired_uuid != nullptr)
        ereport(ERROR, errcode(ERRCODE_WRONG_STATE), errmsg("the data of the user is erased"),
                errhint("Nothing is left that could be restored."));
}

Datum cancel(const Caller &caller, FunctionCallInfo fcinfo)
{
    pg::Errors errors;
    text *user_uuid = identity::checked_user_uuid(pg::text_argument(fcinfo, 0), "user_uuid", errors);
    errors.raise();
    return pg::with_spi([&](MemoryContext) {
        lock_states(caller);
        const Retirement stored = lock_retirement(user_uuid);
        check_can_be_cancelled(stored);
        const Datum values[] = {PointerGetDatum(user_uuid),
                                TimestampTzGetDatum(GetCurrentTransactionStartTimestamp())};
        if (stored.was_active)
            activate.write(values);
        delete_report.write(values);
        if (delete_row.write(values) == 0)
            pg::refuse_suppressed_write();
        record(caller, Outcome::Deleted, user_uuid, nullptr);
        const Datum row = pg::returned_row();
        identity::refresh_request(user_uuid);
        return row;
    });
}

} // namespace

} // namespace opigno::retirement

using namespace opigno;
using identity::RequiredAccess;

OPIGNO_FUNCTION(opigno_move_retirement)
{
    return identity::as_owner(fcinfo, RequiredAccess::Operator, [&](const identity::Caller &caller) {
        return retirement::move(caller, retirement::move_from_arguments(fcinfo));
    });
}

OPIGNO_FUNCTION(opigno_cancel_retirement)
{
    return identity::as_owner(fcinfo, RequiredAccess::Operator, [&](const identity::Caller &caller) {
        return retirement::cancel(caller, fcinfo);
    });
}
