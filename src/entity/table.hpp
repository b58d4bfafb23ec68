/* Tables of the site whose rows belong to users or to trainings: which tables can be attached, and
 * whether one that is attached can still be read. */
#pragma once

#include "pg/error.hpp"

#include <type_traits>

namespace opigno::entity {

enum class KeyedBy { User, Training };

/* A row of opigno.entity_table. */
struct EntityTable {
    const char *label = nullptr;
    Oid relation = InvalidOid;
    const char *owner_name = nullptr; /* when it was attached; nullptr: it is not attached yet */
    const char *key_column = nullptr;
    KeyedBy keyed_by = KeyedBy::User;
};

static_assert(std::is_trivially_destructible_v<EntityTable>);

/*
 * Adds an error for each reason that keeps the rows of the table from being shown: it does not exist
 * or is not an ordinary table, its owner has changed or may not read it, or the key or a type is
 * wrong. Reads only the system caches, so the table need not be locked. schema: of the extension.
 */
void find_faults(const EntityTable &table, Oid schema, pg::Errors &errors);

/* Adds an error if no index starts with the key. The table is locked, and its key exists. */
void require_index(const EntityTable &table, pg::Errors &errors);

/* The owner of a relation, or InvalidOid if there is no such relation. */
Oid owner_of_relation(Oid relation);

/* Whether the key is of type uuid. */
bool has_uuid_key(const EntityTable &table);

} // namespace opigno::entity
