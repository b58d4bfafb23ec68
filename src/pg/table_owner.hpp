/* Runs code with the rights of a table's owner. */
#pragma once

#include "pg/catalog.hpp"
#include "pg/error.hpp"
#include "pg/postgres.hpp"
#include "pg/setting.hpp"

namespace opigno::pg {

/* The owner of a relation, or InvalidOid if there is no such relation. */
inline Oid owner_of_relation(Oid relation)
{
    HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
    if (!HeapTupleIsValid(tuple))
        return InvalidOid;
    const Oid owner = reinterpret_cast<const FormData_pg_class *>(GETSTRUCT(tuple))->relowner;
    ReleaseSysCache(tuple);
    return owner;
}

/* Whether policies of the relation hold for its owner, who then may see only some of its rows. */
inline bool has_policies_for_owner(Oid relation)
{
    return check_enable_rls(relation, owner_of_relation(relation), true) == RLS_ENABLED;
}

/* Errors that are not the table's: of the transaction, the memory, or who cancels the request. */
inline bool ends_request(const ErrorData &error)
{
    const int category = ERRCODE_TO_CATEGORY(error.sqlerrcode);
    return category == ERRCODE_TRANSACTION_ROLLBACK || category == ERRCODE_OPERATOR_INTERVENTION ||
           (category == ERRCODE_INSUFFICIENT_RESOURCES &&
            error.sqlerrcode != ERRCODE_CONFIGURATION_LIMIT_EXCEEDED);
}

inline constexpr const char *hint_of_policies =
    "ALTER TABLE ... NO FORCE ROW LEVEL SECURITY, or BYPASSRLS for the table's owner, lets all rows be "
    "found. Or detach the table.";

/* What to do about an error of a write to a table as its owner. */
inline const char *hint_of_write_error(int sqlstate)
{
    return sqlstate == ERRCODE_INSUFFICIENT_PRIVILEGE
               ? "Triggers that are deferred cannot be fired here: SET CONSTRAINTS ALL IMMEDIATE in the same "
                 "transaction before. Otherwise give the owner of the table the rights that are missing, or "
                 "detach the table."
               : "opigno.list_entity_tables() shows what is wrong with a table. Constraints and triggers of "
                 "the table may refuse the write: change these rows first, or detach the table.";
}

/* As REINDEX and ANALYZE do with code of a table's owner. What the code sets is undone. */
template <typename Body> void as_table_owner(Oid relation, Body body)
{
    Oid role = InvalidOid;
    int security_context = 0;
    GetUserIdAndSecContext(&role, &security_context);
    const int level = NewGUCNestLevel();
    SetUserIdAndSecContext(owner_of_relation(relation),
                           security_context | SECURITY_RESTRICTED_OPERATION | SECURITY_LOCAL_USERID_CHANGE);
    fix_search_path();
    fix_row_security();
    body();
    AtEOXact_GUC(false, level);
    SetUserIdAndSecContext(role, security_context);
}

} // namespace opigno::pg
