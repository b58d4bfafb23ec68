/* Scopes a database knows: the built-in ones and those in opigno.site_scope. */
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
 * The registry as one call sees it, read when it is first needed: requests that
 * name built-in scopes only never read it. Results live in the memory context
 * that was current at construction.
 */
class ScopeRegistry {
  public:
    /*
     * What the calling statement sees, for reads; what the transaction sees by now,
     * for writes; what is committed by now whatever the isolation level, for a rule
     * over several rows.
     */
    enum class View { Statement, Transaction, Latest };

    explicit ScopeRegistry(View view) : view_(view) {}

    bool knows(std::string_view name);

    /* Whether who holds these scopes has `wanted`: one of them, or implied by one, directly or through
     * others. */
    bool implies(const pg::Names &held, std::string_view wanted);

    const pg::Vector<SiteScope> &site_scopes();

    /* One error (22023) that names the unknown scope, with the known ones as its hint. */
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
 * What a caller gave as `member`, as the scopes to store: known, each once, in the
 * order given; ANONYMOUS alone means none. One error (22023) for each flaw.
 */
ArrayType *checked_scopes(const pg::Names &names, ScopeRegistry &registry, const char *member,
                          pg::Errors &errors);

/* The same for one name, an empty one for none. */
ArrayType *checked_scope(std::string_view name, ScopeRegistry &registry, const char *member,
                         pg::Errors &errors);

/* The same for an argument of type text[]. */
ArrayType *checked_scopes(ArrayType *given, ScopeRegistry &registry, const char *member, pg::Errors &errors);

} // namespace opigno::identity
