/*
 * Levels of access of database roles. That a role has a level means that it may
 * execute the level's marker, a procedure that does nothing: privileges survive dumps, renamed roles and
 * upgrades.
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
 * The owner of one of our functions, which is the extension's: the role that every object belongs to, not
 * pg_extension.extowner, which is who ran CREATE EXTENSION.
 */
Oid owner_of_function(Oid function);

/* The setting that names the role which an install gives every object to: src/owner.sql reads it. */
void define_owner_setting();

/* What the effective role may do, as the functions of this extension see it. */
class Access {
  public:
    /* function: the one that was called. */
    explicit Access(Oid function);

    /* Has the rights of the extension's owner; superusers do. */
    [[nodiscard]] bool is_owner() const { return is_owner_; }
    /* Has this level, itself or through a role whose rights it inherits; the owner has all. */
    [[nodiscard]] bool has(Level level) const;
    /* May act on every user. */
    [[nodiscard]] bool acts_on_all() const { return has(Level::Operator); }
    /* May read every user's data. */
    [[nodiscard]] bool reads_all() const { return acts_on_all() || has(Level::Auditor); }
    /* May act for the user of a request. */
    [[nodiscard]] bool acts_by_request() const { return has(Level::User) || has(Level::Gateway); }

  private:
    Oid schema_;
    bool is_owner_;
};

} // namespace opigno::identity
