/*
 * A kind of load that the extension does not have, to show what a new one takes: opigno.load_scores(body, on_error,
 * dry_run, max_errors) writes {"user_id", "training", "score"} into opigno.score. load.t builds and tries it.
 */
#include "bulk/load.hpp"
#include "identity/user.hpp"
#include "identity/user_uuid.hpp"
#include "json/value/reader.hpp"
#include "pg/array.hpp"

extern "C" {
PG_MODULE_MAGIC;
}

namespace opigno::score {

namespace {

// ---- the entry -----------------------------------------------------------------------------------

struct Entry {
    std::int64_t ordinal = pg::no_ordinal;
    text *user_uuid = nullptr;
    text *training = nullptr;
    std::int32_t score = 0;

    static constexpr bool has_errors = false;
    static constexpr Oid columns[] = {TEXTOID, TEXTOID, INT8OID, INT4OID};
    static constexpr int keys = 3;
    void put(Datum *values, bool * /*nulls*/) const
    {
        const Datum row[] = {PointerGetDatum(user_uuid), PointerGetDatum(training), Int64GetDatum(ordinal),
                             Int32GetDatum(score)};
        std::copy(std::begin(row), std::end(row), values);
    }
    static Entry get(const bulk::Sort &row)
    {
        return {DatumGetInt64(row.value(2)), DatumGetTextPP(row.value(0)), DatumGetTextPP(row.value(1)),
                DatumGetInt32(row.value(3))};
    }
    [[nodiscard]] Entry copy() const
    {
        return {ordinal, pg::make_text(pg::view(user_uuid)), pg::make_text(pg::view(training)), score};
    }
    [[nodiscard]] std::size_t size() const { return pg::view(user_uuid).size() + pg::view(training).size(); }
    [[nodiscard]] bool has_key_of(const Entry &other) const
    {
        return pg::view(user_uuid) == pg::view(other.user_uuid) && pg::view(training) == pg::view(other.training);
    }
    [[nodiscard]] bool is_same(const Entry &other) const { return score == other.score; }
    [[nodiscard]] pg::Error error(int sqlstate, const char *path, const char *message) const
    {
        pg::Error error{sqlstate, path, message};
        error.ordinal = ordinal;
        error.user_uuid = user_uuid;
        return error;
    }
};

bool read_entry(std::string_view given, Entry &entry, bulk::Errors &errors)
{
    Jsonb *parsed = bulk::parse_entry(given, entry, errors);
    if (parsed == nullptr)
        return false;
    pg::Errors found;
    text *user = nullptr;
    json::each_member(json::root_of(parsed), [&](std::string_view name, const JsonbValue &value) {
        if (name == "user_id" && value.type == jbvString)
            user = pg::make_text(json::string_of(value));
        else if (name == "training" && value.type == jbvString)
            entry.training = pg::make_text(json::string_of(value));
        else if (name == "score" && value.type == jbvNumeric)
            entry.score = DatumGetInt32(
                DirectFunctionCall1(numeric_int4, NumericGetDatum(value.val.numeric)));
    });
    entry.user_uuid = identity::checked_user_uuid(user, "user_id", found);
    if (entry.training == nullptr)
        found.add(ERRCODE_INVALID_PARAMETER_VALUE, "training", "\"training\" is required");
    for (const pg::Error &error : found.all())
        errors.add(entry.error(error.sqlstate, error.path, error.message));
    return found.empty();
}

// ---- the store -----------------------------------------------------------------------------------

constexpr Oid types[] = {TEXTARRAYOID, TEXTARRAYOID, INT4ARRAYOID};
constinit pg::BatchStatement upsert(
    "INSERT INTO opigno.score AS s (user_uuid, training, score)"
    " SELECT i.user_uuid, i.training, i.score"
    " FROM unnest($1, $2, $3) WITH ORDINALITY AS i (user_uuid, training, score, n) ORDER BY i.n"
    " ON CONFLICT (user_uuid, training) DO UPDATE SET score = excluded.score WHERE s.score <> excluded.score"
    " RETURNING s.user_uuid, s.xmax = 0",
    types);

void write_batch(const bulk::Batch<Entry> &batch, bulk::Run &run)
{
    pg::ArrayColumn users;
    for (const Entry &entry : batch)
        users.add(entry.user_uuid);
    const pg::Vector<bool> exists = identity::lock_users(DatumGetArrayTypeP(users.text_array()));
    pg::ArrayColumn known;
    pg::ArrayColumn trainings;
    pg::ArrayColumn scores;
    std::size_t size = 0;
    for (std::size_t at = 0; at < batch.size(); ++at) {
        if (!exists[at]) {
            const identity::MissingUser missing = identity::missing_user(batch[at].user_uuid);
            run.errors.add(batch[at].error(missing.sqlstate, "/user_id", missing.message));
            continue;
        }
        known.add(batch[at].user_uuid);
        trainings.add(batch[at].training);
        scores.add(Int32GetDatum(batch[at].score));
        ++size;
    }
    const Datum values[] = {known.text_array(), trainings.text_array(), scores.integer_array()};
    const std::uint64_t written = upsert.write(values);
    for (std::uint64_t row = 0; row < written; ++row) {
        run.count(DatumGetBool(pg::column(2, row)) ? bulk::Outcome::Created : bulk::Outcome::Updated);
        run.changed_keys.include(DatumGetTextPP(pg::column(1, row)));
    }
    run.count(bulk::Outcome::Unchanged, size - written);
}

constexpr bulk::CountMember counts[] = {{bulk::Outcome::Created, "created"},
                                        {bulk::Outcome::Updated, "updated"},
                                        {bulk::Outcome::Unchanged, "unchanged"}};

constexpr bulk::Kind kind{"scores", "score", "user_uuid, training", counts};

void write_all(bulk::EntrySort<Entry> &entries, bulk::Run &run)
{
    run.enter(bulk::Progress::Phase::writing);
    bulk::for_each_distinct_batch(run, entries, "user and training",
                                  [&](const bulk::Batch<Entry> &batch) { write_batch(batch, run); });
}

} // namespace

} // namespace opigno::score

using namespace opigno;

OPIGNO_FUNCTION(opigno_load_scores)
{
    return identity::as_owner(
        fcinfo, identity::RequiredAccess::Operator, [&](const identity::Caller &caller) {
            return bulk::load<score::Entry>(caller, fcinfo, score::kind, score::read_entry, score::write_all);
        });
}
