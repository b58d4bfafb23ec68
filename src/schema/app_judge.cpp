#include "schema/app_judge.hpp"

#include "identity/access.hpp"
#include "pg/catalog.hpp"
#include "pg/spi.hpp"
#include "schema/lock.hpp"

namespace opigno::schema {

namespace {

constexpr Oid key_type[] = {INT4OID};
constinit pg::Statement select_app("SELECT FROM opigno.app AS a WHERE a.app_id = $1", key_type);

bool exists(Oid function, std::int32_t app_id)
{
    const Oid table = get_relname_relid("app", get_func_namespace(function));
    const Datum key = Int32GetDatum(app_id);
    return identity::as_owner_of(function, [&]() { return select_app.read_newest(table, &key) > 0; });
}

/* The kept errors of an entry: bulk/errors.hpp. */
constexpr std::size_t max_faults = 10;

} // namespace

AppJudge::AppJudge(Oid function, DocumentKind kind) : function_(function), kind_(kind), counts_(kind)
{
    constexpr long expected_apps = 16;
    HASHCTL control{};
    control.keysize = sizeof(std::int32_t);
    control.entrysize = sizeof(App);
    control.hcxt = CurrentMemoryContext;
    apps_ =
        hash_create("opigno apps of a load", expected_apps, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

/* Only apps that exist are locked: a body can name millions of others. */
bool AppJudge::find_and_lock(std::int32_t app_id) const
{
    if (!exists(function_, app_id))
        return false;
    lock_to_write(function_, kind_, app_id);
    return true;
}

bool AppJudge::has_app(std::int32_t app_id)
{
    if (last_.app_id == app_id)
        return last_.exists;
    const auto *known = static_cast<App *>(hash_search(apps_, &app_id, HASH_FIND, nullptr));
    if (known == nullptr) {
        const bool is_there = find_and_lock(app_id);
        auto *added = static_cast<App *>(hash_search(apps_, &app_id, HASH_ENTER, nullptr));
        added->exists = is_there;
        known = added;
    }
    last_ = *known;
    return last_.exists;
}

Jsonb *AppJudge::with_defaults(std::int32_t app_id, Jsonb *document)
{
    return has_schema(app_id) ? schema::with_defaults(active(app_id), document) : document;
}

bool AppJudge::accepts(std::int32_t app_id, const Jsonb *document)
{
    return !has_schema(app_id) || schema::accepts(active(app_id), document);
}

Violations AppJudge::violations(std::int32_t app_id, const Jsonb *document, const char *prefix)
{
    if (!has_schema(app_id))
        return {};
    const ActiveSchema &enforced = active(app_id).enforced;
    if (enforced.compiled == nullptr)
        return {};
    return violations_of(*enforced.compiled, document, {prefix, "the document", hint_of(kind_)}, max_faults);
}

void AppJudge::count_faults(std::int32_t app_id, Jsonb *document)
{
    if (has_schema(app_id))
        schema::count_faults(active(app_id), app_id, document, counts_);
}

} // namespace opigno::schema
