#include "retirement/retirement.hpp"

#include "identity/audit.hpp"
#include "identity/user.hpp"
#include "identity/user_uuid.hpp"
#include "pg/argument.hpp"
#include "pg/spi.hpp"
#include "pg/time.hpp"

#include <algorithm>

namespace opigno::retirement {

namespace {

constexpr Oid key_type[] = {TEXTOID};
constinit pg::Statement
    lock_row("SELECT r.retirement_id, r.user_uuid::text, r.retired_uuid, r.was_active, r.current_state::text,"
             "  octet_length(r.responses)::bigint"
             " FROM opigno.retirement AS r WHERE r.user_uuid = $1 FOR UPDATE",
             key_type);

constexpr Oid change_types[] = {TEXTOID, TIMESTAMPTZOID};
constinit pg::Statement
    deactivate("UPDATE opigno.user_context AS c SET is_active = false, version = c.version + 1,"
               "  updated_at = greatest(c.updated_at, $2)"
               " WHERE c.uuid = $1 AND c.is_active",
               change_types);

bool comes_before(const text *left, const text *right)
{
    return pg::view(left) < pg::view(right);
}

} // namespace

Retirement lock_retirement(text *user_uuid)
{
    const Datum key = PointerGetDatum(user_uuid);
    if (lock_row.write(&key) == 0)
        ereport(ERROR, errcode(ERRCODE_FOREIGN_KEY_VIOLATION), errmsg("the user has no retirement"),
                errhint("opigno.begin_retirement() begins one."));
    const std::optional<Datum> retired = pg::nullable_column(3);
    return {DatumGetInt64(pg::column(1)),
            DatumGetTextPP(pg::column(2)),
            retired.has_value() ? DatumGetTextPP(*retired) : nullptr,
            DatumGetBool(pg::column(4)),
            pg::view(DatumGetTextPP(pg::column(5))),
            DatumGetInt64(pg::column(6))};
}

bool deactivate_user(text *user_uuid)
{
    /* The condition of an UPDATE alone does not wait for a write that activates the user. */
    identity::try_to_lock_user(user_uuid, identity::UserLock::NoKeyUpdate);
    const Datum values[] = {PointerGetDatum(user_uuid),
                            TimestampTzGetDatum(GetCurrentTransactionStartTimestamp())};
    return deactivate.write(values) > 0;
}

Datum Users::array() const
{
    pg::ArrayColumn column;
    for (const text *uuid : uuids)
        column.add(uuid);
    return column.text_array();
}

Users users_of(FunctionCallInfo fcinfo, int argument_number, const char *member, pg::Errors &errors)
{
    Users users;
    pg::require(fcinfo, argument_number, member, errors);
    ArrayType *given = pg::array_argument(fcinfo, argument_number);
    if (given == nullptr)
        return users;
    int element = 0;
    for (const std::string_view name : pg::names_of(given)) {
        errors.set_element(element++);
        text *value = name.data() == nullptr ? nullptr : pg::make_text(name);
        if (text *uuid = identity::checked_user_uuid(value, member, errors); uuid != nullptr)
            users.uuids.push_back(uuid);
    }
    errors.set_element(-1);
    std::sort(users.uuids.begin(), users.uuids.end(), comes_before);
    const auto *repeated =
        std::adjacent_find(users.uuids.begin(), users.uuids.end(), [](const text *left, const text *right) {
            return pg::view(left) == pg::view(right);
        });
    if (repeated != users.uuids.end())
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, member, "\"%s\" has a user twice", member);
    return users;
}

Datum column_of_numbers(std::uint64_t rows)
{
    pg::ArrayColumn column;
    for (std::uint64_t row = 0; row < rows; ++row)
        column.add(pg::column(1, row));
    return column.array(INT8OID, 8, true, TYPALIGN_DOUBLE);
}

std::int64_t row_limit(FunctionCallInfo fcinfo, int argument_number, pg::Errors &errors)
{
    constexpr std::int64_t default_rows = 100;
    if (PG_ARGISNULL(argument_number))
        return default_rows;
    const std::int64_t rows = PG_GETARG_INT32(argument_number);
    if (rows < 0)
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "max_rows", "\"max_rows\" must not be negative");
    return rows;
}

void record(const identity::Caller &caller, identity::Outcome outcome, const text *user_uuid,
            const char *subject)
{
    identity::Event event;
    event.outcome = outcome;
    event.user_uuid = user_uuid;
    if (subject != nullptr)
        event.subject = pg::make_text(subject);
    identity::record(caller, event);
}

} // namespace opigno::retirement
