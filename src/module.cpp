/* Initializes the library when the server loads it. */
#include "document/public_app.hpp"
#include "gateway/body.hpp"
#include "gateway/conditions.hpp"
#include "gateway/graphql/request.hpp"
#include "identity/audit.hpp"
#include "identity/level.hpp"
#include "identity/request.hpp"
#include "identity/shard.hpp"
#include "pg/setting.hpp"
#include "schema/active.hpp"

extern "C" {
PG_MODULE_MAGIC_EXT(.name = "opigno_profiles", .version = nullptr);

#if PG_VERSION_NUM < 160000
extern PGDLLEXPORT void _PG_init(); // NOLINT(bugprone-reserved-identifier): the server requires this name
#endif

void _PG_init() // NOLINT(bugprone-reserved-identifier)
{
    opigno::identity::watch_catalogs();
    opigno::identity::watch_server_role();
    opigno::identity::define_request_setting();
    opigno::document::watch_apps();
    opigno::schema::watch_schemas();
    opigno::schema::define_cache_setting();
    opigno::identity::define_audit_setting();
    opigno::identity::define_owner_setting();
    opigno::gateway::define_body_settings();
    opigno::gateway::define_condition_settings();
    opigno::graphql::define_settings();
    MarkGUCPrefixReserved("opigno_profiles");
}
}
