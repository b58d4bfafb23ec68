#include "account/value_schema.hpp"

#include "pg/catalog.hpp"
#include "pg/lock.hpp"
#include "pg/transaction.hpp"
#include "schema/cache.hpp"
#include "schema/check.hpp"
#include "schema/definition.hpp"

#include <string_view>

namespace opigno::account {

namespace {

constexpr json::schema::Options options;

Oid table_named(const identity::Caller &caller, const char *table)
{
    return get_relname_relid(table, caller.schema);
}

/* Joins the messages of all violations of one place: an answer has one error for each. Returns nullptr
 * if an earlier violation is of the same place. */
const char *messages_of_place(const schema::Violations &found, std::size_t at)
{
    const std::string_view path(found[at].path);
    for (std::size_t earlier = 0; earlier < at; ++earlier)
        if (path == found[earlier].path)
            return nullptr;
    const char *messages = found[at].message;
    while (++at < found.size())
        if (path == found[at].path)
            messages = psprintf("%s; %s", messages, found[at].message);
    return messages;
}

} // namespace

void check_value_schema(FunctionCallInfo fcinfo, int argument_number, pg::Errors &errors)
{
    if (PG_ARGISNULL(argument_number))
        return;
    json::schema::SchemaFaults unknown;
    schema::check_schema(PG_GETARG_JSONB_P(argument_number), false, "/value_schema", std::nullopt, unknown,
                         errors);
    schema::warn_of(unknown);
}

/* Readers of the table take ACCESS SHARE, which conflicts with neither. */
void lock_schemas_to_write(const identity::Caller &caller, const char *table)
{
    if (!RecoveryInProgress()) /* nothing can be written */
        LockRelationOid(table_named(caller, table), RowShareLock);
}

void lock_schemas_to_change(const identity::Caller &caller, const char *table)
{
    pg::refuse_during_recovery(ExclusiveLock);
    LockRelationOid(table_named(caller, table), ExclusiveLock);
}

void judge(Datum value_schema, const Jsonb *value, const Judged &judged, pg::Errors &errors)
{
    const schema::Compiled &compiled = schema::compiled(DatumGetJsonbP(value_schema), options);
    const schema::Violations found =
        schema::violations_of(compiled, value, {judged.path, "the value", judged.hint});
    for (std::size_t at = 0; at < found.size(); ++at)
        if (const char *messages = messages_of_place(found, at); messages != nullptr) {
            pg::Error error = found[at];
            error.message = psprintf("%s%s", judged.prefix, messages);
            error.user_message = judged.user_message;
            errors.add(error);
        }
}

} // namespace opigno::account
