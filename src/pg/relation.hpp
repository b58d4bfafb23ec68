/* Tables that an argument names, as SQL would. */
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
 * The relation of this name in the caller's search_path, locked until the transaction ends. check: looks at
 * it before it is locked, or nullptr. Raises 42P01.
 */
inline Oid relation_named(const text *name, LOCKMODE lock, RangeVarGetRelidCallback check = nullptr)
{
    RangeVar *range = makeRangeVarFromNameList(textToQualifiedNameList(const_cast<text *>(name)));
    return RangeVarGetRelidExtended(range, lock, 0, check, nullptr);
}

/* Schema and name, quoted where SQL needs it, whatever quote_all_identifiers says. */
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
