/*
 * Levels of access of database roles. A role has a level if it may execute the level's marker, a
 * procedure that does nothing. Privileges survive dumps, upgrades and the renaming of roles.
 */
#pragma once

#include "pg/postgres.hpp"

#include <string_view>

namespace opigno::identity {

enum class Level { User, Gateway, Operator, Auditor };

struct LevelName {
    std::string_view name;
    Level level;
    const char *marker; /* its marker procedure */
};

inline constexpr LevelName level_names[] = {
    {"user", Level::User, "access_user"},
    {"gateway", Level::Gateway, "access_gateway"},
    {"operator", Level::Operator, "access_operator"},
    {"auditor", Level::Auditor, "access_auditor"},
};

/*
 * Returns the owner of a function of the extension. All objects of the extension belong to this
 * role; pg_extension.extowner, the role that ran CREATE EXTENSION, can be another one.
 */
Oid owner_of_function(Oid function);

/* Defines the setting that names the owner of all objects of the extension. src/owner.sql reads
 * it. */
void define_owner_setting();

/* What the current role may do in the extension. */
class Access {
  public:
    /* function: the function that was called. */
    explicit Access(Oid function);

    /* Whether the role has the rights of the extension's owner, as superusers have. */
    [[nodiscard]] bool is_owner() const { return is_owner_; }
    /* Whether the role has this level, directly or by inheritance. The owner has all levels. */
    [[nodiscard]] bool has(Level level) const;
    /* Whether the role may act on every user. */
    [[nodiscard]] bool acts_on_all() const { return has(Level::Operator); }
    /* Whether the role may read every user's data. */
    [[nodiscard]] bool reads_all() const { return acts_on_all() || has(Level::Auditor); }
    /* Whether the role may act for the user of a request. */
    [[nodiscard]] bool acts_by_request() const { return has(Level::User) || has(Level::Gateway); }

  private:
    Oid schema_;
    bool is_owner_;
};

} // namespace opigno::identity
