/* Reports to partners; functions.sql has the contracts. */
#include "identity/audit.hpp"
#include "identity/user.hpp"
#include "identity/user_uuid.hpp"
#include "pg/argument.hpp"
#include "pg/result.hpp"
#include "pg/spi.hpp"
#include "pg/time.hpp"
#include "retirement/retirement.hpp"
#include "retirement/states.hpp"

namespace opigno::retirement {

namespace {

using identity::Caller;
using identity::Outcome;

constexpr Oid insert_types[] = {TEXTOID, TIMESTAMPTZOID};
constinit pg::Statement
    insert_report("INSERT INTO opigno.retirement_partner_report AS p (user_uuid, retirement_id,"
                  "  user_context_id, display_name, is_being_processed, created_at, updated_at)"
                  " SELECT r.user_uuid, r.retirement_id, r.user_context_id, c.display_name, false, $2, $2"
                  " FROM opigno.retirement AS r JOIN opigno.user_context AS c ON c.uuid = r.user_uuid"
                  " WHERE r.user_uuid = $1 ON CONFLICT (user_uuid) DO NOTHING",
                  insert_types);
constinit pg::Statement
    select_report("SELECT 1 FROM opigno.retirement_partner_report AS p WHERE p.user_uuid = $1",
                  {insert_types, 1});

constexpr Oid take_types[] = {INT8OID, TIMESTAMPTZOID};
constinit pg::BatchStatement
    take_reports("WITH waiting AS MATERIALIZED ("
                 "  SELECT p.retirement_id FROM opigno.retirement_partner_report AS p"
                 "  WHERE NOT p.is_being_processed ORDER BY p.retirement_id LIMIT $1"
                 "  FOR UPDATE OF p SKIP LOCKED), taken AS ("
                 "  UPDATE opigno.retirement_partner_report AS p SET is_being_processed = true,"
                 "   updated_at = greatest(p.updated_at, $2) FROM waiting AS w"
                 "  WHERE p.retirement_id = w.retirement_id"
                 "  RETURNING p.user_uuid::text, p.user_context_id, p.display_name::text, p.created_at,"
                 "   p.retirement_id)"
                 " SELECT t.user_uuid, t.user_context_id, t.display_name, t.created_at"
                 " FROM taken AS t ORDER BY t.retirement_id",
                 take_types);

constexpr Oid keys_type[] = {TEXTARRAYOID};
constinit pg::BatchStatement
    lock_reports("SELECT p.retirement_id FROM unnest($1) WITH ORDINALITY AS i (uuid, n)"
                 " JOIN opigno.retirement_partner_report AS p ON p.user_uuid = i.uuid"
                 " WHERE p.is_being_processed ORDER BY i.n FOR UPDATE OF p",
                 keys_type);
constexpr Oid ids_type[] = {INT8ARRAYOID};
constinit pg::BatchStatement
    redact_reports("UPDATE opigno.retirement_partner_report AS p"
                   " SET user_uuid = 'redacted_' || p.retirement_id, display_name = 'redacted'"
                   " FROM unnest($1) AS i (id) WHERE p.retirement_id = i.id",
                   ids_type);
constinit pg::BatchStatement
    delete_reports("DELETE FROM opigno.retirement_partner_report AS p USING unnest($1) AS i (id)"
                   " WHERE p.retirement_id = i.id",
                   ids_type);

void check_is_in_working_state(const Retirement &stored)
{
    if (stored.retired_uuid != nullptr)
        ereport(ERROR, errcode(ERRCODE_WRONG_STATE), errmsg("the data of the user is erased"),
                errhint("Queue the report in a state before the erasure."));
    if (category_of(stored.state) != Category::Working)
        ereport(
            ERROR, errcode(ERRCODE_WRONG_STATE),
            errmsg("the retirement is in state \"%s\", which is no working state", pg::quoted(stored.state)),
            errhint("opigno.list_retirement_states() lists the states with their categories."));
}

Outcome queue(const Caller &caller, FunctionCallInfo fcinfo)
{
    pg::Errors errors;
    text *user_uuid = identity::checked_user_uuid(pg::text_argument(fcinfo, 0), "user_uuid", errors);
    errors.raise();
    return pg::with_spi([&](MemoryContext) {
        const Retirement stored = lock_retirement(user_uuid);
        const Datum values[] = {PointerGetDatum(user_uuid),
                                TimestampTzGetDatum(GetCurrentTransactionStartTimestamp())};
        if (select_report.read_committed(values) > 0)
            return Outcome::Unchanged;
        check_is_in_working_state(stored);
        if (insert_report.write(values) == 0)
            pg::refuse_suppressed_write();
        record(caller, Outcome::Created, user_uuid, nullptr);
        return Outcome::Created;
    });
}

/* After the erasure the audit trail names no user, so it has only the number of reports. */
void record_number(const Caller &caller, Outcome outcome, std::uint64_t rows)
{
    identity::Event event;
    event.outcome = outcome;
    event.row_count = static_cast<std::int64_t>(rows);
    if (rows > 0)
        identity::record(caller, event);
}

void take(const Caller &caller, FunctionCallInfo fcinfo)
{
    pg::Errors errors;
    const std::int64_t rows = row_limit(fcinfo, 0, errors);
    errors.raise();
    const Datum values[] = {Int64GetDatum(rows), TimestampTzGetDatum(GetCurrentTransactionStartTimestamp())};
    record_number(caller, Outcome::Updated, take_reports.write(values));
    pg::return_rows(fcinfo);
}

std::int64_t clean_up(const Caller &caller, FunctionCallInfo fcinfo)
{
    constexpr const char *member = "user_uuids";
    pg::Errors errors;
    const Users users = users_of(fcinfo, 0, member, errors);
    if (users.uuids.empty() && errors.empty())
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, member, "\"%s\" has no user", member);
    errors.raise();
    return pg::with_spi([&](MemoryContext) {
        const Datum keys = users.array();
        const std::uint64_t found = lock_reports.write(&keys);
        if (found != users.uuids.size())
            ereport(ERROR, errcode(ERRCODE_WRONG_STATE),
                    errmsg("not all users have a report that is being processed"),
                    errdetail("Of %llu users, %llu have one.",
                              static_cast<unsigned long long>(users.uuids.size()),
                              static_cast<unsigned long long>(found)),
                    errhint("opigno.take_partner_reports() takes reports."));
        const Datum ids = column_of_numbers(found);
        if (redact_reports.write(&ids) != found || delete_reports.write(&ids) != found)
            pg::refuse_suppressed_write();
        record_number(caller, Outcome::Deleted, found);
        return static_cast<std::int64_t>(found);
    });
}

} // namespace

} // namespace opigno::retirement

using namespace opigno;
using identity::RequiredAccess;

OPIGNO_FUNCTION(opigno_queue_partner_report)
{
    const identity::Outcome outcome =
        identity::as_owner(fcinfo, RequiredAccess::Operator,
                           [&](const identity::Caller &caller) { return retirement::queue(caller, fcinfo); });
    PG_RETURN_TEXT_P(cstring_to_text(identity::word_of(outcome)));
}

OPIGNO_FUNCTION(opigno_take_partner_reports)
{
    InitMaterializedSRF(fcinfo, 0);
    return identity::as_owner(fcinfo, RequiredAccess::Operator, [&](const identity::Caller &caller) {
        return pg::with_spi([&](MemoryContext) {
            retirement::take(caller, fcinfo);
            return Datum{0};
        });
    });
}

OPIGNO_FUNCTION(opigno_clean_up_partner_reports)
{
    PG_RETURN_INT64(identity::as_owner(fcinfo, RequiredAccess::Operator, [&](const identity::Caller &caller) {
        return retirement::clean_up(caller, fcinfo);
    }));
}
