/* The SQL functions over one user context; their contracts stand in functions.sql. */
#include "context/answer.hpp"
#include "context/store.hpp"
#include "identity/access.hpp"
#include "identity/scope_name.hpp"
#include "identity/user_uuid.hpp"
#include "pg/spi.hpp"
#include "json/reader.hpp"

namespace opigno::context {

namespace {

/* prefix and 8 or 16 random bytes in hexadecimal. */
text *random_name(const char *prefix, int bytes)
{
    std::uint8_t random[16];
    if (!pg_strong_random(random, static_cast<std::size_t>(bytes)))
        ereport(ERROR, errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not generate random values"));
    StringInfoData name;
    initStringInfo(&name);
    appendStringInfoString(&name, prefix);
    for (int at = 0; at < bytes; ++at)
        appendStringInfo(&name, "%02x", random[at]);
    return pg::make_text({name.data, static_cast<std::size_t>(name.len)});
}

/* Sets the context unless something is at fault. False: the faults tell all that is. */
bool create_or_change(const Change &change, const Spelling &spelling, pg::Faults &faults)
{
    if (faults.empty() && set(change))
        return true;
    if (change.uuid != nullptr && !change.is_complete() && (faults.empty() || !read_latest_row(change.uuid)))
        add_missing(change, spelling, faults);
    return false;
}

Datum set_from_arguments(FunctionCallInfo fcinfo)
{
    return pg::with_spi([&](MemoryContext) {
        pg::Faults faults;
        const Change change = change_from_arguments(fcinfo, faults);
        create_or_change(change, argument_names, faults);
        faults.raise();
        return pg::returned_row();
    });
}

Datum set_from_json(Jsonb *payload)
{
    return pg::with_spi([&](MemoryContext outer) {
        pg::Faults faults;
        identity::ScopeRegistry registry(identity::ScopeRegistry::View::Transaction);
        const Change change = change_from_json(json::root_of(payload), registry, faults);
        const bool done = create_or_change(change, json_names, faults);
        faults.sort();
        MemoryContextSwitchTo(outer);
        json::Writer answer;
        answer.begin_object();
        write_errors(answer, faults);
        answer.key("response");
        if (done)
            write_context(answer);
        else
            answer.null();
        answer.end_object();
        return answer.json();
    });
}

/* For the functions that change one thing of a context that must exist. */
Datum update_existing(const Change &change, const pg::Faults &faults)
{
    faults.raise();
    return pg::with_spi([&](MemoryContext) {
        if (!set(change))
            ereport(ERROR, errcode(ERRCODE_FOREIGN_KEY_VIOLATION), errmsg("user context does not exist"),
                    errhint("opigno.set_user_context() creates one."));
        return pg::returned_row();
    });
}

Datum set_scopes(FunctionCallInfo fcinfo)
{
    pg::Faults faults;
    Change change;
    change.uuid = identity::checked_user_uuid(pg::text_argument(fcinfo, 0), "uuid", faults);
    ArrayType *given = pg::array_argument(fcinfo, 1);
    identity::ScopeRegistry registry(identity::ScopeRegistry::View::Transaction);
    if (given != nullptr)
        change.scope = identity::checked_scopes(given, registry, "scopes", faults);
    else
        faults.add(ERRCODE_INVALID_PARAMETER_VALUE, "scopes", "\"scopes\" is required");
    return update_existing(change, faults);
}

Datum anonymize(FunctionCallInfo fcinfo)
{
    pg::Faults faults;
    Change change;
    change.uuid = identity::checked_user_uuid(pg::text_argument(fcinfo, 0), "uuid", faults);
    text *pseudonym = pg::text_argument(fcinfo, 1);
    if (pseudonym == nullptr)
        pseudonym = random_name("user_", 8);
    change.display_name = checked_display_name(pseudonym, "pseudonym", faults);
    return update_existing(change, faults);
}

Datum create_anonymous(FunctionCallInfo fcinfo)
{
    pg::Faults faults;
    Change change;
    change.uuid = random_name("anon-", 16);
    text *display_name = pg::text_argument(fcinfo, 0);
    if (display_name == nullptr)
        display_name = pg::make_text("Anonymous User");
    change.display_name = checked_display_name(display_name, argument_names.display_name, faults);
    change.display_name_given = true;
    change.is_active = true;
    change.is_active_given = true;
    faults.raise();
    return pg::with_spi([&](MemoryContext) {
        set(change);
        return pg::returned_row();
    });
}

bool has_scope(text *user_uuid, std::string_view wanted)
{
    return pg::with_spi([&](MemoryContext) {
        pg::Faults faults;
        identity::ScopeRegistry registry(identity::ScopeRegistry::View::Statement);
        if (wanted != identity::anonymous && !registry.knows(wanted))
            registry.add_unknown(wanted, "scope", faults);
        faults.raise();
        if (user_uuid == nullptr || !read_row(identity::canonical_user_uuid(user_uuid)) ||
            !DatumGetBool(stored(Column::is_active)))
            return false;
        const pg::Names held = pg::names_of(DatumGetArrayTypeP(stored(Column::scope)));
        return wanted == identity::anonymous ? held.empty() : registry.implies(held, wanted);
    });
}

} // namespace

} // namespace opigno::context

using namespace opigno;

OPIGNO_FUNCTION(opigno_set_user_context)
{
    return identity::as_owner(fcinfo, [&] { return context::set_from_arguments(fcinfo); });
}

OPIGNO_FUNCTION(opigno_set_user_context_json)
{
    return identity::as_owner(fcinfo, [&] {
        if (PG_ARGISNULL(0))
            ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("\"payload\" is required"));
        return context::set_from_json(PG_GETARG_JSONB_P(0));
    });
}

OPIGNO_FUNCTION(opigno_get_user_context_json)
{
    text *user_uuid = identity::canonical_user_uuid(PG_GETARG_TEXT_PP(0));
    const Datum answer = pg::with_spi([&](MemoryContext outer) {
        if (!context::read_row(user_uuid))
            return Datum{0};
        MemoryContextSwitchTo(outer);
        json::Writer out;
        context::write_context(out);
        return out.json();
    });
    if (answer == Datum{0})
        PG_RETURN_NULL();
    return answer;
}

OPIGNO_FUNCTION(opigno_set_user_scopes)
{
    return identity::as_owner(fcinfo, [&] { return context::set_scopes(fcinfo); });
}

OPIGNO_FUNCTION(opigno_anonymize_user_context)
{
    return identity::as_owner(fcinfo, [&] { return context::anonymize(fcinfo); });
}

OPIGNO_FUNCTION(opigno_create_anonymous_user_context)
{
    return identity::as_owner(fcinfo, [&] { return context::create_anonymous(fcinfo); });
}

OPIGNO_FUNCTION(opigno_has_scope)
{
    if (PG_ARGISNULL(1))
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("\"scope\" is required"));
    PG_RETURN_BOOL(context::has_scope(pg::text_argument(fcinfo, 0), pg::view(PG_GETARG_TEXT_PP(1))));
}
