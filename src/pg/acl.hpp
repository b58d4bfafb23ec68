/* Privileges and roles. */
#pragma once

#include "pg/postgres.hpp"

extern "C" {
#include <catalog/pg_proc.h>
#include <utils/acl.h>
}

namespace opigno::pg {

inline bool may_execute(Oid function, Oid role)
{
    return object_aclcheck(ProcedureRelationId, function, role, ACL_EXECUTE) == ACLCHECK_OK;
}

} // namespace opigno::pg
