/* validate_scope, scopes and register_scope; functions.sql has the contracts. */
#include "identity/audit.hpp"
#include "identity/scope.hpp"
#include "identity/scope_name.hpp"
#include "pg/argument.hpp"
#include "pg/array.hpp"
#include "pg/result.hpp"
#include "pg/spi.hpp"
#include "pg/time.hpp"
#include "text/display_text.hpp"

namespace opigno::identity {

namespace {

constinit pg::Statement lock_registry("LOCK TABLE opigno.site_scope IN SHARE ROW EXCLUSIVE MODE");

constexpr Oid upsert_types[] = {TEXTOID, TEXTARRAYOID, TEXTOID, TIMESTAMPTZOID};
constinit pg::Statement upsert_site_scope(
    "INSERT INTO opigno.site_scope AS s (scope, implies, description, created_at, updated_at)"
    " VALUES ($1, coalesce($2, '{}'), nullif($3, ''), $4, $4)"
    " ON CONFLICT (scope) DO UPDATE SET implies = coalesce($2, s.implies),"
    "  description = nullif(coalesce($3, s.description), ''),"
    "  updated_at = greatest(s.updated_at, excluded.updated_at)"
    " WHERE s.implies <> coalesce($2, s.implies)"
    "  OR s.description IS DISTINCT FROM nullif(coalesce($3, s.description), '')"
    " RETURNING s.xmax = 0",
    upsert_types);

constexpr Oid select_types[] = {TEXTOID};
constinit pg::Statement select_site_scope(
    "SELECT s.scope, s.implies::text[], s.description, false FROM opigno.site_scope AS s WHERE s.scope = $1",
    select_types);

void check_new_name(const text *name, pg::Errors &errors)
{
    constexpr const char *member = "name";
    if (name == nullptr) {
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, member, "\"name\" is required");
        return;
    }
    const std::string_view given = pg::view(name);
    if (find_built_in(given) != nullptr || given == anonymous)
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, member,
                   "scope \"%.*s\" is built in and cannot be changed", static_cast<int>(given.size()),
                   given.data());
    else if (!is_scope_name(given)) {
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, member, "\"%.*s\" is not a scope name",
                   pg::clipped_length(given), given.data());
        errors.hint("A scope name is 1 to 63 letters, digits and underscores, does not start with a "
                    "digit or two underscores, and is not true, false or null.");
    }
}

ArrayType *checked_implies(std::string_view name, ArrayType *implies, pg::Errors &errors)
{
    ScopeRegistry registry(ScopeRegistry::View::Latest);
    if (!registry.implies(pg::names_of(implies), name))
        return checked_scopes(implies, registry, "implies", errors);
    errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "implies", "scope \"%.*s\" would imply itself",
               static_cast<int>(name.size()), name.data());
    return implies;
}

/* Writes the audit row. Called directly after the scope's row was written: reads SPI's result of
 * that. */
void record_scope(const Caller &caller, const text *name, ArrayType *implies)
{
    Event event;
    event.outcome = DatumGetBool(pg::column(1)) ? identity::Outcome::Created : identity::Outcome::Updated;
    StringInfoData words;
    initStringInfo(&words);
    const std::string_view scope = pg::view(name);
    appendBinaryStringInfo(&words, scope.data(), static_cast<int>(scope.size()));
    if (implies != nullptr) {
        appendStringInfoString(&words, " implies={");
        const char *separator = "";
        for (const std::string_view implied : pg::names_of(implies)) {
            appendStringInfo(&words, "%s%.*s", separator, static_cast<int>(implied.size()), implied.data());
            separator = ",";
        }
        appendStringInfoChar(&words, '}');
    }
    event.subject = pg::make_text({words.data, static_cast<std::size_t>(words.len)});
    record(caller, event);
}

Datum register_scope(const Caller &caller, text *name, ArrayType *implies, text *description)
{
    pg::Errors errors;
    check_new_name(name, errors);
    texts::checked_description(description, errors);
    errors.raise();
    return pg::with_spi([&](MemoryContext) {
        lock_registry.write(nullptr);
        if (implies != nullptr)
            implies = checked_implies(pg::view(name), implies, errors);
        errors.raise();
        const Datum values[] = {PointerGetDatum(name), PointerGetDatum(implies), PointerGetDatum(description),
                                TimestampTzGetDatum(GetCurrentTransactionStartTimestamp())};
        const char nulls[] = {' ', implies == nullptr ? 'n' : ' ', description == nullptr ? 'n' : ' ', ' '};
        if (upsert_site_scope.write(values, nulls) > 0)
            record_scope(caller, name, implies);
        select_site_scope.read_latest(values);
        return pg::returned_row();
    });
}

void put_scope(const ReturnSetInfo *result, std::string_view name, const pg::Names &implies,
               std::string_view description, bool built_in)
{
    Datum values[] = {PointerGetDatum(pg::make_text(name)), PointerGetDatum(pg::make_array(implies)),
                      PointerGetDatum(pg::make_text(description)), BoolGetDatum(built_in)};
    bool nulls[] = {false, false, description.empty(), false};
    tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

} // namespace

} // namespace opigno::identity

using namespace opigno;

OPIGNO_FUNCTION(opigno_validate_scope)
{
    ArrayType *given = pg::array_argument(fcinfo, 0);
    pg::require(fcinfo, 0, "scope");
    pg::Errors errors;
    identity::ScopeRegistry registry(identity::ScopeRegistry::View::Statement);
    ArrayType *result = identity::checked_scopes(given, registry, "scope", errors);
    errors.raise();
    PG_RETURN_ARRAYTYPE_P(result);
}

OPIGNO_FUNCTION(opigno_scopes)
{
    InitMaterializedSRF(fcinfo, 0);
    const auto *result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    for (const identity::BuiltInScope &scope : identity::built_in_scopes) {
        pg::Names implies;
        if (!scope.implies.empty())
            implies.push_back(scope.implies);
        identity::put_scope(result, scope.name, implies, scope.description, true);
    }
    identity::ScopeRegistry registry(identity::ScopeRegistry::View::Statement);
    for (const identity::SiteScope &scope : registry.site_scopes())
        identity::put_scope(result, scope.name, scope.implies, scope.description, false);
    return Datum{0};
}

OPIGNO_FUNCTION(opigno_register_scope)
{
    return identity::as_owner(
        fcinfo, identity::RequiredAccess::Operator, [&](const identity::Caller &caller) {
            return identity::register_scope(caller, pg::text_argument(fcinfo, 0),
                                            pg::array_argument(fcinfo, 1), pg::text_argument(fcinfo, 2));
        });
}
