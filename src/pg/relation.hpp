/* Looks up tables by name, and names of tables. */
#pragma once

#include "pg/lock.hpp"
#include "pg/postgres.hpp"
#include "pg/setting.hpp"

extern "C" {
#include <access/relation.h>
#include <access/table.h>
#include <catalog/namespace.h>
#include <commands/tablecmds.h>
#include <nodes/makefuncs.h>
#include <utils/lsyscache.h>
#include <utils/rel.h>
#include <utils/varlena.h>
}

namespace opigno::pg {

/*
 * Finds the relation of this name in the caller's search_path, and locks it until the transaction
 * ends. check: is called before the relation is locked; may be nullptr. Raises 42P01 for an unknown
 * name.
 */
inline Oid relation_named(const text *name, LOCKMODE lock, RangeVarGetRelidCallback check = nullptr)
{
    RangeVar *range = makeRangeVarFromNameList(textToQualifiedNameList(const_cast<text *>(name)));
    return RangeVarGetRelidExtended(range, lock, 0, check, nullptr);
}

/* Returns schema and name, quoted only where needed, even if quote_all_identifiers is on. */
inline char *qualified_name(Oid relation)
{
    const int level = NewGUCNestLevel();
    set_for_level("quote_all_identifiers", "off");
    char *name =
        quote_qualified_identifier(get_namespace_name(get_rel_namespace(relation)), get_rel_name(relation));
    AtEOXact_GUC(true, level);
    return name;
}

} // namespace opigno::pg
