#include "context/granted.hpp"

#include "identity/access.hpp"
#include "pg/spi.hpp"

#include <type_traits>

namespace opigno::context {

namespace {

constexpr Oid pair_types[] = {TEXTOID, INT8OID};
constinit pg::Statement
    select_pair("SELECT FROM opigno.client_user AS u WHERE u.user_uuid = $1 AND u.client_id = $2",
                pair_types);
constexpr Oid client_type[] = {INT8OID};
constinit pg::Statement select_any("SELECT FROM opigno.client_user AS u WHERE u.client_id = $1 LIMIT 1",
                                   client_type);

/* What is known in one execution of a query. The executor frees it. */
struct Known {
    std::int64_t client_id; /* a cursor can go on in the request of another client */
    bool has_granted_users;
};

static_assert(std::is_trivially_destructible_v<Known>);

bool has_granted_users(FunctionCallInfo fcinfo, std::int64_t client_id)
{
    FmgrInfo &call = *fcinfo->flinfo;
    auto *known = static_cast<Known *>(call.fn_extra);
    if (known != nullptr && known->client_id == client_id)
        return known->has_granted_users;
    const bool has_any = identity::as_owner_of(call.fn_oid, [&]() {
        const Datum key = Int64GetDatum(client_id);
        return select_any.read(&key) > 0;
    });
    if (known == nullptr)
        known = static_cast<Known *>(MemoryContextAlloc(call.fn_mcxt, sizeof(Known)));
    *known = {client_id, has_any};
    call.fn_extra = known;
    return has_any;
}

} // namespace

bool is_granted_now(std::int64_t client_id, text *user_uuid)
{
    const Datum pair[] = {PointerGetDatum(user_uuid), Int64GetDatum(client_id)};
    return select_pair.read_committed(pair) > 0;
}

bool is_granted_in_query(FunctionCallInfo fcinfo, std::int64_t client_id, text *user_uuid)
{
    return has_granted_users(fcinfo, client_id) && identity::as_owner_of(fcinfo->flinfo->fn_oid, [&]() {
               const Datum pair[] = {PointerGetDatum(user_uuid), Int64GetDatum(client_id)};
               return select_pair.read(pair) > 0;
           });
}

} // namespace opigno::context
