/* Documents of the server for the pure code: their containers, results, and the limits of jsonb. */
#pragma once

#include "json/value/jsonb_check.hpp"
#include "json/value/server_memory.hpp"

#include <bit>

namespace opigno::json {

/* More pairs than these jsonb's own input cannot take in, and so no dump could be restored. */
inline constexpr std::size_t max_pairs = std::bit_floor(MaxAllocSize / sizeof(JsonbPair));

inline std::string_view container_of(const Jsonb *document)
{
    return {VARDATA(document), VARSIZE(document) - VARHDRSZ};
}

inline bool is_object(const Jsonb *document)
{
    return (word(VARDATA(document)) & object_flag) != 0;
}

inline void check_pairs(std::size_t pairs)
{
    if (pairs > max_pairs)
        ereport(ERROR, errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                errmsg("number of jsonb object pairs exceeds the maximum allowed (%zu)", max_pairs));
}

/* end: where its container ends, or nullptr where an object's data exceed what an entry can tell. */
inline void finish(Jsonb *result, const char *end)
{
    if (end == nullptr)
        ereport(ERROR, errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                errmsg("total size of jsonb object elements exceeds the maximum of %u bytes", length_mask));
    SET_VARSIZE(result, end - reinterpret_cast<char *>(result));
#ifdef USE_ASSERT_CHECKING
    ServerMemory memory;
    Assert(Checker<ServerMemory>(memory).flaw_of(container_of(result)) == nullptr);
#endif
}

} // namespace opigno::json
