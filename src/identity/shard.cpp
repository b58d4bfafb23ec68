#include "identity/shard.hpp"

#include "identity/access.hpp"
#include "identity/request.hpp"
#include "identity/user_move.hpp"
#include "identity/user_uuid.hpp"
#include "pg/catalog.hpp"
#include "pg/invalidation.hpp"
#include "pg/replication.hpp"
#include "pg/result.hpp"
#include "pg/spi.hpp"
#include "pg/text.hpp"
#include "text/unicode.hpp"
#include "json/text/repeated_members.hpp"
#include "json/value/reader.hpp"

#include <iterator>

namespace opigno::identity {

namespace detail {

constinit bool is_known_single = false;

} // namespace detail

namespace {

/* ---- the hash ----------------------------------------------------------------------------- */

constexpr unsigned char lower(char byte)
{
    return static_cast<unsigned char>(byte >= 'A' && byte <= 'Z' ? byte - 'A' + 'a' : byte);
}

/* FNV-1a with 64 bits, over ASCII letters in lower case. */
constexpr std::uint64_t fnv1a(std::string_view bytes)
{
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char byte : bytes)
        hash = (hash ^ lower(byte)) * 0x100000001b3;
    return hash;
}

/* The finaliser of MurmurHash3: the low bits of FNV-1a alone are not uniform. */
constexpr std::uint64_t fmix64(std::uint64_t hash)
{
    hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccd;
    hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53;
    return hash ^ (hash >> 33);
}

static_assert(fnv1a("A") == 0xaf63dc4c8601ec8c);

/* ---- the role of this server -------------------------------------------------------------- */

constinit pg::Statement
    select_role("SELECT r.server_kind = 'hub', coalesce(r.shard, 0), coalesce(r.shards, 1),"
                " coalesce(r.from_shards, 0), coalesce(r.to_shards, 0), coalesce(r.slots, 0)"
                " FROM opigno.server_role AS r");
constexpr Oid stride_type[] = {INT8OID};
constinit pg::Statement
    select_other_strides("SELECT FROM opigno.sharded_sequence AS s WHERE s.increment_by <> $1", stride_type);

constinit ServerRole role;
Oid table = InvalidOid;
Oid last_function = InvalidOid; /* the one for which the role was read */

/* Changes with each announcement. Entries that are not in use have 0. */
std::uint64_t generation = 1;
std::uint64_t read_generation = 0; /* the one in which the role was read */
std::uint64_t route_generation = 1;

/* Before an upgrade there is no such table. */
void forget_role(Datum /*argument*/, Oid changed)
{
    if (changed != table && changed != InvalidOid && table != InvalidOid)
        return;
    ++generation;
    detail::is_known_single = false;
}

void forget_routes(Datum /*argument*/, pg::CacheId /*cache*/, uint32 /*hash*/)
{
    ++route_generation;
}

ServerRole read_role(Oid function)
{
    return as_owner_of(function, [&]() {
        ServerRole found;
        if (select_role.read_newest(table) == 0)
            return found;
        found.kind = DatumGetBool(pg::column(1)) ? ServerKind::Hub : ServerKind::Shard;
        found.shard = DatumGetInt32(pg::column(2));
        found.shards = DatumGetInt32(pg::column(3));
        found.from_shards = DatumGetInt32(pg::column(4));
        found.to_shards = DatumGetInt32(pg::column(5));
        found.slots = DatumGetInt32(pg::column(6));
        if (found.kind == ServerKind::Shard) {
            const Datum stride = Int64GetDatum(found.stride());
            found.has_stride = select_other_strides.read_newest(table, &stride) == 0;
        }
        return found;
    });
}

void refresh_role(Oid function)
{
    if (read_generation == generation)
        return;
    last_function = function;
    table = get_relname_relid("server_role", get_func_namespace(function));
    const std::uint64_t before = generation; /* reading can receive announcements */
    role = OidIsValid(table) ? read_role(function) : ServerRole{};
    read_generation = before;
    detail::is_known_single = before == generation && role.kind == ServerKind::Single;
}

/* ---- routes ------------------------------------------------------------------------------- */

constexpr Oid name_type[] = {TEXTOID};
/* Requests call other functions, which lock for themselves. */
constinit pg::Statement
    select_route("SELECT f.route = 'user', f.route = 'hub', f.key_argument, f.route = 'request'"
                 "  OR f.function_name IN ('graphql', 'begin_request', 'test_request')"
                 " FROM opigno.function_route AS f WHERE f.function_name = $1",
                 name_type);

enum class Route { User, Hub, Request, Other };

struct FunctionRoute {
    Oid function;
    std::uint64_t generation;
    Route route;
    bool writes;
    int key_argument; /* counts from 0; -1: none */
    Oid key_type;
};

static_assert(std::is_trivially_destructible_v<FunctionRoute>);

/* Finds an argument by its name. */
void find_key_argument(FunctionRoute &found, std::string_view name)
{
    HeapTuple tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(found.function));
    if (!HeapTupleIsValid(tuple))
        elog(ERROR, "cache lookup failed for function %u", found.function);
    Oid *types = nullptr;
    char **names = nullptr;
    char *modes = nullptr;
    const int all = get_func_arg_info(tuple, &types, &names, &modes);
    int input = 0;
    for (int at = 0; at < all && names != nullptr; ++at) {
        if (modes != nullptr && (modes[at] == PROARGMODE_OUT || modes[at] == PROARGMODE_TABLE))
            continue;
        if (names[at] == name) {
            found.key_argument = input;
            found.key_type = types[at];
        }
        ++input;
    }
    ReleaseSysCache(tuple);
}

FunctionRoute read_route(Oid function)
{
    return as_owner_of(function, [&]() {
        FunctionRoute found{function,     route_generation,
                            Route::Other, func_volatile(function) == PROVOLATILE_VOLATILE,
                            -1,           InvalidOid};
        const Datum name = CStringGetTextDatum(get_func_name(function));
        if (select_route.read(&name) == 0)
            return found;
        if (DatumGetBool(pg::column(2)))
            found.route = Route::Hub;
        if (DatumGetBool(pg::column(4)))
            found.route = Route::Request;
        if (DatumGetBool(pg::column(1))) {
            found.route = Route::User;
            find_key_argument(found, pg::view(DatumGetTextPP(pg::column(3))));
        }
        return found;
    });
}

const FunctionRoute &route_of(Oid function)
{
    static constinit FunctionRoute routes[256] = {};
    FunctionRoute &slot = routes[function % std::size(routes)];
    if (slot.function != function || slot.generation != route_generation) {
        slot.generation = 0;
        slot = read_route(function);
    }
    return slot;
}

/* The member "uuid" of a JSON document; nullptr if there is none. Wrong JSON is the function's affair. */
text *user_in(const text *document)
{
    pg::Errors errors;
    Jsonb *value = json::read_distinct(pg::view(document), errors);
    if (value == nullptr || !errors.empty() || !json::is_object(json::root_of(value)))
        return nullptr;
    text *user_uuid = nullptr;
    json::each_member(json::root_of(value), [&](std::string_view name, const JsonbValue &member) {
        if (name == "uuid" && member.type == jbvString)
            user_uuid = pg::make_text(json::string_of(member));
    });
    return user_uuid;
}

/* The user that the key argument names, in any letter case; nullptr if there is none. */
text *user_of_call(FunctionCallInfo fcinfo, const FunctionRoute &route)
{
    if (route.key_argument < 0 || route.key_argument >= PG_NARGS() || PG_ARGISNULL(route.key_argument))
        return nullptr;
    text *given = PG_GETARG_TEXT_PP(route.key_argument);
    if (route.key_type == TEXTOID)
        return given;
    return route.key_type == JSONOID ? user_in(given) : nullptr;
}

/* ---- refusals ----------------------------------------------------------------------------- */

[[noreturn]] void refuse_missing_stride()
{
    ereport(ERROR, errcode(ERRCODE_WRONG_STATE),
            errmsg("the sequences of this shard do not leave out the numbers of other shards"),
            errdetail("A dump does not have the increments of the sequences."),
            errhint("Call opigno.become_shard(%d, %d) again.", role.shard, role.shards));
}

/* While users move: keeps the user of the request where it is, and refuses the call if that is elsewhere.
 * Without a request, or if the user is asserted, keeps all users that the function may write. */
void keep_users_of_call(Oid function, bool writes)
{
    const Request *request = current_request();
    if (request != nullptr && request->user_uuid != nullptr && !request->acts_on_all &&
        !request->is_asserted) {
        if (is_elsewhere(request->user_uuid))
            refuse_elsewhere(request->user_uuid);
    } else if (writes) {
        keep_all_users(function);
    }
}

[[noreturn]] void refuse_on_shard(Oid function)
{
    ereport(ERROR, errcode(ERRCODE_WRONG_STATE),
            errmsg("function %s cannot be called on a shard", get_func_name(function)),
            errdetail("It changes what all shards receive from the hub."),
            errhint("Call the function on the hub, or through the front."));
}

void check_shards_receive()
{
    const pg::SynchronousReplicas replicas = pg::synchronous_replicas();
    if (replicas.connected < replicas.required)
        ereport(ERROR, errcode(ERRCODE_WRONG_STATE),
                errmsg("a shard does not receive the changes of the hub"),
                errdetail("%d of %d servers in synchronous_standby_names are connected.", replicas.connected,
                          replicas.required),
                errhint("opigno.registry_lag shows them."));
}

} // namespace

void detail::check_place_of_call(FunctionCallInfo fcinfo, bool is_of_owner)
{
    const Oid function = fcinfo->flinfo->fn_oid;
    refresh_role(function);
    if (role.kind == ServerKind::Single || is_of_owner)
        return;
    const FunctionRoute &route = route_of(function);
    if (route.route == Route::User) {
        text *user_uuid = user_of_call(fcinfo, route);
        if (user_uuid != nullptr && is_elsewhere(canonical_user_uuid(user_uuid)))
            refuse_elsewhere(canonical_user_uuid(user_uuid));
    }
    if (role.slots != 0 && route.route == Route::Other)
        keep_users_of_call(function, route.writes);
    if (route.writes && route.route == Route::Hub && role.kind == ServerKind::Shard)
        refuse_on_shard(function);
}

void detail::check_place_of_change(Oid function)
{
    refresh_role(function);
    if (!role.has_stride)
        refuse_missing_stride();
    if (role.kind == ServerKind::Hub && route_of(function).route == Route::Hub)
        check_shards_receive();
}

std::uint64_t user_hash(const text *canonical_user_uuid)
{
    const std::string_view key = pg::view(canonical_user_uuid);
    return fmix64(fnv1a(texts::is_ascii(key) ? key : lower_case_utf8(canonical_user_uuid)));
}

std::int32_t shard_of(const text *canonical_user_uuid, std::int32_t shards)
{
    return static_cast<std::int32_t>(user_hash(canonical_user_uuid) % static_cast<std::uint64_t>(shards));
}

const ServerRole &server_role()
{
    return role;
}

bool is_elsewhere(const text *user_uuid)
{
    bool is_other = true;
    do { /* to wait for a lock is to receive announcements */
        if (OidIsValid(last_function))
            refresh_role(last_function);
        if (role.kind != ServerKind::Shard)
            return role.kind == ServerKind::Hub;
        is_other = shard_of(user_uuid, role.shards) != role.shard ||
                   (role.slots != 0 && is_slot_elsewhere(role, last_function, user_uuid));
    } while (is_other && read_generation != generation);
    return is_other;
}

bool is_elsewhere(Oid function, const text *user_uuid)
{
    refresh_role(function);
    return is_elsewhere(user_uuid);
}

void check_created(const text *user_uuid)
{
    if (!detail::is_known_single && is_elsewhere(user_uuid))
        refuse_elsewhere(user_uuid);
}

const char *message_of_elsewhere()
{
    return role.kind == ServerKind::Hub ? "the hub stores no users" : "the user is not on this shard";
}

namespace {

/* Of how many shards one has the user now. */
std::int32_t shards_of_elsewhere(const text *user_uuid)
{
    if (role.slots == 0 || shard_of(user_uuid, role.shards) != role.shard)
        return role.shards;
    return role.to_shards != 0 ? role.to_shards : role.from_shards;
}

const char *hint_of_elsewhere(const text *user_uuid)
{
    if (role.kind == ServerKind::Hub)
        return "Call the function on the user's shard, or through the front.";
    return psprintf("Call the function on shard %d, or through the front.",
                    shard_of(user_uuid, shards_of_elsewhere(user_uuid)));
}

} // namespace

void add_elsewhere(const text *user_uuid, const char *member, pg::Errors &errors)
{
    errors.add(ERRCODE_WRONG_STATE, member, "%s", message_of_elsewhere());
    errors.hint(hint_of_elsewhere(user_uuid));
}

void refuse_elsewhere(const text *user_uuid)
{
    ereport(ERROR, errcode(ERRCODE_WRONG_STATE), errmsg("%s", message_of_elsewhere()),
            role.kind == ServerKind::Hub
                ? 0
                : errdetail("This is shard %d of %d, and the user is on shard %d.", role.shard,
                            role.to_shards != 0 ? shards_of_elsewhere(user_uuid) : role.shards,
                            shard_of(user_uuid, shards_of_elsewhere(user_uuid))),
            errhint("%s", hint_of_elsewhere(user_uuid)));
}

void check_may_delete_registered(const char *what, const char *hint)
{
    if (role.kind == ServerKind::Hub)
        ereport(ERROR, errcode(ERRCODE_WRONG_STATE), errmsg("%s cannot be deleted on a hub", what),
                errdetail("Rows of users on shards can refer to it."), errhint("%s", hint));
}

void check_may_add_missing(const char *what, const char *hint)
{
    if (role.kind == ServerKind::Shard)
        ereport(ERROR, errcode(ERRCODE_WRONG_STATE), errmsg("the hub has no %s", what), errhint("%s", hint));
}

void watch_server_role()
{
    CacheRegisterRelcacheCallback(forget_role, Datum{0});
    CacheRegisterSyscacheCallback(PROCOID, forget_routes, Datum{0});
}

} // namespace opigno::identity
