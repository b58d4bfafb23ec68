/* Issuers of tokens; functions.sql has the functions' contracts. */
#include "client/jwt/issuer.hpp"
#include "client/jwt/algorithm.hpp"
#include "client/jwt/document.hpp"
#include "identity/audit.hpp"
#include "pg/argument.hpp"
#include "pg/array.hpp"
#include "pg/spi.hpp"
#include "pg/time.hpp"
#include "text/encoding.hpp"
#include "text/unicode.hpp"

#include <algorithm>

namespace opigno::jwt {

namespace {

#define ISSUER_ROW                                                                                           \
    "i.issuer::text, i.app_id, i.audience, i.algorithm::text, i.user_claim, i.operator_claim,"               \
    "  i.operator_value, i.leeway, i.requires_iss, i.created_at, i.updated_at"

/* The time is the first parameter, then the arguments in their order. */
constexpr Oid issuer_types[] = {TIMESTAMPTZOID, TEXTOID, INT4OID, TEXTARRAYOID, TEXTOID,
                                TEXTOID,        TEXTOID, TEXTOID, INT4OID,      BOOLOID};
constinit pg::Statement insert_issuer(
    "INSERT INTO opigno.token_issuer AS i (issuer, app_id, audience, algorithm, user_claim, operator_claim,"
    "  operator_value, leeway, requires_iss, created_at, updated_at)"
    " VALUES ($2, $3, coalesce($4, '{}'), coalesce($5, 'RS256'), coalesce($6, '/sub'), nullif($7, ''),"
    "  nullif($8, ''), coalesce($9, 60), coalesce($10, true), $1, $1)"
    " ON CONFLICT (issuer) DO NOTHING RETURNING " ISSUER_ROW,
    issuer_types);
#define NEW_VALUES                                                                                           \
    "(coalesce($3, i.app_id), coalesce($4, i.audience), coalesce($5, i.algorithm),"                          \
    "  coalesce($6, i.user_claim), nullif(coalesce($7, i.operator_claim), ''),"                              \
    "  nullif(coalesce($8, i.operator_value), ''), coalesce($9, i.leeway), coalesce($10, i.requires_iss))"
#define OLD_VALUES                                                                                           \
    "(app_id, audience, algorithm, user_claim, operator_claim, operator_value, leeway, requires_iss)"
constinit pg::Statement update_issuer("UPDATE opigno.token_issuer AS i SET " OLD_VALUES " = ROW" NEW_VALUES
                                      ", updated_at = greatest(i.updated_at, $1)"
                                      " WHERE i.issuer = $2 AND " OLD_VALUES " IS DISTINCT FROM " NEW_VALUES
                                      " RETURNING " ISSUER_ROW,
                                      issuer_types);
constexpr Oid name_type[] = {TEXTOID};
constinit pg::Statement
    select_issuer("SELECT " ISSUER_ROW " FROM opigno.token_issuer AS i WHERE i.issuer = $1", name_type);
constinit pg::Statement delete_issuer("DELETE FROM opigno.token_issuer AS i WHERE i.issuer = $1", name_type);
constexpr Oid app_type[] = {INT4OID};
constinit pg::Statement select_app("SELECT FROM opigno.app AS a WHERE a.app_id = $1", app_type);

void check_pointer(FunctionCallInfo fcinfo, int argument, const char *name, bool may_be_empty,
                   pg::Errors &errors)
{
    constexpr std::size_t max_pointer = 1000; /* bytes */
    if (PG_ARGISNULL(argument))
        return;
    const std::string_view pointer = pg::view(PG_GETARG_TEXT_PP(argument));
    if ((!pointer.empty() || !may_be_empty) && (pointer.size() > max_pointer || !is_pointer(pointer)))
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, name,
                   "\"%s\" must be a JSON Pointer of at most %zu bytes that starts with \"/\"", name,
                   max_pointer);
}

void check_audience(ArrayType *audience, pg::Errors &errors)
{
    constexpr std::size_t max_names = 100;
    if (audience == nullptr)
        return;
    const pg::Names names = ARR_NDIM(audience) > 1 ? pg::Names() : pg::names_of(audience);
    if (ARR_NDIM(audience) > 1 || names.size() > max_names ||
        !std::all_of(names.begin(), names.end(), is_issuer_name))
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "audience",
                   "\"audience\" must be a list of at most %zu names of 1 to 1000 bytes without control "
                   "characters",
                   max_names);
}

void check_properties(FunctionCallInfo fcinfo, pg::Errors &errors)
{
    constexpr std::size_t max_value = 1000; /* bytes */
    check_audience(pg::array_argument(fcinfo, 2), errors);
    if (!PG_ARGISNULL(3)) {
        const std::optional<Algorithm> algorithm = algorithm_of(pg::view(PG_GETARG_TEXT_PP(3)));
        if (!algorithm.has_value() || kind_of(*algorithm) != KeyKind::Rsa)
            errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "algorithm",
                       "\"algorithm\" must be one of \"RS256\", \"RS384\", \"RS512\", \"PS256\"");
    }
    check_pointer(fcinfo, 4, "user_claim", false, errors);
    check_pointer(fcinfo, 5, "operator_claim", true, errors);
    if (!PG_ARGISNULL(6) && pg::view(PG_GETARG_TEXT_PP(6)).size() > max_value)
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "operator_value",
                   "\"operator_value\" must have at most %zu bytes", max_value);
    if (!PG_ARGISNULL(7) && (PG_GETARG_INT32(7) < 0 || PG_GETARG_INT32(7) > 300))
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "leeway", "\"leeway\" must be from 0 to 300");
}

/* Describes the row in SPI_tuptable for the audit trail. */
const char *words_of_row()
{
    const auto word = [](int column) {
        const std::optional<Datum> value = pg::nullable_column(column);
        return value.has_value() ? TextDatumGetCString(*value) : "";
    };
    return psprintf("%s user_claim=%s operator_claim=%s operator_value=%s requires_iss=%s", word(1), word(5),
                    word(6), word(7), DatumGetBool(pg::column(9)) ? "true" : "false");
}

/* Another round is needed only if another session has registered or dropped the issuer between two
 * statements. */
constexpr int max_rounds = 100;

/* Writes the issuer. Afterwards its row is in SPI_tuptable. */
identity::Outcome upsert(const Datum *values, const char *nulls)
{
    for (int round = 0; round < max_rounds; ++round) {
        CHECK_FOR_INTERRUPTS();
        if (update_issuer.write(values, nulls) > 0)
            return identity::Outcome::Updated;
        if (select_issuer.read_latest(values + 1) > 0)
            return identity::Outcome::Unchanged;
        if (insert_issuer.write(values, nulls) > 0)
            return identity::Outcome::Created;
    }
    pg::refuse_suppressed_write();
}

void check_app(FunctionCallInfo fcinfo)
{
    const Datum app_id = PG_GETARG_DATUM(1);
    if (!PG_ARGISNULL(1) && select_app.read_latest(&app_id) == 0)
        ereport(ERROR, errcode(ERRCODE_FOREIGN_KEY_VIOLATION),
                errmsg("app %d does not exist", DatumGetInt32(app_id)),
                errhint("opigno.list_apps() lists the existing ones."));
}

Datum register_issuer(const identity::Caller &caller, FunctionCallInfo fcinfo)
{
    pg::Errors errors;
    issuer_argument(fcinfo, errors);
    check_properties(fcinfo, errors);
    errors.raise();
    constexpr int arguments = std::size(issuer_types) - 1;
    Datum values[arguments + 1] = {TimestampTzGetDatum(GetCurrentTransactionStartTimestamp())};
    char nulls[arguments + 1] = {' '};
    for (int at = 0; at < arguments; ++at) {
        values[at + 1] = PG_GETARG_DATUM(at);
        nulls[at + 1] = PG_ARGISNULL(at) ? 'n' : ' ';
    }
    return pg::with_spi([&](MemoryContext) {
        check_app(fcinfo);
        const identity::Outcome outcome = upsert(values, nulls);
        const Datum row = pg::returned_row();
        identity::Event event;
        event.outcome = outcome;
        event.subject = pg::make_text(words_of_row());
        if (!PG_ARGISNULL(1))
            event.app_id = PG_GETARG_INT32(1);
        if (outcome != identity::Outcome::Unchanged)
            identity::record(caller, event);
        return row;
    });
}

bool drop_issuer(const identity::Caller &caller, FunctionCallInfo fcinfo)
{
    pg::require(fcinfo, 0, "issuer");
    return pg::with_spi([&](MemoryContext) {
        const Datum name = PG_GETARG_DATUM(0);
        if (delete_issuer.write(&name) == 0)
            return false;
        identity::Event event;
        event.outcome = identity::Outcome::Deleted;
        event.subject = PG_GETARG_TEXT_PP(0);
        identity::record(caller, event);
        return true;
    });
}

} // namespace

bool is_issuer_name(std::string_view name)
{
    constexpr std::size_t max_name = 1000; /* bytes */
    if (name.data() == nullptr || name.empty() || name.size() > max_name)
        return false;
    std::optional<std::string_view> rest = texts::as_utf8(name);
    while (rest.has_value() && !rest->empty())
        if (texts::is_control(texts::take_code_point(*rest)))
            return false;
    return rest.has_value();
}

text *issuer_argument(FunctionCallInfo fcinfo, pg::Errors &errors)
{
    text *issuer = pg::text_argument(fcinfo, 0);
    pg::require(fcinfo, 0, "issuer", errors);
    if (issuer != nullptr && !is_issuer_name(pg::view(issuer)))
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "issuer",
                   "\"issuer\" must have 1 to 1000 bytes and no control characters");
    return issuer;
}

} // namespace opigno::jwt

using namespace opigno;

OPIGNO_FUNCTION(opigno_register_token_issuer)
{
    return identity::as_owner(
        fcinfo, identity::RequiredAccess::OperatorLevel,
        [&](const identity::Caller &caller) { return jwt::register_issuer(caller, fcinfo); });
}

OPIGNO_FUNCTION(opigno_drop_token_issuer)
{
    PG_RETURN_BOOL(
        identity::as_owner(fcinfo, identity::RequiredAccess::OperatorLevel,
                           [&](const identity::Caller &caller) { return jwt::drop_issuer(caller, fcinfo); }));
}
