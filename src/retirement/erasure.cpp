/* retire_user_data and retire_users_data; erasure_functions.sql has the contracts. */
#include "identity/audit.hpp"
#include "identity/request.hpp"
#include "identity/user_uuid.hpp"
#include "pg/argument.hpp"
#include "pg/array.hpp"
#include "pg/result.hpp"
#include "pg/row_type.hpp"
#include "pg/spi.hpp"
#include "pg/time.hpp"
#include "pg/transaction.hpp"
#include "retirement/certificate.hpp"
#include "retirement/entities.hpp"
#include "retirement/migration_place.hpp"
#include "retirement/places.hpp"
#include "retirement/salt.hpp"

#include <algorithm>

namespace opigno::retirement {

namespace {

using identity::Caller;
using identity::Outcome;

/*
 * The order of locks: retirements, user contexts, migrations, attached tables, rows of users, the table of
 * certificates, rows of all users. Users are locked in the order of their uuids.
 */
constexpr Oid list_type[] = {TEXTARRAYOID};
#define USERS "unnest($1) WITH ORDINALITY AS i (uuid, n)"
constinit pg::BatchStatement lock_retirements("SELECT i.n FROM " USERS
                                              " JOIN opigno.retirement AS r ON r.user_uuid = i.uuid"
                                              " ORDER BY i.n FOR UPDATE OF r",
                                              list_type);
constinit pg::BatchStatement
    select_states("SELECT i.n, r.retired_uuid, s.erases_data FROM " USERS
                  " JOIN opigno.retirement AS r ON r.user_uuid = i.uuid"
                  " JOIN opigno.retirement_state AS s ON s.state_name = r.current_state",
                  list_type);
constinit pg::BatchStatement lock_contexts("SELECT i.n FROM " USERS
                                           " JOIN opigno.user_context AS c ON c.uuid = i.uuid"
                                           " ORDER BY i.n FOR UPDATE OF c",
                                           list_type);
constexpr Oid finish_types[] = {TEXTARRAYOID, TEXTARRAYOID, TIMESTAMPTZOID};
constinit pg::BatchStatement
    finish_retirements("UPDATE opigno.retirement AS r SET retired_uuid = i.retired,"
                       "  updated_at = greatest(r.updated_at, $3)"
                       " FROM unnest($1, $2) AS i (uuid, retired) WHERE r.user_uuid = i.uuid",
                       finish_types);
constexpr Oid hashes_types[] = {BYTEAARRAYOID, TIMESTAMPTZOID};
constinit pg::BatchStatement
    insert_hashes("INSERT INTO opigno.retired_identifier AS r (identifier_hash, retired_at)"
                  " SELECT DISTINCT i.identifier_hash, $2 FROM unnest($1) AS i (identifier_hash)"
                  " ORDER BY i.identifier_hash ON CONFLICT (identifier_hash) DO NOTHING",
                  hashes_types);
constinit pg::BatchStatement
    select_certificates("SELECT i.n, max(c.certificate_number) FROM " USERS
                        " JOIN opigno.erasure_certificate AS c ON c.retired_uuid = i.uuid GROUP BY i.n",
                        list_type);

enum class State { Unknown, Elsewhere, Ready, Erased };

/* A user of the call, and what came of it. */
struct Candidate {
    text *user_uuid;
    bool exists = false; /* then a retired user with this name in another letter case is another one */
    State state = State::Unknown;
    text *retired_uuid = nullptr;
    std::int64_t certificate_number = 0; /* 0: there is none */
};

using Candidates = pg::Vector<Candidate>;

constexpr const char *not_begun = "the user is not being retired";
constexpr const char *hint_of_not_begun =
    "opigno.begin_retirement() begins a retirement, and opigno.move_retirement() moves it on.";
constexpr const char *elsewhere = "the retirement is not in the state in which data is erased";
constexpr const char *hint_of_elsewhere =
    "opigno.move_retirement() moves it there: opigno.list_retirement_states() shows which state that is.";

Datum uuids_of(const Candidates &candidates)
{
    pg::ArrayColumn column;
    for (const Candidate &candidate : candidates)
        column.add(candidate.user_uuid);
    return column.text_array();
}

/* A user whose retirement was cleaned up is known by the hash. */
void find_cleaned_up(Candidates &candidates, const identity::Salts &salts)
{
    pg::Vector<text *> users;
    const auto is_unknown = [](const Candidate &candidate) {
        return candidate.state == State::Unknown && !candidate.exists;
    };
    for (const Candidate &candidate : candidates)
        if (is_unknown(candidate))
            users.push_back(candidate.user_uuid);
    const identity::Hashes found = identity::find_retired(salts, users);
    std::size_t next = 0;
    for (Candidate &candidate : candidates) {
        if (!is_unknown(candidate))
            continue;
        if (const bytea *hash = found[next++]; hash != nullptr) {
            candidate.state = State::Erased;
            candidate.retired_uuid = identity::retired_name(hash);
        }
    }
}

/* Locks the users, and finds out what can be done with them. */
void lock_and_judge(Candidates &candidates)
{
    const Datum users = uuids_of(candidates);
    const auto candidate_of = [&](std::uint64_t row) -> Candidate & {
        return candidates[static_cast<std::size_t>(DatumGetInt64(pg::column(1, row)) - 1)];
    };
    lock_retirements.write(&users);
    const std::uint64_t existing = lock_contexts.write(&users);
    for (std::uint64_t row = 0; row < existing; ++row)
        candidate_of(row).exists = true;
    const std::uint64_t rows = select_states.read_latest(&users);
    for (std::uint64_t row = 0; row < rows; ++row) {
        Candidate &candidate = candidate_of(row);
        const std::optional<Datum> retired = pg::nullable_column(2, row);
        if (retired.has_value()) {
            candidate.state = State::Erased;
            candidate.retired_uuid = DatumGetTextPP(*retired);
        } else {
            candidate.state = DatumGetBool(pg::column(3, row)) ? State::Ready : State::Elsewhere;
        }
    }
}

/* Finds the certificates of users that were erased before. */
void find_certificates(Candidates &candidates)
{
    pg::ArrayColumn names;
    for (const Candidate &candidate : candidates)
        names.add(candidate.state == State::Erased ? candidate.retired_uuid : nullptr);
    const Datum list = names.text_array();
    const std::uint64_t rows = select_certificates.read_latest(&list);
    for (std::uint64_t row = 0; row < rows; ++row)
        candidates[static_cast<std::size_t>(DatumGetInt64(pg::column(1, row)) - 1)].certificate_number =
            DatumGetInt64(pg::column(2, row));
}

Subjects subjects_of(const Candidates &candidates, const identity::Salts &salts)
{
    pg::Vector<text *> users;
    for (const Candidate &candidate : candidates)
        if (candidate.state == State::Ready)
            users.push_back(candidate.user_uuid);
    Subjects subjects;
    if (users.empty())
        return subjects;
    const pg::Vector<RetiredName> names = retired_names(salts, users);
    for (std::size_t at = 0; at < users.size(); ++at) {
        Subject subject{};
        subject.user_uuid = users[at];
        subject.retired_uuid = names[at].name;
        subject.hash = names[at].hash;
        subjects.push_back(subject);
    }
    return subjects;
}

void forbid_reuse(const Subjects &subjects, const FormerNames &former_names, const identity::Salts &salts)
{
    pg::ArrayColumn hashes;
    for (const Subject &subject : subjects)
        hashes.add(PointerGetDatum(subject.hash));
    for (const FormerName &name : former_names)
        hashes.add(PointerGetDatum(identity::retired_hash(salts[0], name.user_uuid)));
    const Datum now = TimestampTzGetDatum(GetCurrentTransactionStartTimestamp());
    const Datum identifiers[] = {hashes.array(BYTEAOID, -1, false, TYPALIGN_INT), now};
    insert_hashes.write(identifiers);
    const Datum retirements[] = {uuids_of(subjects), retired_uuids_of(subjects), now};
    if (finish_retirements.write(retirements) != subjects.size())
        pg::refuse_suppressed_write();
}

/* The audit trail names only what stands for the users. */
void record_erasure(const Caller &caller, const Subjects &subjects, bool is_bulk)
{
    text *first = subjects[0].retired_uuid;
    text *last = first;
    for (const Subject &subject : subjects) {
        first = pg::view(subject.retired_uuid) < pg::view(first) ? subject.retired_uuid : first;
        last = pg::view(last) < pg::view(subject.retired_uuid) ? subject.retired_uuid : last;
    }
    identity::Event event;
    event.outcome = Outcome::Deleted;
    event.user_uuid = first;
    if (is_bulk) {
        event.last_user_uuid = last;
        event.row_count = static_cast<std::int64_t>(subjects.size());
    }
    identity::record(caller, event);
}

void erase(const Caller &caller, const identity::Salts &salts, Subjects &subjects, bool is_bulk)
{
    lock_migration_places();
    const FormerNames former_names = former_names_of(subjects);
    const EntityResults entities = retire_entities(subjects);
    erase_rows(subjects, former_names);
    const Datum users = uuids_of(subjects);
    if (lock_contexts.write(&users) > 0)
        pg::refuse_suppressed_write();
    lock_certificates();
    forbid_reuse(subjects, former_names, salts);
    record_erasure(caller, subjects, is_bulk);
    redact_common_rows(subjects, former_names);
    issue_certificates(caller, entities, subjects);
    identity::refresh_request(nullptr);
}

/* The candidates are distinct and in the order of their uuids. */
void retire(const Caller &caller, Candidates &candidates, bool is_bulk)
{
    check_isolation_of_erasure();
    lock_and_judge(candidates);
    const bool has_work = std::any_of(candidates.begin(), candidates.end(), [](const Candidate &candidate) {
        return candidate.state == State::Ready;
    });
    const identity::Salts salts = has_work ? salts_for_erasure() : identity::all_salts();
    find_cleaned_up(candidates, salts);
    find_certificates(candidates);
    Subjects subjects = subjects_of(candidates, salts);
    if (subjects.empty())
        return;
    erase(caller, salts, subjects, is_bulk);
    const Subject *next = subjects.begin();
    for (Candidate &candidate : candidates) {
        if (candidate.state != State::Ready)
            continue;
        candidate.retired_uuid = next->retired_uuid;
        candidate.certificate_number = next->certificate_number;
        ++next;
    }
}

[[noreturn]] void refuse(const Candidate &candidate)
{
    const bool is_begun = candidate.state == State::Elsewhere;
    ereport(ERROR, errcode(ERRCODE_WRONG_STATE), errmsg("%s", is_begun ? elsewhere : not_begun),
            errhint("%s", is_begun ? hint_of_elsewhere : hint_of_not_begun));
}

Datum retire_one(const Caller &caller, FunctionCallInfo fcinfo)
{
    static constinit pg::RowType result;
    return pg::with_spi([&](MemoryContext outer) {
        pg::Errors errors;
        Candidate given{};
        given.user_uuid = identity::checked_user_uuid(pg::text_argument(fcinfo, 0), "user_uuid", errors);
        errors.raise();
        Candidates candidates;
        candidates.push_back(given);
        retire(caller, candidates, false);
        const Candidate &user = candidates[0];
        if (user.state == State::Unknown || user.state == State::Elsewhere)
            refuse(user);
        const bool is_new = user.state == State::Ready;
        const Datum values[] = {
            CStringGetTextDatum(identity::word_of(is_new ? Outcome::Deleted : Outcome::Unchanged)),
            PointerGetDatum(user.retired_uuid), Int64GetDatum(user.certificate_number)};
        const bool nulls[] = {false, false, user.certificate_number == 0};
        MemoryContextSwitchTo(outer);
        return result.form(fcinfo, values, nulls);
    });
}

/* The uuids that are valid, and the errors of the others. */
struct Given {
    text *user_uuid;
    const pg::Error *error; /* nullptr: none */
};

pg::Vector<Given> given_users(ArrayType *list)
{
    pg::Vector<Given> users;
    for (const std::string_view element : pg::names_of(list)) {
        auto *errors = static_cast<pg::Errors *>(palloc(sizeof(pg::Errors)));
        *errors = pg::Errors();
        text *value = element.data() == nullptr ? nullptr : pg::make_text(element);
        text *user_uuid = identity::checked_user_uuid(value, "user_uuid", *errors);
        users.push_back(
            {user_uuid != nullptr ? user_uuid : value, errors->empty() ? nullptr : &errors->all().front()});
    }
    const auto key = [](const Given &user) {
        return user.user_uuid == nullptr ? std::string_view() : pg::view(user.user_uuid);
    };
    std::sort(users.begin(), users.end(),
              [&](const Given &left, const Given &right) { return key(left) < key(right); });
    pg::Vector<Given> distinct;
    for (const Given &user : users)
        if (distinct.empty() || key(distinct[distinct.size() - 1]) != key(user))
            distinct.push_back(user);
    return distinct;
}

void put(FunctionCallInfo fcinfo, const text *user_uuid, const char *outcome, const Candidate *erased,
         int sqlstate, const char *message)
{
    const bool has_number = erased != nullptr && erased->certificate_number != 0;
    const auto text_or_null = [](const char *value) {
        return value == nullptr ? Datum{0} : CStringGetTextDatum(value);
    };
    Datum values[] = {PointerGetDatum(user_uuid),
                      CStringGetTextDatum(outcome),
                      erased == nullptr ? Datum{0} : PointerGetDatum(erased->retired_uuid),
                      Int64GetDatum(has_number ? erased->certificate_number : 0),
                      text_or_null(message == nullptr ? nullptr : unpack_sql_state(sqlstate)),
                      text_or_null(message)};
    bool nulls[] = {user_uuid == nullptr, false, erased == nullptr, !has_number, message == nullptr,
                    message == nullptr};
    auto *result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

void put_candidate(FunctionCallInfo fcinfo, const Candidate &user)
{
    switch (user.state) {
    case State::Ready:
        put(fcinfo, user.user_uuid, identity::word_of(Outcome::Deleted), &user, 0, nullptr);
        break;
    case State::Erased:
        put(fcinfo, user.user_uuid, identity::word_of(Outcome::Unchanged), &user, 0, nullptr);
        break;
    case State::Elsewhere:
        put(fcinfo, user.user_uuid, "failed", nullptr, ERRCODE_WRONG_STATE, elsewhere);
        break;
    case State::Unknown:
        put(fcinfo, user.user_uuid, "failed", nullptr, ERRCODE_WRONG_STATE, not_begun);
        break;
    }
}

int retire_many(const Caller &caller, FunctionCallInfo fcinfo)
{
    pg::require(fcinfo, 0, "user_uuids");
    return pg::with_spi([&](MemoryContext) {
        const pg::Vector<Given> users = given_users(PG_GETARG_ARRAYTYPE_P(0));
        Candidates candidates;
        for (const Given &user : users) {
            Candidate candidate{};
            candidate.user_uuid = user.user_uuid;
            if (user.error == nullptr)
                candidates.push_back(candidate);
        }
        if (!candidates.empty())
            retire(caller, candidates, true);
        const Candidate *next = candidates.begin();
        for (const Given &user : users) {
            if (user.error == nullptr)
                put_candidate(fcinfo, *next++);
            else
                put(fcinfo, user.user_uuid, "failed", nullptr, user.error->sqlstate, user.error->message);
        }
        return 0;
    });
}

} // namespace

} // namespace opigno::retirement

using namespace opigno;

OPIGNO_FUNCTION(opigno_retire_user_data)
{
    return identity::as_owner(
        fcinfo, identity::RequiredAccess::Operator,
        [&](const identity::Caller &caller) { return retirement::retire_one(caller, fcinfo); });
}

OPIGNO_FUNCTION(opigno_retire_users_data)
{
    InitMaterializedSRF(fcinfo, 0);
    identity::as_owner(fcinfo, identity::RequiredAccess::Operator, [&](const identity::Caller &caller) {
        return retirement::retire_many(caller, fcinfo);
    });
    return Datum{0};
}
