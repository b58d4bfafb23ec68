#include "retirement/places.hpp"

#include "bulk/foreign_key_triggers.hpp"
#include "pg/catalog.hpp"
#include "pg/spi.hpp"
#include "pg/subtransaction.hpp"
#include "pg/text.hpp"
#include "retirement/migration_place.hpp"

#include <iterator>

namespace opigno::retirement {

namespace {

constexpr Oid list_type[] = {TEXTARRAYOID};
constexpr Oid lists_types[] = {TEXTARRAYOID, INT8ARRAYOID, TEXTARRAYOID};

#define USERS "unnest($1) WITH ORDINALITY AS i (uuid, n)"
/* How many rows of each user a statement with RETURNING i.n has written. */
#define NAMES "unnest($1, $2) AS i (uuid, n)"
#define COUNTED(write) "WITH done AS (" write ") SELECT d.n, count(*) FROM done AS d GROUP BY d.n"

/* Redaction comes first, so that who keeps the last row that logical decoding showed keeps nothing. */
struct Erasure {
    Place place;
    pg::BatchStatement *redact; /* nullptr: the table has nothing but keys */
    pg::BatchStatement *erase;
};

constinit pg::BatchStatement
    redact_account("UPDATE opigno.account AS t SET extended_profile = '{}' FROM " USERS
                   " WHERE t.user_uuid = i.uuid AND t.extended_profile <> '{}'",
                   list_type);
constinit pg::BatchStatement erase_account(COUNTED("DELETE FROM opigno.account AS t USING " USERS
                                                   " WHERE t.user_uuid = i.uuid RETURNING i.n"),
                                           list_type);
constinit pg::BatchStatement erase_client_user(COUNTED("DELETE FROM opigno.client_user AS t USING " USERS
                                                       " WHERE t.user_uuid = i.uuid RETURNING i.n"),
                                               list_type);
constinit pg::BatchStatement redact_preference("UPDATE opigno.preference AS t SET value = '' FROM " USERS
                                               " WHERE t.user_uuid = i.uuid AND t.value <> ''",
                                               list_type);
constinit pg::BatchStatement erase_preference(COUNTED("DELETE FROM opigno.preference AS t USING " USERS
                                                      " WHERE t.user_uuid = i.uuid RETURNING i.n"),
                                              list_type);
constinit pg::BatchStatement redact_profile("UPDATE opigno.profile AS t SET profile_data = 'null' FROM " USERS
                                            " WHERE t.user_uuid = i.uuid",
                                            list_type);
constinit pg::BatchStatement erase_profile(COUNTED("DELETE FROM opigno.profile AS t USING " USERS
                                                   " WHERE t.user_uuid = i.uuid RETURNING i.n"),
                                           list_type);
constinit pg::BatchStatement redact_progress(
    "UPDATE opigno.training_progress AS t SET status = 'not_started', progress = 0, score = NULL,"
    "  details = NULL, reported_at = NULL, status_reported_at = NULL, score_reported_at = NULL,"
    "  details_reported_at = NULL, decreased_at = NULL FROM " USERS " WHERE t.user_uuid = i.uuid",
    list_type);
constinit pg::BatchStatement erase_progress(COUNTED("DELETE FROM opigno.training_progress AS t USING " USERS
                                                    " WHERE t.user_uuid = i.uuid RETURNING i.n"),
                                            list_type);
constinit pg::BatchStatement
    redact_standing("UPDATE opigno.training_standing AS t SET passed_trainings_number = 0,"
                    "  completed_trainings_number = 0, scored_trainings_number = 0, score_sum = 0,"
                    "  average_score = 0 FROM " USERS " WHERE t.user_uuid = i.uuid",
                    list_type);
constinit pg::BatchStatement erase_standing(COUNTED("DELETE FROM opigno.training_standing AS t USING " USERS
                                                    " WHERE t.user_uuid = i.uuid RETURNING i.n"),
                                            list_type);
constinit pg::BatchStatement erase_merges(COUNTED("DELETE FROM opigno.user_merge AS t USING " USERS
                                                  " WHERE i.uuid IN (t.into_uuid, t.from_uuid)"
                                                  " RETURNING i.n"),
                                          list_type);
constinit pg::BatchStatement
    select_merges("SELECT i.n, m.from_uuid::text FROM " USERS
                  " JOIN opigno.user_merge AS m ON m.into_uuid = i.uuid"
                  " LEFT JOIN opigno.user_context AS c ON c.uuid = m.from_uuid WHERE c.uuid IS NULL",
                  list_type);
constinit pg::BatchStatement
    redact_context("UPDATE opigno.user_context AS t SET display_name = 'Retired User' FROM " USERS
                   " WHERE t.uuid = i.uuid",
                   list_type);
constinit pg::BatchStatement erase_context(COUNTED("DELETE FROM opigno.user_context AS t USING " USERS
                                                   " WHERE t.uuid = i.uuid RETURNING i.n"),
                                           list_type);

/* The tables that refer to user contexts come first. Standings follow progress: that is the order in
 * which reports lock them. */
constexpr Erasure erasures[] = {
    {Place::Preference, &redact_preference, &erase_preference},
    {Place::Account, &redact_account, &erase_account},
    {Place::Profile, &redact_profile, &erase_profile},
    {Place::TrainingProgress, &redact_progress, &erase_progress},
    {Place::TrainingStanding, &redact_standing, &erase_standing},
    {Place::ClientUser, nullptr, &erase_client_user},
    {Place::UserMerge, nullptr, &erase_merges},
};
constexpr Erasure last_erasure = {Place::UserContext, &redact_context, &erase_context};

/* The tables of these erasures. */
constexpr const char *referring[] = {"preference",        "account",     "profile",   "training_progress",
                                     "training_standing", "client_user", "user_merge"};
static_assert(std::size(referring) == std::size(erasures));

/*
 * Statements over whole tables, which are planned at each call with the session's settings: no index
 * finds these rows. The trail of what was done with a user's rights and activity stays; what names
 * fields, preferences or trainings of the user does not. A row can name several users, and is written
 * once, so that logical decoding shows no row that still names one. Rows are found before they are
 * joined to themselves: the planner would take that join for one row.
 */
constexpr const char *redact_audit =
    "WITH m AS MATERIALIZED (SELECT i.uuid COLLATE \"C\" AS uuid, i.retired, i.n"
    "  FROM unnest($1, $2, $3) AS i (uuid, n, retired)),"
    " found AS MATERIALIZED (SELECT b.recorded_at, b.id, u.retired AS user_uuid, u.n AS u,"
    "   l.retired AS last_user_uuid, l.n AS l, r.retired AS request_user, r.n AS r"
    "  FROM opigno.audit AS b LEFT JOIN m AS u ON u.uuid = b.user_uuid"
    "   LEFT JOIN m AS l ON l.uuid = b.last_user_uuid LEFT JOIN m AS r ON r.uuid = b.request_user"
    "  WHERE u.n IS NOT NULL OR l.n IS NOT NULL OR r.n IS NOT NULL),"
    " done AS (UPDATE opigno.audit AS a SET user_uuid = coalesce(f.user_uuid, a.user_uuid),"
    "   last_user_uuid = coalesce(f.last_user_uuid, a.last_user_uuid),"
    "   request_user = coalesce(f.request_user, a.request_user),"
    "   subject = CASE WHEN f.u IS NULL OR a.last_user_uuid IS NOT NULL OR a.action IN"
    "     ('set_user_context', 'set_user_context_json', 'set_user_scopes', 'anonymize_user_context',"
    "      'create_anonymous_user_context', 'grant_user', 'revoke_user', 'begin_retirement',"
    "      'move_retirement', 'cancel_retirement', 'retire_user_data', 'retire_users_data')"
    "    THEN a.subject END"
    "  FROM found AS f WHERE a.recorded_at = f.recorded_at AND a.id = f.id RETURNING f.u, f.l, f.r)"
    " SELECT c.n, count(*) FROM (SELECT d.u AS n FROM done AS d"
    "  UNION ALL SELECT d.l FROM done AS d WHERE d.l IS DISTINCT FROM d.u"
    "  UNION ALL SELECT d.r FROM done AS d WHERE d.r IS DISTINCT FROM d.u AND d.r IS DISTINCT FROM d.l) AS c"
    " WHERE c.n IS NOT NULL GROUP BY c.n";

/* Nobody knows whose a line is that names no user, so that all of them go: they are copies of rows that could
 * not be loaded, and expire soon. */
constexpr const char *erase_errors =
    COUNTED("DELETE FROM opigno.bulk_error AS e USING " NAMES " WHERE e.user_uuid = i.uuid RETURNING i.n");
constexpr const char *erase_lines_of_nobody =
    "DELETE FROM opigno.bulk_error AS e WHERE e.user_uuid IS NULL AND e.line IS NOT NULL";

void add_counts(std::uint64_t found, Place place, Subjects &subjects)
{
    for (std::uint64_t row = 0; row < found; ++row)
        subjects[static_cast<std::size_t>(DatumGetInt64(pg::column(1, row)) - 1)].rows_in(place) +=
            DatumGetInt64(pg::column(2, row));
}

/* The names of the subjects, with their former names, as parameters: uuids, numbers of subjects, and what
 * stands for them. */
struct Names {
    Datum values[3];
};

Names names_of(const Subjects &subjects, const FormerNames &former_names)
{
    pg::ArrayColumn uuids;
    pg::ArrayColumn numbers;
    pg::ArrayColumn retired;
    const auto add = [&](const text *user_uuid, std::size_t at) {
        uuids.add(user_uuid);
        numbers.add(Int64GetDatum(static_cast<std::int64_t>(at + 1)));
        retired.add(subjects[at].retired_uuid);
    };
    for (std::size_t at = 0; at < subjects.size(); ++at)
        add(subjects[at].user_uuid, at);
    for (const auto &[user_uuid, subject] : former_names)
        add(user_uuid, subject);
    return {{uuids.text_array(), numbers.array(INT8OID, 8, true, TYPALIGN_DOUBLE), retired.text_array()}};
}

std::uint64_t run_once(const char *sql, int parameters, Names &names)
{
    const int code = SPI_execute_with_args(sql, parameters, const_cast<Oid *>(lists_types), names.values,
                                           nullptr, false, 0);
    if (code < 0)
        elog(ERROR, "SPI_execute_with_args failed: %s", SPI_result_code_string(code));
    return SPI_processed;
}

void run(const Erasure &erasure, Datum users, Subjects &subjects)
{
    CHECK_FOR_INTERRUPTS();
    if (erasure.redact != nullptr)
        erasure.redact->write(&users);
    add_counts(erasure.erase->write(&users), erasure.place, subjects);
}

/* Deletes the user contexts, to which rows of tables that are not attached can refer. */
void run_last_with_triggers(Datum users, Subjects &subjects)
{
    const char *table = nullptr;
    pg::in_subtransaction(
        [&] {
            run(last_erasure, users, subjects);
            return true;
        },
        [&](const ErrorData &error) {
            if ((error.sqlerrcode != ERRCODE_FOREIGN_KEY_VIOLATION &&
                 error.sqlerrcode != ERRCODE_RESTRICT_VIOLATION) ||
                error.table_name == nullptr)
                return false;
            table = quote_qualified_identifier(error.schema_name, error.table_name);
            return true;
        });
    if (table != nullptr)
        ereport(ERROR, errcode(ERRCODE_WRONG_STATE),
                errmsg("rows of table %s refer to the user context", table),
                errhint("Delete the rows, or let opigno.attach_entity_table() say what becomes of them."));
}

} // namespace

Datum uuids_of(const Subjects &subjects)
{
    pg::ArrayColumn column;
    for (const Subject &subject : subjects)
        column.add(subject.user_uuid);
    return column.text_array();
}

Datum retired_uuids_of(const Subjects &subjects)
{
    pg::ArrayColumn column;
    for (const Subject &subject : subjects)
        column.add(subject.retired_uuid);
    return column.text_array();
}

namespace {

/* The migration goes on after the user before, who may have been processed. Triggers of the site may have
 * moved it since the migrations were locked. */
void leave_migrations(Subjects &subjects, const FormerNames &former_names)
{
    const MigrationPlaces migrations = lock_migration_places();
    const auto leave = [&](const text *user_uuid, std::size_t subject) {
        for (const MigrationPlace &place : migrations) {
            if (pg::view(place.after_uuid) == pg::view(user_uuid) && go_back_before(place, user_uuid))
                ++subjects[subject].rows_in(Place::ProfileMigration);
        }
    };
    for (std::size_t at = 0; at < subjects.size(); ++at)
        leave(subjects[at].user_uuid, at);
    for (const auto &[user_uuid, subject] : former_names)
        leave(user_uuid, subject);
}

} // namespace

void erase_rows(Subjects &subjects, const FormerNames &former_names)
{
    const Datum users = uuids_of(subjects);
    for (const Erasure &erasure : erasures)
        run(erasure, users, subjects);
    /* The users are locked, and no row refers to them. */
    const Oid contexts = get_relname_relid("user_context", get_namespace_oid("opigno", false));
    if (bulk::is_referred_to_only_by(contexts, referring))
        bulk::without_triggers([&] { run(last_erasure, users, subjects); });
    else
        run_last_with_triggers(users, subjects);
    leave_migrations(subjects, former_names);
}

FormerNames former_names_of(const Subjects &subjects)
{
    FormerNames names;
    const Datum users = uuids_of(subjects);
    const std::uint64_t rows = select_merges.read_latest(&users);
    for (std::uint64_t row = 0; row < rows; ++row)
        names.push_back({DatumGetTextPP(pg::column(2, row)),
                         static_cast<std::size_t>(DatumGetInt64(pg::column(1, row)) - 1)});
    return names;
}

void redact_common_rows(Subjects &subjects, const FormerNames &former_names)
{
    Names names = names_of(subjects, former_names);
    add_counts(run_once(redact_audit, 3, names), Place::Audit, subjects);
    add_counts(run_once(erase_errors, 2, names), Place::BulkError, subjects);
    run_once(erase_lines_of_nobody, 0, names);
}

const char *name_of(Place place)
{
    constexpr const char *names[] = {
        "account",           "audit",        "bulk_error",        "client_user",
        "preference",        "profile",      "profile_migration", "training_progress",
        "training_standing", "user_context", "user_merge"};
    static_assert(std::size(names) == places);
    return names[static_cast<std::size_t>(place)];
}

} // namespace opigno::retirement
