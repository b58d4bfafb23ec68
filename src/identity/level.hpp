/*
 * Levels of access of database roles. A role has a level if it may execute the level's marker, a
 * procedure that does nothing. Privileges survive dumps, upgrades and the renaming of roles.
 */
#pragma once

#include "identity/request.hpp"
#include "pg/postgres.hpp"

#include <string_view>
#include <type_traits>

namespace opigno::identity {

enum class Level { User, Gateway, Operator, Auditor, Learning };

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
    {"learning", Level::Learning, "access_learning"},
};

/* Defines the setting that names the owner of all objects of the extension. src/owner.sql reads
 * it. */
void define_owner_setting();

/* What a role may do in the extension. */
class Access {
  public:
    /*
     * Returns what the current role may do in a function of the extension. The answer is cached
     * until a role, a membership, a function or the owner of a database changes.
     */
    static Access of(Oid function);

    /* The owner of the function. All objects of the extension belong to this role;
     * pg_extension.extowner, the role that ran CREATE EXTENSION, can be another one. */
    [[nodiscard]] Oid owner() const { return owner_; }
    /* The schema of the extension. */
    [[nodiscard]] Oid schema() const { return schema_; }
    /* Whether the role has the rights of the extension's owner, as superusers have. */
    [[nodiscard]] bool is_owner() const { return is_owner_; }
    /* Whether the role has this level, directly or by inheritance. The owner has all levels. */
    [[nodiscard]] bool has(Level level) const { return (levels_ & bit_of(level)) != 0; }
    /* Whether the role may act on every user: by its level, or because the request is an operator's. */
    [[nodiscard]] bool acts_on_all() const { return has(Level::Operator) || acts_by_operator_request(); }
    /* Whether the role may read every user's data. */
    [[nodiscard]] bool reads_all() const
    {
        return (levels_ & (bit_of(Level::Operator) | bit_of(Level::Auditor))) != 0 ||
               acts_by_operator_request();
    }
    /* Whether the role may act on the trainings and the progress of every user, without more. */
    [[nodiscard]] bool acts_on_trainings() const { return has(Level::Learning) || acts_on_all(); }
    /* Whether the role may read the progress of every user. */
    [[nodiscard]] bool reads_all_progress() const { return has(Level::Learning) || reads_all(); }
    /* Whether the role may act for the user of a request. */
    [[nodiscard]] bool acts_by_request() const { return has(Level::User) || has(Level::Gateway); }

  private:
    [[nodiscard]] bool acts_by_operator_request() const
    {
        const Request *request = current_request();
        return request != nullptr && request->acts_on_all && acts_by_request();
    }

    static Access found(Oid function, Oid role);
    static constexpr unsigned bit_of(Level level) { return 1U << static_cast<unsigned>(level); }

    Oid owner_ = InvalidOid;
    Oid schema_ = InvalidOid;
    unsigned levels_ = 0;
    bool is_owner_ = false;
};

static_assert(std::is_trivially_destructible_v<Access>);

/* Makes Access::of() forget what it has cached when the catalogs change. */
void watch_catalogs();

} // namespace opigno::identity
