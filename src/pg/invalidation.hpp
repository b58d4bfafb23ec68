/* Messages by which sessions learn that the catalogs or a table's definition have changed. */
#pragma once

#include "pg/postgres.hpp"

extern "C" {
#include <utils/inval.h>
#include <utils/syscache.h>
}

namespace opigno::pg {

/* 19: callbacks take the cache as an enum. */
#if PG_VERSION_NUM < 190000
using CacheId = int;
#else
using CacheId = SysCacheIdentifier;
#endif

} // namespace opigno::pg
