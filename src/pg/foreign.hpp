/* Foreign servers, and the user mappings of roles. */
#pragma once

#include "pg/postgres.hpp"

extern "C" {
#include <catalog/pg_foreign_server.h>
#include <commands/defrem.h>
#include <foreign/foreign.h>
#include <nodes/parsenodes.h>
#include <utils/acl.h>
}

namespace opigno::pg {

inline bool may_use_server(Oid server, Oid role)
{
    return object_aclcheck(ForeignServerRelationId, server, role, ACL_USAGE) == ACLCHECK_OK;
}

/* The value of an option; nullptr if there is none. */
inline const char *option_of(List *options, const char *name)
{
    ListCell *cell = nullptr;
    foreach (cell, options) {
        auto *option = static_cast<DefElem *>(lfirst(cell));
        if (strcmp(option->defname, name) == 0)
            return defGetString(option);
    }
    return nullptr;
}

} // namespace opigno::pg
