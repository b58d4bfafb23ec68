#include "identity/audit.hpp"

#include "identity/request.hpp"
#include "identity/shard.hpp"
#include "pg/acl.hpp"
#include "pg/argument.hpp"
#include "pg/catalog.hpp"
#include "pg/sequence.hpp"
#include "pg/setting.hpp"
#include "pg/spi.hpp"
#include "pg/time.hpp"

namespace opigno::identity {

namespace {

bool audit_is_on = true;

constexpr Oid insert_types[] = {INT8OID, TIMESTAMPTZOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, INT8OID,
                                TEXTOID, TEXTOID,        TEXTOID, INT8OID, INT4OID, INT8OID, TEXTOID};
constexpr std::size_t columns = std::size(insert_types);

constinit pg::Statement insert_event(
    "INSERT INTO opigno.audit (id, recorded_at, action, outcome, session_role, acting_role,"
    "  request_client, request_user, user_uuid, last_user_uuid, row_count, app_id, version, subject)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
    insert_types);

/* The parameters of insert_event, in order. All are parameters, since the executor sets up a function
 * for each row, even for a default and for session_user. */
class Row {
  public:
    void add(Datum value, bool is_present = true)
    {
        values_[size_] = value;
        nulls_[size_++] = is_present ? ' ' : 'n';
    }
    void add(const text *value) { add(PointerGetDatum(value), value != nullptr); }
    void add(const char *value) { add(value == nullptr ? nullptr : pg::make_text(value)); }
    void add(const std::optional<std::int64_t> &value)
    {
        add(Int64GetDatum(value.value_or(0)), value.has_value());
    }
    void add(const std::optional<std::int32_t> &value)
    {
        add(Int32GetDatum(value.value_or(0)), value.has_value());
    }
    void insert() const { insert_event.write(values_, nulls_); }

  private:
    Datum values_[columns] = {};
    char nulls_[columns] = {};
    std::size_t size_ = 0;
};

constexpr Oid delete_types[] = {TIMESTAMPTZOID};
constinit pg::Statement delete_events("DELETE FROM opigno.audit WHERE recorded_at < $1", delete_types);

std::int64_t purge(const Caller &caller, TimestampTz before)
{
    return pg::with_spi([&](MemoryContext) {
        const Datum value = TimestampTzGetDatum(before);
        const auto deleted = static_cast<std::int64_t>(delete_events.write(&value));
        Event event;
        event.outcome = Outcome::Deleted;
        event.row_count = deleted;
        event.subject = pg::make_text(psprintf("recorded before %s", timestamptz_to_str(before)));
        if (deleted > 0)
            record(caller, event);
        return deleted;
    });
}

} // namespace

void record(const Caller &caller, const Event &event)
{
    check_place_of_change(caller.function);
    if (!audit_is_on)
        return;
    pg::with_spi([&](MemoryContext) {
        const Request no_request;
        const Request *request = current_request();
        if (request == nullptr)
            request = &no_request;
        Row row;
        row.add(Int64GetDatum(nextval_internal(get_relname_relid("audit_id_seq", caller.schema), false)));
        row.add(TimestampTzGetDatum(GetCurrentTimestamp()));
        row.add(get_func_name(caller.function));
        row.add(word_of(event.outcome));
        row.add(GetUserNameFromId(GetSessionUserId(), true));
        row.add(GetUserNameFromId(caller.role, true));
        row.add(request->client_id);
        row.add(request->user_uuid);
        row.add(event.user_uuid);
        row.add(event.last_user_uuid);
        row.add(event.row_count);
        row.add(event.app_id);
        row.add(event.version);
        row.add(event.subject);
        row.insert();
        return 0;
    });
}

void define_audit_setting()
{
    DefineCustomBoolVariable("opigno_profiles.audit", "Records what is changed in opigno.audit.", nullptr,
                             &audit_is_on, true, PGC_SUSET, 0, nullptr, nullptr, nullptr);
}

} // namespace opigno::identity

using namespace opigno;

OPIGNO_FUNCTION(opigno_purge_audit)
{
    PG_RETURN_INT64(
        identity::as_owner(fcinfo, identity::RequiredAccess::Owner, [&](const identity::Caller &caller) {
            pg::require(fcinfo, 0, "before");
            return identity::purge(caller, PG_GETARG_TIMESTAMPTZ(0));
        }));
}
