#include "document/public_app.hpp"

#include "identity/access.hpp"
#include "pg/catalog.hpp"
#include "pg/invalidation.hpp"
#include "pg/snapshot.hpp"
#include "pg/spi.hpp"

#include <algorithm>

namespace opigno::document {

namespace {

constinit pg::Statement
    select_public("SELECT a.app_id, a.xmin FROM opigno.app AS a WHERE NOT a.is_private ORDER BY a.app_id");
constexpr Oid key_type[] = {INT4OID};
constinit pg::Statement
    select_public_one("SELECT FROM opigno.app AS a WHERE a.app_id = $1 AND NOT a.is_private", key_type);

struct App {
    std::int32_t app_id;
    TransactionId writer; /* wrote this version of the row; frozen if every snapshot sees it */
};

/* The public apps in the order of app_id. */
struct Cache {
    MemoryContext context = nullptr;
    const App *apps = nullptr;
    std::size_t size = 0;
    Oid table = InvalidOid;
    std::uint64_t generation = 0; /* the one that was read */
};

constinit Cache cache;

/* Changes with each announcement. */
std::uint64_t generation = 1;

void forget(Datum /*argument*/, Oid table)
{
    if (table == cache.table || table == InvalidOid)
        ++generation;
}

/* Reads what is committed now, also in a transaction with an older snapshot: the cache outlives
 * it. */
void fill_cache(Oid function)
{
    if (cache.context == nullptr)
        cache.context = AllocSetContextCreateInternal(TopMemoryContext, "opigno apps", ALLOCSET_SMALL_SIZES);
    cache.table = get_relname_relid("app", get_func_namespace(function));
    const std::uint64_t before = generation; /* reading can receive announcements */
    cache.size = identity::as_owner_of(function, [&]() {
        const auto rows = static_cast<std::size_t>(select_public.read_newest(cache.table));
        MemoryContextReset(cache.context);
        auto *apps = static_cast<App *>(MemoryContextAlloc(cache.context, (rows + 1) * sizeof(App)));
        for (std::size_t row = 0; row < rows; ++row)
            apps[row] = {DatumGetInt32(pg::column(1, row)),
                         pg::lasting(DatumGetTransactionId(pg::column(2, row)))};
        cache.apps = apps;
        return rows;
    });
    cache.generation = before;
}

bool was_public(Oid function, std::int32_t app_id)
{
    return identity::as_owner_of(function, [&]() {
        const Datum key = Int32GetDatum(app_id);
        return select_public_one.read(&key) > 0;
    });
}

} // namespace

/*
 * A statement that is executed again in a transaction takes no new lock, so it does not receive the
 * announcements of other sessions by itself.
 */
bool app_is_public(Oid function, std::int32_t app_id)
{
    AcceptInvalidationMessages();
    if (cache.generation != generation)
        fill_cache(function);
    const App *end = cache.apps + cache.size;
    const App *app = std::lower_bound(
        cache.apps, end, app_id, [](const App &each, std::int32_t wanted) { return each.app_id < wanted; });
    if (app == end || app->app_id != app_id)
        return false;
    return pg::is_surely_visible(app->writer) || was_public(function, app_id);
}

void watch_apps()
{
    CacheRegisterRelcacheCallback(forget, Datum{0});
}

} // namespace opigno::document
