/* user_shard and common_shard; functions.sql has the contracts. */
#include "identity/shard.hpp"
#include "identity/user_uuid.hpp"
#include "pg/array.hpp"
#include "pg/error.hpp"
#include "pg/text.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace opigno::sharding {

namespace {

std::int32_t checked_shards(std::int32_t shards)
{
    if (shards < 1 || shards > identity::max_shards)
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("\"shards\" must be from 1 to 65536"));
    return shards;
}

std::int32_t common_shard(ArrayType *user_uuids, std::int32_t shards)
{
    std::optional<std::int32_t> common;
    for (const std::string_view user_uuid : pg::names_of(user_uuids)) {
        if (user_uuid.data() == nullptr)
            continue;
        const std::int32_t shard =
            identity::shard_of(identity::canonical_user_uuid(pg::make_text(user_uuid)), shards);
        if (common.value_or(shard) != shard)
            ereport(ERROR, errcode(ERRCODE_FEATURE_NOT_SUPPORTED), errmsg("the users are on several shards"),
                    errdetail("The function writes all of them in one transaction."),
                    errhint("Call it once for the users of each shard: opigno.user_shard() has it."));
        common = shard;
    }
    return common.value_or(0);
}

} // namespace

} // namespace opigno::sharding

using namespace opigno;

OPIGNO_STRICT_FUNCTION(opigno_user_shard)
{
    const std::int32_t shards = sharding::checked_shards(PG_GETARG_INT32(1));
    PG_RETURN_INT32(identity::shard_of(identity::canonical_user_uuid(PG_GETARG_TEXT_PP(0)), shards));
}

OPIGNO_FUNCTION(opigno_common_shard)
{
    const std::int32_t shards = sharding::checked_shards(PG_ARGISNULL(1) ? 0 : PG_GETARG_INT32(1));
    PG_RETURN_INT32(PG_ARGISNULL(0) ? 0 : sharding::common_shard(PG_GETARG_ARRAYTYPE_P(0), shards));
}
