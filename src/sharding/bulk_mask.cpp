/* bulk_mask, masked and unmasked; bulk.sql has the contracts. */
#include "identity/access.hpp"
#include "pg/argument.hpp"
#include "pg/error.hpp"

namespace opigno::sharding {

namespace {

constexpr std::int32_t max_size = 256 * 1024 * 1024; /* in bytes */

/* Of the session. It is used for one text only: two texts under one mask would tell how they differ. */
constinit bytea *session_mask = nullptr;

bytea *make_bytea(MemoryContext context, std::size_t size)
{
    auto *bytes = static_cast<bytea *>(MemoryContextAlloc(context, size + VARHDRSZ));
    SET_VARSIZE(bytes, size + VARHDRSZ);
    return bytes;
}

Datum make_mask(std::int32_t size)
{
    if (size < 1 || size > max_size)
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("\"size\" must be from 1 to %d", max_size));
    const auto bytes = static_cast<std::size_t>(size);
    bytea *mask = make_bytea(CurrentMemoryContext, bytes);
    if (!pg_strong_random(VARDATA(mask), bytes))
        ereport(ERROR, errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not generate random bytes"));
    bytea *kept = make_bytea(TopMemoryContext, bytes);
    memcpy(VARDATA(kept), VARDATA(mask), bytes);
    if (session_mask != nullptr)
        pfree(session_mask);
    session_mask = kept;
    return PointerGetDatum(mask);
}

/* The caller has compared the sizes. */
Datum combined(const bytea *value, const bytea *mask)
{
    constexpr std::size_t at_once = 1U << 20U;
    const std::size_t size = VARSIZE_ANY_EXHDR(value);
    bytea *out = make_bytea(CurrentMemoryContext, size);
    for (std::size_t at = 0; at < size; ++at) {
        if (at % at_once == 0)
            CHECK_FOR_INTERRUPTS();
        VARDATA(out)[at] = static_cast<char>(VARDATA_ANY(value)[at] ^ VARDATA_ANY(mask)[at]);
    }
    return PointerGetDatum(out);
}

bool is_as_long(const bytea *mask, const bytea *value)
{
    return mask != nullptr && VARSIZE_ANY_EXHDR(value) == VARSIZE_ANY_EXHDR(mask);
}

Datum unmasked(const bytea *value)
{
    if (!is_as_long(session_mask, value))
        ereport(ERROR, errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
                errmsg("the session has no mask of this size"),
                errhint("Call opigno.bulk_mask() with the size before, in the same session."));
    return combined(value, session_mask);
}

} // namespace

} // namespace opigno::sharding

using namespace opigno;
using identity::RequiredAccess;

OPIGNO_FUNCTION(opigno_bulk_mask)
{
    return identity::as_owner(fcinfo, RequiredAccess::Load, [&](const identity::Caller & /*caller*/) {
        pg::require(fcinfo, 0, "size");
        return sharding::make_mask(PG_GETARG_INT32(0));
    });
}

OPIGNO_FUNCTION(opigno_masked)
{
    pg::Errors errors;
    pg::require(fcinfo, 0, "value", errors);
    pg::require(fcinfo, 1, "mask", errors);
    errors.raise();
    const bytea *value = PG_GETARG_BYTEA_PP(0);
    const bytea *mask = PG_GETARG_BYTEA_PP(1);
    if (!sharding::is_as_long(mask, value))
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("\"value\" and \"mask\" must have the same length"));
    return sharding::combined(value, mask);
}

OPIGNO_FUNCTION(opigno_unmasked)
{
    return identity::as_owner(fcinfo, RequiredAccess::Load, [&](const identity::Caller & /*caller*/) {
        pg::require(fcinfo, 0, "value");
        return sharding::unmasked(PG_GETARG_BYTEA_PP(0));
    });
}
