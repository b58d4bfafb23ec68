#include "bulk/bulk_error.hpp"

#include "pg/spi.hpp"
#include "pg/time.hpp"
#include "pg/transaction.hpp"

namespace opigno::bulk {

namespace {

constexpr Oid forget_types[] = {REGROLEOID, TEXTOID, INT8OID, INT8OID};
constinit pg::Statement delete_errors("DELETE FROM opigno.bulk_error WHERE recorded_by = $1 AND staging = $2"
                                      " AND ordinal > $3 AND ordinal <= $4",
                                      forget_types);
/* delete_expired deletes the errors of all roles. It skips locked rows, so no load waits for
 * another. */
constexpr Oid expire_types[] = {TIMESTAMPTZOID};
constinit pg::Statement
    delete_expired("DELETE FROM opigno.bulk_error WHERE id IN (SELECT e.id FROM opigno.bulk_error AS e"
                   " WHERE e.expires_at <= $1 FOR UPDATE SKIP LOCKED)",
                   expire_types);

constexpr Oid record_types[] = {REGROLEOID,   TEXTOID,      TIMESTAMPTZOID, INT8ARRAYOID, TEXTARRAYOID,
                                INT4ARRAYOID, TEXTARRAYOID, TEXTARRAYOID,   TEXTARRAYOID, TEXTARRAYOID};
constinit pg::Statement insert_errors(
    "INSERT INTO opigno.bulk_error (recorded_at, recorded_by, staging, "
    "ordinal, user_uuid, app_id, code, path,"
    "  message, line, expires_at)"
    " SELECT $3, $1, $2, e.*, $3 + interval '7 days' FROM unnest($4, $5, $6, $7, $8, $9, $10) AS e",
    record_types);

/* The errors as the last parameters of insert_errors, except the lines. */
struct Columns {
    pg::ArrayColumn ordinals, users, apps, codes, paths, messages;

    explicit Columns(std::span<const pg::Error> errors)
    {
        for (const pg::Error &error : errors) {
            ordinals.add(Int64GetDatum(error.ordinal));
            users.add(error.user_uuid);
            if (error.app_id.has_value())
                apps.add(Int32GetDatum(*error.app_id));
            else
                apps.add_missing();
            codes.add(pg::make_text(unpack_sql_state(error.sqlstate)));
            paths.add(pg::make_text(error.path));
            messages.add(pg::make_text(error.message));
        }
    }
};

static_assert(std::is_trivially_destructible_v<Columns>);

} // namespace

void forget_errors(const LoadedRows &rows)
{
    pg::with_spi([&](MemoryContext) {
        const Datum values[] = {ObjectIdGetDatum(rows.role), PointerGetDatum(rows.staging),
                                Int64GetDatum(rows.after), Int64GetDatum(rows.last)};
        const Datum now = TimestampTzGetDatum(GetCurrentTransactionStartTimestamp());
        if (!IsolationUsesXactSnapshot()) /* a concurrent delete would be a serialization failure */
            delete_expired.write(&now);
        return delete_errors.write(values);
    });
}

void record_errors(const LoadedRows &rows, std::span<const pg::Error> errors, pg::ArrayColumn &lines)
{
    pg::with_spi([&](MemoryContext) {
        Columns columns(errors);
        const Datum values[] = {ObjectIdGetDatum(rows.role),
                                PointerGetDatum(rows.staging),
                                TimestampTzGetDatum(GetCurrentTimestamp()),
                                columns.ordinals.array(INT8OID, 8, true, TYPALIGN_DOUBLE),
                                columns.users.text_array(),
                                columns.apps.integer_array(),
                                columns.codes.text_array(),
                                columns.paths.text_array(),
                                columns.messages.text_array(),
                                lines.text_array()};
        return insert_errors.write(values);
    });
}

} // namespace opigno::bulk
