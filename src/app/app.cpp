/* register_app and update_app; functions.sql has the contracts. */
#include "identity/audit.hpp"
#include "pg/argument.hpp"
#include "pg/array.hpp"
#include "pg/spi.hpp"
#include "pg/time.hpp"
#include "text/display_text.hpp"
#include "text/encoding.hpp"
#include "text/unicode.hpp"
#include "json/value/document_limit.hpp"

#include <algorithm>

namespace opigno::app {

namespace {

#define APP_ROW "a.domains::text[], a.app_id, a.app, a.description"

struct App {
    std::optional<std::int32_t> app_id;
    text *name;
    text *description; /* an empty one is stored as NULL */
    ArrayType *domains;
    std::optional<bool> is_private;
    std::optional<std::int32_t> max_profile_size;
};

constexpr Oid types[] = {INT4OID, TEXTOID, TEXTOID, TEXTARRAYOID, BOOLOID, TIMESTAMPTZOID, INT4OID};
constinit pg::Statement insert_app(
    "INSERT INTO opigno.app AS a (app_id, app, description, domains, is_private, max_profile_size,"
    "  created_at, updated_at)"
    " VALUES ($1, $2, nullif($3, ''), coalesce($4, '{}'), coalesce($5, false), coalesce($7, 1048576), $6, $6)"
    " ON CONFLICT DO NOTHING RETURNING " APP_ROW,
    types);
constinit pg::Statement
    update_app("UPDATE opigno.app AS a SET app = coalesce($2, a.app), description = nullif(coalesce($3, "
               "a.description), ''),"
               "  domains = coalesce($4, a.domains), is_private = coalesce($5, a.is_private),"
               "  max_profile_size = coalesce($7, a.max_profile_size),"
               "  updated_at = greatest(a.updated_at, $6)"
               " WHERE a.app_id = $1 AND (a.app <> coalesce($2, a.app)"
               "  OR a.description IS DISTINCT FROM nullif(coalesce($3, a.description), '')"
               "  OR a.domains <> coalesce($4, a.domains) OR a.is_private <> coalesce($5, a.is_private)"
               "  OR a.max_profile_size <> coalesce($7, a.max_profile_size))"
               " RETURNING " APP_ROW,
               types);
constinit pg::Statement select_app("SELECT " APP_ROW " FROM opigno.app AS a WHERE a.app_id = $1", {types, 1});
constexpr Oid name_types[] = {TEXTOID, INT4OID};
constinit pg::Statement select_other("SELECT FROM opigno.app AS a WHERE a.app = $1 AND a.app_id <> $2",
                                     name_types);
constinit pg::Statement next_id("SELECT pg_catalog.nextval('opigno.app_id_seq')::integer");

struct Parameters {
    Datum values[7];
    char nulls[7];
};

Parameters parameters_of(const App &app)
{
    return {{Int32GetDatum(app.app_id.value_or(0)), PointerGetDatum(app.name),
             PointerGetDatum(app.description), PointerGetDatum(app.domains),
             BoolGetDatum(app.is_private.value_or(false)),
             TimestampTzGetDatum(GetCurrentTransactionStartTimestamp()),
             Int32GetDatum(app.max_profile_size.value_or(0))},
            {' ', app.name == nullptr ? 'n' : ' ', app.description == nullptr ? 'n' : ' ',
             app.domains == nullptr ? 'n' : ' ', app.is_private.has_value() ? ' ' : 'n', ' ',
             app.max_profile_size.has_value() ? ' ' : 'n'}};
}

/* An app_id that no app has. */
constexpr std::int32_t no_app = -1;

constexpr std::size_t max_domain_bytes = 255;

bool is_domain_name(std::string_view name)
{
    if (name.size() > 4 * max_domain_bytes)
        return false;
    const std::optional<std::string_view> utf8 = texts::as_utf8(name);
    if (!utf8.has_value() || utf8->empty() || utf8->size() > max_domain_bytes)
        return false;
    for (std::string_view rest = *utf8; !rest.empty();) {
        const char32_t point = texts::take_code_point(rest);
        if (texts::is_control(point) || texts::is_white_space(point))
            return false;
    }
    return true;
}

void check_domains(ArrayType *given, pg::Errors &errors)
{
    constexpr const char *member = "domains";
    if (given == nullptr)
        return;
    if (ARR_NDIM(given) > 1) {
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, member, "\"domains\" must be a one-dimensional array");
        return;
    }
    constexpr std::size_t max_domains = 1000;
    pg::Names names = pg::names_of(given);
    if (names.size() > max_domains) {
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, member, "\"domains\" has more than %zu names",
                   max_domains);
        return;
    }
    if (std::any_of(names.begin(), names.end(),
                    [](std::string_view name) { return name.data() == nullptr || !is_domain_name(name); })) {
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, member,
                   "\"domains\" must contain names of 1 to 255 bytes without white space");
        return;
    }
    std::sort(names.begin(), names.end());
    const std::string_view *twice = std::adjacent_find(names.begin(), names.end());
    if (twice != names.end())
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, member, "domain \"%.*s\" is given twice",
                   pg::clipped_length(*twice), twice->data());
}

/* Raises 23505 if another app has this name. app_id: the app whose name this is, or will be. */
void check_name_is_free(const text *name, std::int32_t app_id)
{
    const Datum values[] = {PointerGetDatum(name), Int32GetDatum(app_id)};
    if (select_other.read_latest(values) > 0)
        ereport(ERROR, errcode(ERRCODE_UNIQUE_VIOLATION), errmsg("an app of this name exists already"),
                errhint("opigno.list_apps() lists the apps, opigno.update_app() changes one."));
}

/* Describes the given is_private and max_profile_size for the audit trail. Returns nullptr if
 * neither is given. */
text *subject_of(const App &app)
{
    if (!app.is_private.has_value() && !app.max_profile_size.has_value())
        return nullptr;
    StringInfoData subject;
    initStringInfo(&subject);
    if (app.is_private.has_value())
        appendStringInfo(&subject, "is_private=%s", *app.is_private ? "true" : "false");
    if (app.max_profile_size.has_value())
        appendStringInfo(&subject, "%smax_profile_size=%d", subject.len > 0 ? " " : "",
                         *app.max_profile_size);
    return pg::make_text({subject.data, static_cast<std::size_t>(subject.len)});
}

void record_app(const identity::Caller &caller, identity::Outcome outcome, const App &app)
{
    identity::Event event;
    event.outcome = outcome;
    event.app_id = app.app_id;
    event.subject = subject_of(app);
    identity::record(caller, event);
}

bool insert(const App &app)
{
    const Parameters parameters = parameters_of(app);
    return insert_app.write(parameters.values, parameters.nulls) > 0;
}

bool is_taken(std::int32_t app_id)
{
    const Datum key = Int32GetDatum(app_id);
    return select_app.read_latest(&key) > 0;
}

[[noreturn]] void refuse_taken(std::int32_t app_id)
{
    ereport(
        ERROR, errcode(ERRCODE_UNIQUE_VIOLATION), errmsg("app %d exists already", app_id),
        errhint("Leave app_id out to get the next free one, or change the app with opigno.update_app()."));
}

/* If the row is not inserted, another app has its name or its app_id, perhaps since a moment
 * ago. */
void insert_new(App &app)
{
    const bool is_chosen = app.app_id.has_value();
    for (;;) {
        CHECK_FOR_INTERRUPTS();
        check_name_is_free(app.name, no_app);
        if (!is_chosen) {
            next_id.write(nullptr);
            app.app_id = DatumGetInt32(pg::column(1));
        }
        if (insert(app))
            return;
        check_name_is_free(app.name, no_app);
        if (!is_taken(*app.app_id))
            pg::refuse_suppressed_write();
        if (is_chosen)
            refuse_taken(*app.app_id);
    }
}

std::int32_t checked_size(std::int32_t size, pg::Errors &errors)
{
    if (size < 1 || size > json::max_document)
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "max_profile_size",
                   "\"max_profile_size\" must be from 1 to " INT64_FORMAT, json::max_document);
    return size;
}

App app_from_arguments(FunctionCallInfo fcinfo, int name, pg::Errors &errors)
{
    App app{};
    app.name = texts::checked_display_text(pg::text_argument(fcinfo, name), "app", errors);
    app.description = texts::checked_description(pg::text_argument(fcinfo, name + 1), errors);
    app.domains = pg::array_argument(fcinfo, name + 2);
    check_domains(app.domains, errors);
    if (!PG_ARGISNULL(4))
        app.is_private = PG_GETARG_BOOL(4);
    if (!PG_ARGISNULL(5))
        app.max_profile_size = checked_size(PG_GETARG_INT32(5), errors);
    return app;
}

Datum register_app(const identity::Caller &caller, FunctionCallInfo fcinfo)
{
    pg::Errors errors;
    App app = app_from_arguments(fcinfo, 0, errors);
    pg::require(fcinfo, 0, "app", errors);
    if (!PG_ARGISNULL(3))
        app.app_id = PG_GETARG_INT32(3);
    if (app.app_id.value_or(0) < 0)
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "app_id", "\"app_id\" must not be negative");
    errors.raise();
    return pg::with_spi([&](MemoryContext) {
        insert_new(app);
        const Datum row = pg::returned_row();
        record_app(caller, identity::Outcome::Created, app);
        return row;
    });
}

Datum change_app(const identity::Caller &caller, FunctionCallInfo fcinfo)
{
    pg::Errors errors;
    App app = app_from_arguments(fcinfo, 1, errors);
    pg::require(fcinfo, 0, "app_id", errors);
    errors.raise();
    app.app_id = PG_GETARG_INT32(0);
    return pg::with_spi([&](MemoryContext) {
        if (app.name != nullptr)
            check_name_is_free(app.name, *app.app_id);
        const Parameters parameters = parameters_of(app);
        const bool is_changed = update_app.write(parameters.values, parameters.nulls) > 0;
        if (!is_changed && select_app.read_latest(parameters.values) == 0)
            ereport(ERROR, errcode(ERRCODE_FOREIGN_KEY_VIOLATION),
                    errmsg("app %d does not exist", *app.app_id),
                    errhint("opigno.list_apps() lists the existing ones."));
        const Datum row = pg::returned_row();
        if (is_changed)
            record_app(caller, identity::Outcome::Updated, app);
        return row;
    });
}

} // namespace

} // namespace opigno::app

using namespace opigno;

OPIGNO_FUNCTION(opigno_register_app)
{
    return identity::as_owner(
        fcinfo, identity::RequiredAccess::Operator,
        [&](const identity::Caller &caller) { return app::register_app(caller, fcinfo); });
}

OPIGNO_FUNCTION(opigno_update_app)
{
    return identity::as_owner(
        fcinfo, identity::RequiredAccess::Operator,
        [&](const identity::Caller &caller) { return app::change_app(caller, fcinfo); });
}
