/* Tables that an argument names, as SQL would. */
#pragma once

#include "pg/postgres.hpp"

namespace opigno::pg {

/*
 * The relation of this name in the caller's search_path, locked against changes of its definition until the
 * transaction ends. check: looks at it before it is locked, or nullptr. Raises 42P01.
 */
inline Oid relation_named(const text *name, RangeVarGetRelidCallback check = nullptr)
{
    RangeVar *range = makeRangeVarFromNameList(textToQualifiedNameList(const_cast<text *>(name)));
    return RangeVarGetRelidExtended(range, AccessShareLock, 0, check, nullptr);
}

/* Schema and name, quoted where SQL needs it. */
inline char *qualified_name(Oid relation)
{
    return quote_qualified_identifier(get_namespace_name(get_rel_namespace(relation)),
                                      get_rel_name(relation));
}

} // namespace opigno::pg
