#include "json/value/document.hpp"

#include "pg/jsonb.hpp"
#include "json/value/jsonb_check.hpp"

#include <bit>

namespace opigno::json {

void check_pairs(std::size_t pairs)
{
    constexpr std::size_t max_pairs = std::bit_floor(MaxAllocSize / sizeof(JsonbPair));
    if (pairs > max_pairs)
        ereport(ERROR, errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                errmsg("number of jsonb object pairs exceeds the maximum allowed (%zu)", max_pairs));
}

void finish(Jsonb *result, const char *end)
{
    if (end == nullptr)
        ereport(ERROR, errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                errmsg("total size of jsonb object elements exceeds the maximum of %u bytes", length_mask));
    SET_VARSIZE(result, static_cast<std::uint32_t>(end - reinterpret_cast<char *>(result)));
    Assert(format_flaw(container_of(result)) == nullptr);
}

} // namespace opigno::json
