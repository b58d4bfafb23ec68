/* Looks up tables by name, and names of tables. */
#pragma once

#include "pg/lock.hpp"
#include "pg/postgres.hpp"
#include "pg/setting.hpp"
#include "pg/text.hpp"

extern "C" {
#include <access/relation.h>
#include <access/table.h>
#include <catalog/namespace.h>
#include <commands/tablecmds.h>
#include <nodes/makefuncs.h>
#include <storage/bufmgr.h>
#include <utils/lsyscache.h>
#include <utils/rel.h>
#include <utils/syscache.h>
#include <utils/varlena.h>
}

#include <cstdint>
#include <string_view>

namespace opigno::pg {

/*
 * Finds the relation of this name in the caller's search_path, and locks it until the transaction
 * ends. check: is called before the relation is locked; may be nullptr. Raises 42P01 for an unknown
 * name.
 */
inline Oid relation_named(const text *name, LOCKMODE lock, RangeVarGetRelidCallback check = nullptr,
                          std::uint32_t flags = 0)
{
    refuse_during_recovery(lock);
    RangeVar *range = makeRangeVarFromNameList(textToQualifiedNameList(const_cast<text *>(name)));
    return RangeVarGetRelidExtended(range, lock, flags, check, nullptr);
}

inline bool relation_exists(Oid relation)
{
    return SearchSysCacheExists1(RELOID, ObjectIdGetDatum(relation));
}

/* Whether the relation has no block: it has no row, also none that is not committed. true if there is no
 * such relation. */
inline bool has_no_block(Oid relation)
{
    Relation opened = OidIsValid(relation) ? try_relation_open(relation, AccessShareLock) : nullptr;
    if (opened == nullptr)
        return true;
    const bool is_empty =
        RELKIND_HAS_STORAGE(opened->rd_rel->relkind) && RelationGetNumberOfBlocks(opened) == 0;
    relation_close(opened, AccessShareLock);
    return is_empty;
}

/* A name that consists of digits is an OID, as in regclass. */
inline bool is_oid(std::string_view name)
{
    return !name.empty() && name.find_first_not_of("0123456789") == std::string_view::npos;
}

/* Whether the text is a name in SQL syntax, perhaps with a schema; relation_named() raises
 * 42602 for others, and 42601 for too many parts. */
inline bool is_qualified_name(const text *name)
{
    List *parts = NIL;
    constexpr int most_parts = 3; /* database, schema and table */
    return SplitIdentifierString(text_to_cstring(name), '.', &parts) && parts != NIL &&
           list_length(parts) <= most_parts;
}

/*
 * The same as relation_named(), but the name can be an OID. Returns InvalidOid for an OID that no
 * relation has. flags: those of RangeVarGetRelidExtended.
 */
inline Oid relation_of(const text *name, LOCKMODE lock, RangeVarGetRelidCallback check = nullptr,
                       std::uint32_t flags = 0)
{
    refuse_during_recovery(lock);
    if (!is_oid(view(name)))
        return relation_named(name, lock, check, flags);
    const Oid relation = DatumGetObjectId(DirectFunctionCall1(oidin, CStringGetDatum(text_to_cstring(name))));
    if (!relation_exists(relation))
        return InvalidOid;
    if (check != nullptr)
        check(nullptr, relation, InvalidOid, nullptr);
    LockRelationOid(relation, lock);
    return relation_exists(relation) ? relation : InvalidOid;
}

/* Returns schema and name, quoted only where needed, even if quote_all_identifiers is on; the OID if the
 * relation was dropped meanwhile. */
inline char *qualified_name(Oid relation)
{
    const int level = NewGUCNestLevel();
    set_for_level("quote_all_identifiers", "off");
    const char *schema = get_namespace_name(get_rel_namespace(relation));
    const char *table = get_rel_name(relation);
    char *name = schema == nullptr || table == nullptr ? psprintf("%u", relation)
                                                       : quote_qualified_identifier(schema, table);
    AtEOXact_GUC(true, level);
    return name;
}

} // namespace opigno::pg
