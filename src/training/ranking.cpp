/* The ranking of users by the trainings that they have passed; ranking.sql has the contracts. */
#include "identity/audit.hpp"
#include "identity/level.hpp"
#include "identity/user_uuid.hpp"
#include "identity/visibility.hpp"
#include "pg/result.hpp"
#include "pg/spi.hpp"
#include "pg/time.hpp"

namespace opigno::training {

namespace {

#define IS_COUNTED "c.is_active AND c.scope <> '{}'"
constexpr Oid user_type[] = {TEXTOID};
constinit pg::Statement
    select_standing("SELECT coalesce(s.passed_trainings_number, 0), coalesce(s.average_score, 0),"
                    "  coalesce(s.completed_trainings_number, 0),"
                    "  CASE WHEN s.passed_trainings_number > 0 THEN s.average_score"
                    "   ELSE greatest(s.average_score, 0) END"
                    " FROM opigno.user_context AS c"
                    " LEFT JOIN opigno.training_standing AS s ON s.user_uuid = c.uuid"
                    " WHERE c.uuid = $1 AND " IS_COUNTED,
                    user_type);

constexpr Oid place_types[] = {INT4OID, NUMERICOID};
/* The nearest step that is not behind this place. */
constinit pg::Statement
    select_step("SELECT t.passed_trainings_number, t.average_score, t.users_before, t.users_up_to,"
                "  t.refreshed_at,"
                "  t.passed_trainings_number = $1 AND t.average_score = $2"
                " FROM opigno.ranking_step AS t"
                " WHERE (t.passed_trainings_number, t.average_score) >= ($1, $2)"
                " ORDER BY t.passed_trainings_number, t.average_score LIMIT 1",
                place_types);

#define COUNT_BETTER                                                                                         \
    "SELECT count(*) FROM opigno.training_standing AS s"                                                     \
    " JOIN opigno.user_context AS c ON c.uuid = s.user_uuid"                                                 \
    " WHERE (s.passed_trainings_number, s.average_score) > ($1, $2) AND " IS_COUNTED
constinit pg::Statement count_better(COUNT_BETTER, place_types);
/* An index scan ends at the upper limit of one column only, so a range of places is counted in parts:
 * within a number of trainings passed, and between two of them. */
#define COUNT_USERS                                                                                          \
    "SELECT count(*) FROM opigno.training_standing AS s"                                                     \
    " JOIN opigno.user_context AS c ON c.uuid = s.user_uuid WHERE " IS_COUNTED " AND "
constexpr Oid within_types[] = {INT4OID, NUMERICOID, NUMERICOID};
constinit pg::Statement count_within(COUNT_USERS "s.passed_trainings_number = $1 AND s.average_score > $2"
                                                 " AND s.average_score < $3",
                                     within_types);
constexpr Oid between_types[] = {INT4OID, INT4OID};
constinit pg::Statement count_between(COUNT_USERS "s.passed_trainings_number > $1"
                                                  " AND s.passed_trainings_number < $2",
                                      between_types);

constinit pg::Statement delete_steps("DELETE FROM opigno.ranking_step");
/* A step at each place that holds one of every hundred users. */
constexpr const char *insert_steps =
    "INSERT INTO opigno.ranking_step (passed_trainings_number, average_score, users_before, users_up_to,"
    "  refreshed_at)"
    " SELECT p.passed_trainings_number, p.average_score, p.up_to - p.users, p.up_to, statement_timestamp()"
    " FROM (SELECT g.*, sum(g.users) OVER (ORDER BY g.passed_trainings_number DESC, g.average_score DESC)"
    "    AS up_to"
    "   FROM (SELECT s.passed_trainings_number, s.average_score, count(*) AS users"
    "     FROM opigno.training_standing AS s JOIN opigno.user_context AS c ON c.uuid = s.user_uuid"
    "     WHERE " IS_COUNTED "     GROUP BY s.passed_trainings_number, s.average_score) AS g) AS p"
    " WHERE div(p.up_to, 100) > div(p.up_to - p.users, 100)";

struct Rank {
    std::int64_t users_before;
    TimestampTz ranked_at;
};

Datum infinity(const char *text)
{
    return DirectFunctionCall3(numeric_in, CStringGetDatum(text), ObjectIdGetDatum(InvalidOid),
                               Int32GetDatum(-1));
}

std::int64_t users_within(Datum passed, Datum from, Datum to)
{
    const Datum values[] = {passed, from, to};
    count_within.read(values);
    return DatumGetInt64(pg::column(1));
}

/* Counts the users at places between both. */
std::int64_t users_between(const Datum *place, const Datum *better)
{
    if (DatumGetInt32(place[0]) == DatumGetInt32(better[0]))
        return users_within(place[0], place[1], better[1]);
    const Datum numbers[] = {place[0], better[0]};
    count_between.read(numbers);
    return DatumGetInt64(pg::column(1)) + users_within(place[0], place[1], infinity("Infinity")) +
           users_within(better[0], infinity("-Infinity"), better[1]);
}

/* Counts the users that are better. Uses what ranking_step knows of most of them. */
Rank rank_of(const Datum *place)
{
    const TimestampTz now = GetCurrentStatementStartTimestamp();
    if (select_step.read(place) == 0) {
        count_better.read(place);
        return {DatumGetInt64(pg::column(1)), now};
    }
    const std::int64_t before = DatumGetInt64(pg::column(3));
    const std::int64_t up_to = DatumGetInt64(pg::column(4));
    const TimestampTz ranked_at = DatumGetTimestampTz(pg::column(5));
    if (DatumGetBool(pg::column(6)))
        return {before, ranked_at};
    const Datum better[] = {pg::column(1), pg::column(2)};
    return {up_to + users_between(place, better), ranked_at};
}

void return_rank(FunctionCallInfo fcinfo, text *user_uuid)
{
    pg::with_spi([&](MemoryContext) {
        const Datum key = PointerGetDatum(user_uuid);
        if (select_standing.read(&key) == 0)
            return 0;
        /* Users without a completed training have no standing: nobody is behind them. */
        const Datum place[] = {pg::column(1), pg::column(4)};
        const Datum average = pg::column(2);
        const Datum completed = pg::column(3);
        const auto [users_before, ranked_at] = rank_of(place);
        const Datum values[] = {Int64GetDatum(users_before + 1), average, place[0], completed,
                                TimestampTzGetDatum(ranked_at)};
        constexpr bool nulls[std::size(values)] = {};
        const auto *result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
        tuplestore_putvalues(result->setResult, result->setDesc, const_cast<Datum *>(values),
                             const_cast<bool *>(nulls));
        return 0;
    });
}

std::int64_t refresh(const identity::Caller &caller)
{
    return pg::with_spi([&](MemoryContext) {
        pg::execute("LOCK TABLE opigno.ranking_step IN SHARE ROW EXCLUSIVE MODE");
        delete_steps.write(nullptr);
        pg::execute(insert_steps);
        const auto steps = static_cast<std::int64_t>(SPI_processed);
        identity::Event event;
        event.outcome = identity::Outcome::Updated;
        event.row_count = steps;
        event.subject = pg::make_text("ranking_step");
        identity::record(caller, event);
        return steps;
    });
}

} // namespace

} // namespace opigno::training

using namespace opigno;

OPIGNO_FUNCTION(opigno_passed_trainings_ranking)
{
    InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
    if (PG_ARGISNULL(0))
        return Datum{0};
    text *user_uuid = identity::canonical_user_uuid(PG_GETARG_TEXT_PP(0));
    if (identity::visibility_of(user_uuid,
                                identity::Access::of(fcinfo->flinfo->fn_oid).reads_all_progress()) ==
        identity::Visibility::None)
        return Datum{0};
    identity::as_owner(fcinfo, identity::RequiredAccess::None, [&](const identity::Caller & /*caller*/) {
        training::return_rank(fcinfo, user_uuid);
        return 0;
    });
    return Datum{0};
}

OPIGNO_FUNCTION(opigno_refresh_passed_trainings_ranking)
{
    PG_RETURN_INT64(identity::as_owner(fcinfo, identity::RequiredAccess::Training, training::refresh));
}
