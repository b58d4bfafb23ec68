#include "training/progress_bulk_store.hpp"

#include "identity/retired.hpp"
#include "identity/shard.hpp"
#include "identity/user.hpp"
#include "identity/user_uuid.hpp"
#include "pg/array.hpp"
#include "pg/spi.hpp"
#include "pg/text.hpp"
#include "pg/time.hpp"
#include "pg/version.hpp"
#include "training/reference.hpp"

#include <algorithm>

namespace opigno::training {

namespace {

/* $1, $2: the keys. $3 to $12: the rest of the rows. $13: the time. $14: the version of new rows. */
#define INPUT_KEYS "unnest($1, $2) WITH ORDINALITY AS i (user_uuid, training_id, n)"
#define INPUT_ROWS                                                                                           \
    "unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) WITH ORDINALITY AS i (user_uuid,"             \
    " training_id, is_enrolled, status, progress, score, details, reported_at, status_reported_at,"          \
    " score_reported_at, details_reported_at, decreased_at, n)"
constexpr Oid types[] = {TEXTARRAYOID,        TEXTARRAYOID,
                         BOOLARRAYOID,        TEXTARRAYOID,
                         NUMERICARRAYOID,     NUMERICARRAYOID,
                         JSONBARRAYOID,       TIMESTAMPTZARRAYOID,
                         TIMESTAMPTZARRAYOID, TIMESTAMPTZARRAYOID,
                         TIMESTAMPTZARRAYOID, TIMESTAMPTZARRAYOID,
                         TIMESTAMPTZOID,      INT8OID};
/* Also locks existing rows, in the order of their keys, so that loads with different batches do not
 * deadlock. */
constinit pg::BatchStatement insert_or_lock(
    "INSERT INTO opigno.training_progress AS p (user_uuid, training_id, is_enrolled, status, progress, score,"
    "  details, reported_at, status_reported_at, score_reported_at, details_reported_at, decreased_at,"
    "  created_at, updated_at, version)"
    " SELECT i.user_uuid, i.training_id, i.is_enrolled, i.status, i.progress, i.score, i.details,"
    "  i.reported_at, i.status_reported_at, i.score_reported_at, i.details_reported_at, i.decreased_at,"
    "  $13, $13, $14 FROM " INPUT_ROWS " ORDER BY i.n"
    " ON CONFLICT (user_uuid, training_id) DO UPDATE SET version = p.version WHERE false"
    " RETURNING p.user_uuid::text, p.training_id::text",
    types);
constinit pg::BatchStatement select_locked(
    "SELECT i.n, p.is_enrolled, p.status::text, p.progress::numeric, p.score::numeric, p.details,"
    " p.reported_at, p.status_reported_at, p.score_reported_at, p.details_reported_at, p.decreased_at"
    " FROM " INPUT_KEYS " JOIN opigno.training_progress AS p ON p.user_uuid = i.user_uuid"
    "  AND p.training_id = i.training_id ORDER BY i.n FOR NO KEY UPDATE OF p",
    {types, 2});
constinit pg::BatchStatement update_locked(
    "UPDATE opigno.training_progress AS p SET status = i.status, progress = i.progress, score = i.score,"
    "  details = i.details, reported_at = i.reported_at, status_reported_at = i.status_reported_at,"
    "  score_reported_at = i.score_reported_at, details_reported_at = i.details_reported_at,"
    "  decreased_at = i.decreased_at, updated_at = greatest(p.updated_at, $13), version = p.version + 1"
    " FROM " INPUT_ROWS " WHERE p.user_uuid = i.user_uuid AND p.training_id = i.training_id",
    {types, 13});

constexpr Oid list_type[] = {TEXTARRAYOID};
constinit pg::Statement select_any_merge("SELECT FROM opigno.user_merge AS m LIMIT 1");
constinit pg::BatchStatement
    select_merges("SELECT i.n, m.into_uuid::text FROM unnest($1) WITH ORDINALITY AS i (uuid, n)"
                  " JOIN opigno.user_merge AS m ON m.from_uuid = i.uuid"
                  " WHERE NOT EXISTS (SELECT FROM opigno.user_context AS c WHERE c.uuid = i.uuid)"
                  " ORDER BY i.n",
                  list_type);

constexpr Oid user_types[] = {TEXTARRAYOID, TIMESTAMPTZOID, INT8OID};
constinit pg::BatchStatement
    insert_users("INSERT INTO opigno.user_context"
                 " (uuid, display_name, is_active, scope, version, account_version, created_at, updated_at)"
                 " SELECT i.uuid, 'Anonymous User', true, '{}', $3, $3, $2, $2 FROM unnest($1) WITH "
                 "ORDINALITY AS i (uuid, n)"
                 " WHERE NOT EXISTS (SELECT FROM opigno.user_context AS c WHERE c.uuid = i.uuid)"
                 " ORDER BY i.n ON CONFLICT (uuid) DO NOTHING RETURNING uuid::text",
                 user_types);

/* The reports of one row, and what becomes of it. */
struct Group {
    std::size_t from; /* of the entries */
    std::size_t to;
    Key key;
    State state;
};

using Groups = pg::Vector<Group>;

Groups groups_of(const Entries &entries)
{
    Groups groups;
    for (std::size_t at = 0; at < entries.size(); ++at) {
        if (at == 0 || !entries[at].has_key_of(entries[at - 1]))
            groups.push_back({at, at, entries[at].key, new_state()});
        groups[groups.size() - 1].to = at + 1;
    }
    return groups;
}

/* The groups as the statements' parameters. */
class Columns {
  public:
    explicit Columns(const Groups &groups)
    {
        pg::ArrayColumn users;
        pg::ArrayColumn trainings;
        pg::ArrayColumn enrolled;
        pg::ArrayColumn statuses;
        pg::ArrayColumn progress;
        pg::ArrayColumn scores;
        pg::ArrayColumn details;
        pg::ArrayColumn times[times_];
        text *words[] = {word(Status::NotStarted), word(Status::InProgress), word(Status::Failed),
                         word(Status::Passed)};
        for (const Group &group : groups) {
            const State &state = group.state;
            users.add(group.key.user_uuid);
            trainings.add(group.key.training_id);
            enrolled.add(BoolGetDatum(state.is_enrolled));
            statuses.add(words[static_cast<std::size_t>(state.status)]);
            progress.add(state.progress);
            scores.add(state.score, state.score == Datum{0});
            details.add(state.details, state.details == Datum{0});
            pg::ArrayColumn *column = times;
            for (const auto &time : {state.reported_at, state.status_reported_at, state.score_reported_at,
                                     state.details_reported_at, state.decreased_at})
                (column++)->add(TimestampTzGetDatum(time.value_or(0)), !time.has_value());
        }
        add(users.text_array());
        add(trainings.text_array());
        add(enrolled.boolean_array());
        add(statuses.text_array());
        add(progress.array(NUMERICOID, -1, false, TYPALIGN_INT));
        add(scores.array(NUMERICOID, -1, false, TYPALIGN_INT));
        add(details.array(JSONBOID, -1, false, TYPALIGN_INT));
        for (pg::ArrayColumn &column : times)
            add(column.array(TIMESTAMPTZOID, 8, true, TYPALIGN_DOUBLE));
        add(TimestampTzGetDatum(GetCurrentTransactionStartTimestamp()));
        add(Int64GetDatum(pg::first_version()));
    }
    [[nodiscard]] const Datum *values() const { return values_; }

  private:
    static constexpr std::size_t times_ = 5;

    static text *word(Status status) { return pg::make_text(word_of(status)); }
    void add(Datum value) { values_[size_++] = value; }

    Datum values_[std::size(types)] = {};
    std::size_t size_ = 0;
};

static_assert(std::is_trivially_destructible_v<Columns>);

/* What the reports of a group do. */
struct Tally {
    std::size_t changed = 0;
    std::size_t unchanged = 0;
    std::size_t refused = 0;
};

/* Applies the reports of the group to its state. errors: nullptr: a refused report is not an error
 * yet. */
Tally apply_all(Group &group, const Entries &entries, bulk::Errors *errors)
{
    Tally tally;
    for (std::size_t at = group.from; at < group.to; ++at) {
        switch (apply(entries[at].report, group.state)) {
        case Effect::Changed:
            ++tally.changed;
            break;
        case Effect::Unchanged:
            ++tally.unchanged;
            break;
        case Effect::Refused:
            ++tally.refused;
            if (errors != nullptr) {
                pg::Error error = entries[at].error(ERRCODE_WRONG_STATE, "/status", status_goes_back);
                error.hint = hint_of_decrease;
                errors->add(error);
            }
            break;
        }
    }
    return tally;
}

/* Of the reports that changed a row one counts as the write, and the others as combined with it. */
void count(const Tally &tally, bool is_new, bulk::Run &run)
{
    run.count(Outcome::Unchanged, tally.unchanged);
    const std::size_t writes = tally.changed > 0 ? 1 : 0;
    if (writes > 0)
        run.count(is_new ? Outcome::Created : Outcome::Updated);
    run.count(Outcome::Skipped, tally.changed - writes);
}

void count_all(const Groups &written, const Entries &entries, const pg::Vector<Tally> &tallies, bool is_new,
               bulk::Run &run)
{
    for (const Tally &tally : tallies)
        count(tally, is_new, run);
    if (!written.empty()) {
        run.count_written(Outcome::Skipped, 0, entries[written[0].from].key.user_uuid,
                          entries[written[written.size() - 1].from].key.user_uuid);
    }
}

/* Creates the rows that do not exist. Returns the groups whose rows exist, which are locked. */
Groups create(const Groups &groups, const Entries &entries, Standings &standings, bulk::Run &run)
{
    Groups rows = groups;
    for (Group &group : rows)
        apply_all(group, entries, nullptr);
    const std::uint64_t created = insert_or_lock.write(Columns(rows).values());
    Groups written;
    Groups left;
    for (std::size_t at = 0; at < rows.size(); ++at) {
        const std::uint64_t row = written.size();
        const Key &key = rows[at].key;
        const bool is_written = row < created &&
                                pg::view(DatumGetTextPP(pg::column(2, row))) == pg::view(key.training_id) &&
                                pg::view(DatumGetTextPP(pg::column(1, row))) == pg::view(key.user_uuid);
        (is_written ? written : left).push_back(is_written ? rows[at] : groups[at]);
    }
    pg::Vector<Tally> tallies;
    for (Group group : written) {
        standings.add(group.key.user_uuid, difference_of(new_state(), group.state));
        group.state = new_state();
        tallies.push_back(apply_all(group, entries, &run.errors));
    }
    count_all(written, entries, tallies, true, run);
    return left;
}

std::optional<TimestampTz> time_in(int column, std::uint64_t row)
{
    const std::optional<Datum> value = pg::nullable_column(column, row);
    return value.has_value() ? std::optional<TimestampTz>(DatumGetTimestampTz(*value)) : std::nullopt;
}

State state_in(std::uint64_t row)
{
    State state;
    state.is_enrolled = DatumGetBool(pg::column(2, row));
    state.status = status_of(pg::view(DatumGetTextPP(pg::column(3, row)))).value_or(Status::NotStarted);
    state.progress = pg::column(4, row);
    state.score = pg::nullable_column(5, row).value_or(Datum{0});
    state.details = pg::nullable_column(6, row).value_or(Datum{0});
    state.reported_at = time_in(7, row);
    state.status_reported_at = time_in(8, row);
    state.score_reported_at = time_in(9, row);
    state.details_reported_at = time_in(10, row);
    state.decreased_at = time_in(11, row);
    return state;
}

/* Changes the rows of the groups, which exist. Returns the groups whose rows were deleted meanwhile. */
Groups change(const Groups &groups, const Entries &entries, Standings &standings, bulk::Run &run)
{
    const std::uint64_t found = select_locked.write(Columns(groups).values());
    Groups written;
    Groups left;
    pg::Vector<Tally> tallies;
    std::uint64_t next = 0;
    for (std::size_t at = 0; at < groups.size(); ++at) {
        if (next == found || DatumGetInt64(pg::column(1, next)) != static_cast<std::int64_t>(at + 1)) {
            left.push_back(groups[at]);
            continue;
        }
        Group group = groups[at];
        const State before = state_in(next++);
        group.state = before;
        tallies.push_back(apply_all(group, entries, &run.errors));
        if (tallies[tallies.size() - 1].changed == 0)
            continue;
        standings.add(group.key.user_uuid, difference_of(before, group.state));
        written.push_back(group);
    }
    if (!written.empty() && update_locked.write(Columns(written).values()) != written.size())
        pg::refuse_suppressed_write();
    count_all(written, entries, tallies, false, run);
    return left;
}

/* Locks the trainings of the entries. Returns for each entry whether its training exists. */
pg::Vector<bool> known_trainings(const Entries &entries)
{
    pg::ArrayColumn ids;
    for (const Entry &entry : entries)
        ids.add(entry.key.training_id);
    return lock_trainings(DatumGetArrayTypeP(ids.text_array()));
}

/* Returns for each entry whether its user was not created because a retired user had the uuid. */
pg::Vector<bool> belong_to_retired(const Entries &entries, const pg::Vector<bool> &exists, bool creates_users)
{
    pg::Vector<text *> missing;
    for (std::size_t at = 0; at < entries.size(); ++at)
        if (creates_users && !exists[at])
            missing.push_back(entries[at].key.user_uuid);
    const pg::Vector<bool> retired = identity::are_retired(missing);
    pg::Vector<bool> result;
    std::size_t next = 0;
    for (std::size_t at = 0; at < entries.size(); ++at)
        result.push_back(creates_users && !exists[at] && retired[next++]);
    return result;
}

/* Locks the users and trainings of the entries. Returns the entries whose both exist. Adds errors for
 * the others. */
Entries with_known_references(const Entries &entries, bool creates_users, bulk::Run &run)
{
    pg::ArrayColumn list;
    for (const Entry &entry : entries)
        list.add(entry.key.user_uuid);
    const pg::Vector<bool> users = identity::lock_users(DatumGetArrayTypeP(list.text_array()));
    const pg::Vector<bool> trainings = known_trainings(entries);
    const pg::Vector<bool> retired = belong_to_retired(entries, users, creates_users);
    Entries good;
    for (std::size_t at = 0; at < entries.size(); ++at) {
        const Entry &entry = entries[at];
        const char *flaw =
            !users[at] && creates_users ? identity::flaw_of_new_user_uuid(entry.key.user_uuid) : nullptr;
        if (flaw != nullptr)
            run.errors.add(
                entry.error(ERRCODE_INVALID_PARAMETER_VALUE, "/user_id", psprintf("\"user_id\" %s", flaw)));
        else if (retired[at])
            run.errors.add(
                entry.error(ERRCODE_UNIQUE_VIOLATION, "/user_id", identity::belongs_to_retired_user));
        else if (!users[at]) {
            const identity::MissingUser missing = identity::missing_user(entry.key.user_uuid);
            run.errors.add(entry.error(missing.sqlstate, "/user_id", missing.message));
        }
        if (!trainings[at])
            run.errors.add(
                entry.error(ERRCODE_FOREIGN_KEY_VIOLATION, "/training_id", training_does_not_exist));
        if (users[at] && trainings[at])
            good.push_back(entry);
    }
    return good;
}

/* Another round is needed only if other sessions delete and create the same rows at the same time. */
constexpr int max_rounds = 100;

} // namespace

bool has_merges()
{
    return select_any_merge.read_committed(nullptr) > 0;
}

bool follow_merges(Entries &entries)
{
    pg::ArrayColumn users;
    for (const Entry &entry : entries)
        users.add(entry.key.user_uuid);
    const Datum list = users.text_array();
    const std::uint64_t found = select_merges.read_committed(&list);
    for (std::uint64_t row = 0; row < found; ++row)
        entries[static_cast<std::size_t>(DatumGetInt64(pg::column(1, row)) - 1)].key.user_uuid =
            DatumGetTextPP(pg::column(2, row));
    return found > 0;
}

void create_missing_users(const Entries &entries, bulk::Run &run)
{
    const pg::Vector<bool> trainings = known_trainings(entries);
    pg::ArrayColumn users;
    std::string_view last;
    for (std::size_t at = 0; at < entries.size(); ++at) {
        const Entry &entry = entries[at];
        if (pg::view(entry.key.user_uuid) == last || !trainings[at] ||
            identity::flaw_of_new_user_uuid(entry.key.user_uuid) != nullptr ||
            identity::is_elsewhere(entry.key.user_uuid))
            continue;
        last = pg::view(entry.key.user_uuid);
        users.add(entry.key.user_uuid);
    }
    const Datum parameters[] = {users.text_array(),
                                TimestampTzGetDatum(GetCurrentTransactionStartTimestamp()),
                                Int64GetDatum(pg::first_version())};
    const std::uint64_t created = last.empty() ? 0 : insert_users.write(parameters);
    pg::Vector<text *> new_users;
    for (std::uint64_t row = 0; row < created; ++row)
        new_users.push_back(DatumGetTextPP(pg::column(1, row)));
    const pg::Vector<bool> retired = identity::take_back_retired(new_users);
    for (std::size_t at = 0; at < new_users.size(); ++at) {
        if (retired[at])
            continue;
        ++run.new_users;
        run.created_users.include(new_users[at]);
    }
}

void write_reports(const Entries &entries, bool creates_users, Standings &standings, bulk::Run &run)
{
    const Entries good = with_known_references(entries, creates_users, run);
    Groups left = groups_of(good);
    for (int round = 0; round < max_rounds && !left.empty(); ++round) {
        CHECK_FOR_INTERRUPTS();
        left = create(left, good, standings, run);
        if (!left.empty())
            left = change(left, good, standings, run);
    }
    if (!left.empty())
        pg::refuse_suppressed_write();
}

} // namespace opigno::training
