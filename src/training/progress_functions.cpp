/* The SQL functions for the progress of one user in one training; progress.sql has the contracts. */
#include "identity/distributed_rows.hpp"
#include "identity/request.hpp"
#include "identity/user_uuid.hpp"
#include "pg/argument.hpp"
#include "pg/result.hpp"
#include "pg/row_type.hpp"
#include "pg/spi.hpp"
#include "training/progress_store.hpp"
#include "json/value/document_limit.hpp"

namespace opigno::training {

namespace {

using identity::Caller;

enum Argument { user_uuid, training_id, status, progress, score, reported_at, details, allow_decrease };

Key key_argument(FunctionCallInfo fcinfo, pg::Errors &errors)
{
    text *user = identity::checked_user_uuid(pg::text_argument(fcinfo, user_uuid), "user_uuid", errors);
    text *training =
        identity::checked_user_uuid(pg::text_argument(fcinfo, training_id), "training_id", errors);
    return {user, training};
}

Report report_argument(const Caller &caller, FunctionCallInfo fcinfo, pg::Errors &errors)
{
    const TimestampTz now = GetCurrentTimestamp();
    Report report;
    if (!PG_ARGISNULL(status))
        report.status = checked_status(pg::view(PG_GETARG_TEXT_PP(status)), errors);
    if (!PG_ARGISNULL(progress))
        report.progress = checked_progress(PG_GETARG_NUMERIC(progress), errors);
    if (!PG_ARGISNULL(score))
        report.score = checked_score(PG_GETARG_NUMERIC(score), errors);
    report.reported_at = PG_ARGISNULL(reported_at) ? now : PG_GETARG_TIMESTAMPTZ(reported_at);
    check_time(report.reported_at, now, errors);
    if (!PG_ARGISNULL(details)) {
        report.details = PG_GETARG_JSONB_P(details);
        check_details(report.details, caller.acts_on_all ? json::max_document : json::default_of_requests,
                      errors);
    }
    report.allow_decrease = pg::flag_argument(fcinfo, allow_decrease);
    return report;
}

/* A user must not report his own results: a client does. */
void check_request_may_report(const Caller &caller)
{
    if (caller.acts_on_all || identity::current_request()->client_id.has_value())
        return;
    ereport(ERROR, errcode(ERRCODE_INSUFFICIENT_PRIVILEGE), errmsg("the request may not report progress"),
            errdetail("It is a user's own, with a JWT."),
            errhint("Progress is reported by requests of clients, by operators and by roles of the level "
                    "\"learning\"."));
}

/* Makes the result in the current memory context. The missing row has no columns but the outcome. */
Datum result_of(FunctionCallInfo fcinfo, const Key &key, const Row &row)
{
    static constinit pg::RowType result;
    const State &state = row.state;
    const bool is_missing = row.version == 0;
    const Datum values[] = {PointerGetDatum(row.user_uuid),
                            PointerGetDatum(key.training_id),
                            BoolGetDatum(state.is_enrolled),
                            PointerGetDatum(pg::make_text(word_of(state.status))),
                            state.progress,
                            state.score,
                            state.details,
                            TimestampTzGetDatum(state.reported_at.value_or(0)),
                            Int64GetDatum(row.version),
                            PointerGetDatum(pg::make_text(identity::word_of(row.outcome)))};
    const bool nulls[] = {is_missing,
                          is_missing,
                          is_missing,
                          is_missing,
                          is_missing,
                          is_missing || state.score == Datum{0},
                          is_missing || state.details == Datum{0},
                          is_missing || !state.reported_at.has_value(),
                          is_missing,
                          false};
    return result.form(fcinfo, values, nulls);
}

/* write(key) writes the row, and is called between SPI_connect and SPI_finish. */
template <typename Write>
Datum written_row(const Caller &caller, FunctionCallInfo fcinfo, const Key &key, Write write)
{
    return pg::with_spi([&](MemoryContext outer) {
        check_may_write(caller, key);
        const Row row = write();
        MemoryContextSwitchTo(outer);
        return result_of(fcinfo, key, row);
    });
}

Datum report_one(const Caller &caller, FunctionCallInfo fcinfo)
{
    check_request_may_report(caller);
    pg::Errors errors;
    const Key key = key_argument(fcinfo, errors);
    const Report report = report_argument(caller, fcinfo, errors);
    errors.raise();
    return written_row(caller, fcinfo, key, [&] { return write_report(caller, key, report); });
}

template <typename Write> Datum change_enrolment(const Caller &caller, FunctionCallInfo fcinfo, Write write)
{
    pg::Errors errors;
    const Key key = key_argument(fcinfo, errors);
    errors.raise();
    return written_row(caller, fcinfo, key, [&] { return write(caller, key); });
}

std::int64_t move_all(FunctionCallInfo fcinfo)
{
    constexpr pg::Word<OnConflict> words[] = {
        {"keep", OnConflict::Keep}, {"replace", OnConflict::Replace}, {"merge", OnConflict::Merge}};
    pg::Errors errors;
    text *from_uuid = identity::checked_user_uuid(pg::text_argument(fcinfo, 0), "from_uuid", errors);
    text *into_uuid = identity::checked_user_uuid(pg::text_argument(fcinfo, 1), "into_uuid", errors);
    const OnConflict on_conflict = pg::word_argument(fcinfo, 2, "on_conflict", words, errors);
    errors.raise();
    return pg::with_spi([&](MemoryContext) { return move_progress(from_uuid, into_uuid, on_conflict); });
}

constexpr Oid own_types[] = {TEXTOID, TEXTOID};
/* Types and operators are qualified because this runs with the caller's search_path and
 * policies. */
#define SELECT_OWN(source)                                                                                   \
    "SELECT p.user_uuid::pg_catalog.text, p.training_id::pg_catalog.text, p.is_enrolled,"                    \
    " p.status::pg_catalog.text, p.progress::pg_catalog.numeric, p.score::pg_catalog.numeric,"               \
    " p.details, p.reported_at, p.version, p.created_at, p.updated_at FROM " source                          \
    " WHERE p.user_uuid OPERATOR(pg_catalog.=) $1"                                                           \
    "  AND ($2 IS NULL OR p.training_id OPERATOR(pg_catalog.=) $2) ORDER BY p.training_id"
constinit pg::CallerStatement select_own(SELECT_OWN("opigno.training_progress AS p"), own_types,
                                         SELECT_OWN(OPIGNO_DISTRIBUTED_PROGRESS));

} // namespace

} // namespace opigno::training

using namespace opigno;
using identity::Caller;
using identity::RequiredAccess;

OPIGNO_FUNCTION(opigno_report_progress)
{
    return identity::as_owner(fcinfo, RequiredAccess::Progress,
                              [&](const Caller &caller) { return training::report_one(caller, fcinfo); });
}

OPIGNO_FUNCTION(opigno_enrol_user)
{
    return identity::as_owner(fcinfo, RequiredAccess::Progress, [&](const Caller &caller) {
        return training::change_enrolment(caller, fcinfo, training::enrol);
    });
}

OPIGNO_FUNCTION(opigno_remove_enrolment)
{
    return identity::as_owner(fcinfo, RequiredAccess::Progress, [&](const Caller &caller) {
        return training::change_enrolment(caller, fcinfo, training::end_enrolment);
    });
}

OPIGNO_FUNCTION(opigno_move_progress)
{
    PG_RETURN_INT64(identity::as_owner(fcinfo, RequiredAccess::Owner, [&](const Caller & /*caller*/) {
        return training::move_all(fcinfo);
    }));
}

OPIGNO_FUNCTION(opigno_my_progress)
{
    identity::check_caller(fcinfo, RequiredAccess::OwnRequest);
    InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
    pg::with_spi([&](MemoryContext) {
        const bool of_all = PG_ARGISNULL(0);
        const Datum values[] = {
            PointerGetDatum(identity::current_request()->user_uuid),
            of_all ? Datum{0} : PointerGetDatum(identity::canonical_user_uuid(PG_GETARG_TEXT_PP(0)))};
        const char nulls[] = {' ', of_all ? 'n' : ' '};
        training::select_own.read(values, nulls);
        pg::return_rows(fcinfo);
        return 0;
    });
    return Datum{0};
}
