/* The scopes that exist in a database: the built-in ones and those in opigno.site_scope. */
#pragma once

#include "pg/array.hpp"
#include "pg/error.hpp"
#include "pg/vector.hpp"

#include <string_view>

namespace opigno::identity {

struct SiteScope {
    std::string_view name;
    pg::Names implies;
    std::string_view description;
};

/*
 * The scopes as one call sees them. opigno.site_scope is read when a scope that is not built in is
 * first looked up. Results live in the memory context that was current at construction.
 */
class ScopeRegistry {
  public:
    /*
     * Which snapshot to use. Statement: that of the calling statement, for reads. Transaction: a
     * new one as the isolation level allows, for writes. Latest: all that is committed, at every
     * isolation level, for rules over several rows.
     */
    enum class View { Statement, Transaction, Latest };

    explicit ScopeRegistry(View view) : view_(view) {}

    bool knows(std::string_view name);

    /* Whether `wanted` is one of the scopes held, or is implied by one of them, directly or through
     * others. */
    bool implies(const pg::Names &held, std::string_view wanted);

    const pg::Vector<SiteScope> &site_scopes();

    /* Adds an error (22023) that names the unknown scope and has the known ones in its hint. */
    void add_unknown(std::string_view name, const char *member, pg::Errors &errors);

  private:
    void load();
    const SiteScope *find_site_scope(std::string_view name);
    void push_implied(std::string_view name, pg::Names &reached);
    const char *hint();

    View view_;
    MemoryContext context_ = CurrentMemoryContext;
    bool loaded_ = false;
    const char *hint_ = nullptr;
    pg::Vector<SiteScope> site_;
};

static_assert(std::is_trivially_destructible_v<ScopeRegistry>);

/*
 * Checks the scopes that a caller gave as `member` and returns the scopes to store, in the same
 * order. Each must be known and may be given once. ANONYMOUS alone means no scope. Adds an error
 * (22023) for each flaw.
 */
ArrayType *checked_scopes(const pg::Names &names, ScopeRegistry &registry, const char *member,
                          pg::Errors &errors);

/* The same for one name. An empty name means no scope. */
ArrayType *checked_scope(std::string_view name, ScopeRegistry &registry, const char *member,
                         pg::Errors &errors);

/* The same for an argument of type text[]. */
ArrayType *checked_scopes(ArrayType *given, ScopeRegistry &registry, const char *member, pg::Errors &errors);

} // namespace opigno::identity
