/* retirement_cleanup; functions.sql has the contract. */
#include "identity/audit.hpp"
#include "identity/user_uuid.hpp"
#include "pg/argument.hpp"
#include "pg/spi.hpp"
#include "retirement/certificate.hpp"
#include "retirement/places.hpp"
#include "retirement/retirement.hpp"
#include "retirement/states.hpp"

namespace opigno::retirement {

namespace {

constexpr Oid keys_type[] = {TEXTARRAYOID};
/* Whether a row is in COMPLETE is a column: a condition could make the planner search by state. */
constinit pg::BatchStatement
    lock_rows("SELECT r.retirement_id, r.current_state = 'COMPLETE', r.user_uuid::text, r.retired_uuid"
              " FROM unnest($1) WITH ORDINALITY AS i (uuid, n)"
              " JOIN opigno.retirement AS r ON r.user_uuid = i.uuid ORDER BY i.n FOR UPDATE OF r",
              keys_type);

constinit pg::BatchStatement
    select_reports("SELECT i.n FROM unnest($1) WITH ORDINALITY AS i (uuid, n)"
                   " JOIN opigno.retirement_partner_report AS p ON p.user_uuid = i.uuid",
                   keys_type);

/* The primary key must stay unique: the user uuid becomes a text with the number, and a user can have this
 * name. */
constinit pg::Statement select_suffix("SELECT '_' || left(gen_random_uuid()::text, 8)");
constexpr Oid redact_types[] = {INT8ARRAYOID, TEXTOID, TEXTOID};
constinit pg::BatchStatement
    redact("UPDATE opigno.retirement AS r SET user_uuid = $2 || '_' || r.retirement_id || CASE WHEN EXISTS ("
           "    SELECT FROM opigno.retirement AS o WHERE o.user_uuid = $2 || '_' || r.retirement_id)"
           "   THEN $3 ELSE '' END,"
           "  retired_uuid = $2, responses = ''"
           " FROM unnest($1) AS i (id) WHERE r.retirement_id = i.id",
           redact_types);
constinit pg::BatchStatement delete_rows("DELETE FROM opigno.retirement AS r USING unnest($1) AS i (id)"
                                         " WHERE r.retirement_id = i.id",
                                         {redact_types, 1});

constexpr std::size_t max_redacted = 200; /* bytes */

/* With _, a number and eight digits it must be a user uuid in every encoding. */
text *redacted_argument(FunctionCallInfo fcinfo, int argument_number, pg::Errors &errors)
{
    constexpr const char *member = "redacted_uuid";
    constexpr const char *longest_suffix = "9223372036854775807_00000000";
    text *given = pg::text_argument(fcinfo, argument_number);
    if (given == nullptr)
        return pg::make_text("redacted");
    const std::size_t bytes = pg::view(given).size();
    if (bytes == 0 || bytes > max_redacted)
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, member, "\"%s\" must have 1 to 200 bytes", member);
    else
        identity::checked_user_uuid(pg::make_text(psprintf("%s_%s", text_to_cstring(given), longest_suffix)),
                                    member, errors);
    return given;
}

/* The rows that lock_rows has found. */
struct Found {
    std::uint64_t rows;
    std::uint64_t are_complete = 0;
    Datum numbers;
    Subjects erased = {}; /* those whose data is erased */
};

Found lock(const Datum &keys)
{
    Found found{lock_rows.write(&keys), 0, {}, {}};
    for (std::uint64_t row = 0; row < found.rows; ++row) {
        found.are_complete += DatumGetBool(pg::column(2, row)) ? 1 : 0;
        const std::optional<Datum> retired = pg::nullable_column(4, row);
        if (!retired.has_value())
            continue;
        Subject subject{};
        subject.user_uuid = DatumGetTextPP(pg::column(3, row));
        subject.retired_uuid = DatumGetTextPP(*retired);
        found.erased.push_back(subject);
    }
    found.numbers = column_of_numbers(found.rows);
    return found;
}

void check_are_complete(std::uint64_t wanted, const Found &found)
{
    if (found.are_complete != wanted)
        ereport(ERROR, errcode(ERRCODE_WRONG_STATE),
                errmsg("not all users have a retirement in state \"COMPLETE\""),
                errdetail("Of %llu users, %llu have one.", static_cast<unsigned long long>(wanted),
                          static_cast<unsigned long long>(found.are_complete)),
                errhint("opigno.list_retirements('COMPLETE') lists them."));
}

/* Without its row nobody would know that the user has asked to leave, and all data would stay. */
void check_are_erased(const Found &found)
{
    if (found.erased.size() != found.rows)
        ereport(
            ERROR, errcode(ERRCODE_WRONG_STATE), errmsg("the data of users is not erased"),
            errdetail("Of %llu users, the data of %llu is erased.",
                      static_cast<unsigned long long>(found.rows),
                      static_cast<unsigned long long>(found.erased.size())),
            errhint("opigno.move_retirement() with force => true moves a user back to the state that erases "
                    "data, for opigno.retire_user_data(), or to PENDING, for opigno.cancel_retirement()."));
}

/* A report has the uuid and the display name, and nobody would look for it any more. */
void check_have_no_reports(const Datum &keys)
{
    const std::uint64_t reports = select_reports.read_committed(&keys);
    if (reports > 0)
        ereport(ERROR, errcode(ERRCODE_WRONG_STATE), errmsg("users have reports to partners"),
                errdetail("%llu users have one.", static_cast<unsigned long long>(reports)),
                errhint("opigno.take_partner_reports() returns those to be sent, and "
                        "opigno.clean_up_partner_reports() deletes those that were sent."));
}

/* What transactions that began before the erasure have written of the users since. */
void erase_late_rows(Subjects &erased)
{
    lock_certificates();
    redact_common_rows(erased, {});
}

std::int64_t clean_up(const identity::Caller &caller, FunctionCallInfo fcinfo)
{
    pg::Errors errors;
    const Users users = users_of(fcinfo, 0, "user_uuids", errors);
    text *redacted = redacted_argument(fcinfo, 1, errors);
    errors.raise();
    if (users.uuids.empty())
        return 0;
    check_isolation_of_erasure();
    return pg::with_spi([&](MemoryContext) {
        const Datum keys = users.array();
        Found found = lock(keys);
        check_are_complete(users.uuids.size(), found);
        check_are_erased(found);
        check_have_no_reports(keys);
        erase_late_rows(found.erased);
        select_suffix.read_latest(nullptr);
        const Datum values[] = {found.numbers, PointerGetDatum(redacted), pg::column(1)};
        if (redact.write(values) != found.rows || delete_rows.write(values) != found.rows)
            pg::refuse_suppressed_write();
        identity::Event event; /* names no user */
        event.outcome = identity::Outcome::Deleted;
        event.row_count = static_cast<std::int64_t>(found.rows);
        identity::record(caller, event);
        return static_cast<std::int64_t>(found.rows);
    });
}

static_assert(std::is_trivially_destructible_v<Found>);

} // namespace

} // namespace opigno::retirement

using namespace opigno;

OPIGNO_FUNCTION(opigno_retirement_cleanup)
{
    PG_RETURN_INT64(
        identity::as_owner(fcinfo, identity::RequiredAccess::Operator, [&](const identity::Caller &caller) {
            return retirement::clean_up(caller, fcinfo);
        }));
}
