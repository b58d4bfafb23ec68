/* begin_retirement and begin_retirements; functions.sql has the contracts. */
#include "identity/audit.hpp"
#include "identity/request.hpp"
#include "identity/user.hpp"
#include "identity/user_uuid.hpp"
#include "pg/argument.hpp"
#include "pg/result.hpp"
#include "pg/spi.hpp"
#include "pg/time.hpp"
#include "retirement/retirement.hpp"
#include "retirement/states.hpp"

#include <algorithm>

namespace opigno::retirement {

namespace {

using identity::Caller;
using identity::Outcome;

constexpr Oid keys_type[] = {TEXTARRAYOID};
constinit pg::BatchStatement
    lock_in_order("SELECT i.n, c.id, c.is_active FROM unnest($1) WITH ORDINALITY AS i (uuid, n)"
                  " JOIN opigno.user_context AS c ON c.uuid = i.uuid ORDER BY i.n FOR NO KEY UPDATE OF c",
                  keys_type);
constinit pg::BatchStatement select_retirements("SELECT i.n FROM unnest($1) WITH ORDINALITY AS i (uuid, n)"
                                                " JOIN opigno.retirement AS r ON r.user_uuid = i.uuid",
                                                keys_type);

constexpr Oid change_types[] = {TEXTARRAYOID, TIMESTAMPTZOID};
constinit pg::BatchStatement
    deactivate("UPDATE opigno.user_context AS c SET is_active = false, version = c.version + 1,"
               "  updated_at = greatest(c.updated_at, $2)"
               " FROM unnest($1) AS i (uuid) WHERE c.uuid = i.uuid AND c.is_active",
               change_types);

/* $1 to $3: users, their ids and whether they were active. $4: the time. */
constexpr Oid insert_types[] = {TEXTARRAYOID, INT8ARRAYOID, BOOLARRAYOID, TIMESTAMPTZOID};
constinit pg::BatchStatement
    insert_retirements("INSERT INTO opigno.retirement AS r (user_uuid, user_context_id, was_active,"
                       "  current_state, last_state, responses, created_at, updated_at)"
                       " SELECT i.uuid, i.id, i.was_active, 'PENDING', 'PENDING',"
                       "  'Created in state PENDING by begin_retirement', $4, $4"
                       " FROM unnest($1, $2, $3) WITH ORDINALITY AS i (uuid, id, was_active, n) ORDER BY i.n"
                       " RETURNING " RETIREMENT_ROW,
                       insert_types);

enum class Begun { Missing, Yes, Already };

constexpr const char *already_in_retirement = "the user has a retirement already";

/* Begins the retirement of each user, and returns what became of it. The users are distinct and sorted.
 * The rows that were written are in SPI_tuptable. */
pg::Vector<Begun> begin(const Users &users)
{
    const Datum keys = users.array();
    pg::Vector<Begun> begun;
    pg::Vector<std::int64_t> ids;
    pg::Vector<bool> active;
    for (std::size_t at = 0; at < users.uuids.size(); ++at) {
        begun.push_back(Begun::Missing);
        ids.push_back(0);
        active.push_back(false);
    }
    const std::uint64_t locked = lock_in_order.write(&keys);
    for (std::uint64_t row = 0; row < locked; ++row) {
        const auto at = static_cast<std::size_t>(DatumGetInt64(pg::column(1, row)) - 1);
        begun[at] = Begun::Yes;
        ids[at] = DatumGetInt64(pg::column(2, row));
        active[at] = DatumGetBool(pg::column(3, row));
    }
    /* Who has the lock of the user sees what was committed before it was given. */
    const std::uint64_t retired = select_retirements.read_committed(&keys);
    for (std::uint64_t row = 0; row < retired; ++row)
        begun[static_cast<std::size_t>(DatumGetInt64(pg::column(1, row)) - 1)] = Begun::Already;

    pg::ArrayColumn new_uuids;
    pg::ArrayColumn new_ids;
    pg::ArrayColumn new_active;
    std::uint64_t new_rows = 0;
    std::uint64_t active_rows = 0;
    for (std::size_t at = 0; at < users.uuids.size(); ++at) {
        if (begun[at] != Begun::Yes)
            continue;
        ++new_rows;
        active_rows += active[at] ? 1 : 0;
        new_uuids.add(users.uuids[at]);
        new_ids.add(Int64GetDatum(ids[at]));
        new_active.add(BoolGetDatum(active[at]));
    }
    if (new_rows == 0)
        return begun;
    const Datum values[] = {new_uuids.text_array(), new_ids.array(INT8OID, 8, true, TYPALIGN_DOUBLE),
                            new_active.boolean_array(),
                            TimestampTzGetDatum(GetCurrentTransactionStartTimestamp())};
    const Datum change[] = {values[0], values[3]};
    if (deactivate.write(change) != active_rows || insert_retirements.write(values) != new_rows)
        pg::refuse_suppressed_write();
    return begun;
}

Datum begin_one(const Caller &caller, FunctionCallInfo fcinfo)
{
    return pg::with_spi([&](MemoryContext) {
        pg::Errors errors;
        text *user_uuid = identity::checked_user_uuid(pg::text_argument(fcinfo, 0), "user_uuid", errors);
        errors.raise();
        identity::check_acts_for_own_user(caller, user_uuid);
        lock_states(caller);
        need_states();
        Users users;
        users.uuids.push_back(user_uuid);
        switch (begin(users)[0]) {
        case Begun::Missing:
            identity::refuse_missing_user(user_uuid);
        case Begun::Already:
            ereport(ERROR, errcode(ERRCODE_WRONG_STATE), errmsg("%s", already_in_retirement),
                    errhint("opigno.get_retirement() shows its state."));
        case Begun::Yes:
            break;
        }
        record(caller, Outcome::Created, user_uuid, nullptr);
        const Datum row = pg::returned_row();
        identity::refresh_request(user_uuid);
        return row;
    });
}

/* A user of begin_retirements, and what keeps it from being retired. */
struct Item {
    text *user_uuid; /* as it was given if it is wrong; nullptr for NULL */
    int sqlstate;
    const char *message;
};

static_assert(std::is_trivially_destructible_v<Item>);

std::string_view key_of(const Item &item)
{
    return item.user_uuid == nullptr ? std::string_view() : pg::view(item.user_uuid);
}

/* Each user once, sorted by bytes. */
pg::Vector<Item> items_of(ArrayType *given)
{
    pg::Vector<Item> items;
    for (const std::string_view name : pg::names_of(given)) {
        pg::Errors errors;
        text *value = name.data() == nullptr ? nullptr : pg::make_text(name);
        text *uuid = identity::checked_user_uuid(value, "user_uuid", errors);
        if (uuid != nullptr)
            items.push_back({uuid, 0, nullptr});
        else
            items.push_back({value, errors.all()[0].sqlstate, errors.all()[0].message});
    }
    std::sort(items.begin(), items.end(),
              [](const Item &left, const Item &right) { return key_of(left) < key_of(right); });
    pg::Vector<Item> distinct;
    for (const Item &item : items)
        if (distinct.empty() || key_of(distinct[distinct.size() - 1]) != key_of(item))
            distinct.push_back(item);
    return distinct;
}

constexpr std::size_t batch_rows = 1000;

/* Begins the retirements of a batch, and marks those that failed. */
void begin_batch(Item *first, Item *end)
{
    Users users;
    for (const Item *item = first; item != end; ++item)
        if (item->sqlstate == 0)
            users.uuids.push_back(item->user_uuid);
    const pg::Vector<Begun> begun = begin(users);
    std::size_t at = 0;
    for (Item *item = first; item != end; ++item) {
        if (item->sqlstate != 0)
            continue;
        const Begun what = begun[at++];
        if (what == Begun::Missing) {
            const identity::MissingUser missing = identity::missing_user(item->user_uuid);
            item->sqlstate = missing.sqlstate;
            item->message = missing.message;
        } else if (what == Begun::Already) {
            item->sqlstate = ERRCODE_WRONG_STATE;
            item->message = already_in_retirement;
        }
    }
}

void record_all(const Caller &caller, const pg::Vector<Item> &items)
{
    identity::Event event;
    event.outcome = Outcome::Created;
    std::int64_t rows = 0;
    for (const Item &item : items) {
        if (item.sqlstate != 0)
            continue;
        ++rows;
        if (event.user_uuid == nullptr)
            event.user_uuid = item.user_uuid;
        event.last_user_uuid = item.user_uuid;
    }
    event.row_count = rows;
    if (rows > 0)
        identity::record(caller, event);
}

Datum text_datum(const char *value)
{
    return value == nullptr ? Datum{0} : CStringGetTextDatum(value);
}

void return_items(FunctionCallInfo fcinfo, const pg::Vector<Item> &items)
{
    auto *result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    for (const Item &item : items) {
        const bool failed = item.sqlstate != 0;
        Datum values[] = {PointerGetDatum(item.user_uuid),
                          text_datum(failed ? "failed" : identity::word_of(Outcome::Created)),
                          text_datum(failed ? unpack_sql_state(item.sqlstate) : nullptr),
                          text_datum(item.message)};
        bool nulls[] = {item.user_uuid == nullptr, false, !failed, !failed};
        tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
    }
}

void begin_many(const Caller &caller, FunctionCallInfo fcinfo)
{
    pg::require(fcinfo, 0, "user_uuids");
    lock_states(caller);
    need_states();
    pg::Vector<Item> items = items_of(pg::array_argument(fcinfo, 0));
    MemoryContext batch_context =
        AllocSetContextCreateInternal(CurrentMemoryContext, "opigno batch", ALLOCSET_DEFAULT_SIZES);
    for (std::size_t at = 0; at < items.size(); at += batch_rows) {
        CHECK_FOR_INTERRUPTS();
        MemoryContext before = MemoryContextSwitchTo(batch_context);
        begin_batch(items.begin() + at, items.begin() + std::min(at + batch_rows, items.size()));
        SPI_freetuptable(SPI_tuptable);
        MemoryContextSwitchTo(before);
        MemoryContextReset(batch_context);
    }
    record_all(caller, items);
    return_items(fcinfo, items);
    identity::refresh_request(nullptr);
}

} // namespace

} // namespace opigno::retirement

using namespace opigno;
using identity::RequiredAccess;

OPIGNO_FUNCTION(opigno_begin_retirement)
{
    return identity::as_owner(fcinfo, RequiredAccess::Request, [&](const identity::Caller &caller) {
        return retirement::begin_one(caller, fcinfo);
    });
}

OPIGNO_FUNCTION(opigno_begin_retirements)
{
    InitMaterializedSRF(fcinfo, 0);
    return identity::as_owner(fcinfo, RequiredAccess::Operator, [&](const identity::Caller &caller) {
        return pg::with_spi([&](MemoryContext) {
            retirement::begin_many(caller, fcinfo);
            return Datum{0};
        });
    });
}
