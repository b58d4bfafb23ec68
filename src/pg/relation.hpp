/* Tables that an argument names, as SQL would. */
#pragma once

#include "pg/postgres.hpp"

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
    set_config_option("quote_all_identifiers", "off", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0,
                      false);
    char *name =
        quote_qualified_identifier(get_namespace_name(get_rel_namespace(relation)), get_rel_name(relation));
    AtEOXact_GUC(true, level);
    return name;
}

} // namespace opigno::pg
