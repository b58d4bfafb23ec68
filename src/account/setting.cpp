/* The site's settings of accounts; functions.sql has the contract of configure_accounts(). */
#include "account/preference.hpp"
#include "identity/audit.hpp"
#include "pg/argument.hpp"
#include "pg/spi.hpp"
#include "pg/time.hpp"

namespace opigno::account {

namespace {

/* $1 to $3: the time, and the settings, NULL to leave one as it is. The table is empty until a setting
 * is changed, so that the row of a dump can be restored. */
constexpr Oid types[] = {TIMESTAMPTZOID, TEXTOID, TEXTOID};
#define SETTINGS "coalesce(s.unconfigured, 'store'), coalesce(s.default_visibility, 'private')"
constinit pg::Statement
    select_settings("SELECT " SETTINGS " FROM (SELECT) AS one LEFT JOIN opigno.account_setting AS s ON true");
constinit pg::Statement
    write_settings("INSERT INTO opigno.account_setting AS s (unconfigured, default_visibility, updated_at)"
                   " VALUES (coalesce($2, 'store'), coalesce($3, 'private'), $1)"
                   " ON CONFLICT (is_only) DO UPDATE SET unconfigured = coalesce($2, s.unconfigured),"
                   "  default_visibility = coalesce($3, s.default_visibility),"
                   "  updated_at = greatest(s.updated_at, $1)"
                   " RETURNING " SETTINGS,
                   types);
constexpr pg::Word<bool> unconfigured_words[] = {{"store", false}, {"refuse", true}};

/* Describes the row in SPI_tuptable for the audit trail. */
text *words_of_row()
{
    return pg::make_text(psprintf("unconfigured=%s default_visibility=%s", TextDatumGetCString(pg::column(1)),
                                  TextDatumGetCString(pg::column(2))));
}

void record_settings(const identity::Caller &caller)
{
    identity::Event event;
    event.outcome = identity::Outcome::Updated;
    event.subject = words_of_row();
    identity::record(caller, event);
}

Datum configure(const identity::Caller &caller, FunctionCallInfo fcinfo)
{
    pg::Errors errors;
    pg::word_argument(fcinfo, 0, "unconfigured", unconfigured_words, errors);
    pg::word_argument(fcinfo, 1, "default_visibility", privacy_words, errors);
    errors.raise();
    const Datum values[] = {TimestampTzGetDatum(GetCurrentTransactionStartTimestamp()), PG_GETARG_DATUM(0),
                            PG_GETARG_DATUM(1)};
    const char nulls[] = {' ', PG_ARGISNULL(0) ? 'n' : ' ', PG_ARGISNULL(1) ? 'n' : ' '};
    return pg::with_spi([&](MemoryContext) {
        select_settings.read_latest(nullptr);
        const auto differs = [&](int argument) {
            return !PG_ARGISNULL(argument) && pg::view(PG_GETARG_TEXT_PP(argument)) !=
                                                  pg::view(DatumGetTextPP(pg::column(argument + 1)));
        };
        const bool is_changed = differs(0) || differs(1);
        if (is_changed)
            write_settings.write(values, nulls);
        const Datum row = pg::returned_row();
        if (is_changed)
            record_settings(caller);
        return row;
    });
}

} // namespace

} // namespace opigno::account

using namespace opigno;

OPIGNO_FUNCTION(opigno_configure_accounts)
{
    return identity::as_owner(
        fcinfo, identity::RequiredAccess::Operator,
        [&](const identity::Caller &caller) { return account::configure(caller, fcinfo); });
}
