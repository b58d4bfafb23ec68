/* cluster_shards; proxies.sql has the contract. */
#include "pg/argument.hpp"
#include "pg/error.hpp"
#include "pg/spi.hpp"
#include "pg/text.hpp"

#include <cstdint>

namespace opigno::sharding {

namespace {

/* PL/Proxy has checked that the partitions are numbered from 0. */
constexpr Oid types[] = {TEXTOID};
constinit pg::CallerStatement
    select_cluster("SELECT count(o) FILTER (WHERE o OPERATOR(pg_catalog.~) '^p(artition_)?[0-9]+=')"
                   " FROM pg_catalog.pg_foreign_server AS s"
                   "  LEFT JOIN LATERAL pg_catalog.unnest(s.srvoptions) AS o ON true"
                   " WHERE s.srvname OPERATOR(pg_catalog.=) $1 GROUP BY s.oid",
                   types);

std::int32_t cluster_shards(const text *cluster)
{
    const Datum name = PointerGetDatum(cluster);
    if (select_cluster.read(&name) == 0)
        ereport(ERROR, errcode(ERRCODE_UNDEFINED_OBJECT),
                errmsg("server \"%s\" does not exist", pg::quoted(pg::view(cluster))),
                errhint("CREATE SERVER ... FOREIGN DATA WRAPPER plproxy creates it."));
    const auto shards = static_cast<std::int32_t>(DatumGetInt64(pg::column(1)));
    if (shards == 0)
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("server \"%s\" has no partitions", pg::quoted(pg::view(cluster))),
                errhint("Its options p0, p1 and so on are the connection strings of the shards."));
    return shards;
}

} // namespace

} // namespace opigno::sharding

using namespace opigno;

OPIGNO_FUNCTION(opigno_cluster_shards)
{
    pg::Errors errors;
    pg::require(fcinfo, 0, "cluster", errors);
    errors.raise();
    const text *cluster = PG_GETARG_TEXT_PP(0);
    PG_RETURN_INT32(pg::with_spi([&](MemoryContext) { return sharding::cluster_shards(cluster); }));
}
