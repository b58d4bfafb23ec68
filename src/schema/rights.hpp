/* What requests may see and write of an app's documents, as the enforced schema says. */
#pragma once

#include "identity/scope.hpp"
#include "schema/active.hpp"
#include "json/schema/rights.hpp"

namespace opigno::schema {

/* The rights of the current request. Those who act on every user have no such limits. */
class RequestRights {
  public:
    RequestRights(DocumentKind kind, const json::schema::Rights &rights, json::schema::ScopeSet scopes)
        : kind_(kind), asker_(rights, scopes), sees_everything_(asker_.sees_everything())
    {
    }

    [[nodiscard]] bool sees_everything() const { return sees_everything_; }

    /* Returns the document without the members that the request may not see. */
    [[nodiscard]] Jsonb *visible(Jsonb *document) const;

    /* Returns the document that replaces a stored one, with the stored members that the request does
     * not see and the document does not have. stored: nullptr if there is none. */
    [[nodiscard]] Jsonb *kept(const Jsonb *stored, Jsonb *given) const;

    /* Raises 42501 with all places that the request may not write. given: the document or patch of
     * the request. nullptr: there is no such document. */
    void check(const Jsonb *stored, const Jsonb *wanted, const Jsonb *given) const;

    /* Whether an error at this place of a document would tell of a member that the request may not see.
     * given: as for check() */
    [[nodiscard]] bool hides(const char *pointer, const Jsonb *given) const;

    /* Whether a document or patch has members that the request may write and not see. */
    [[nodiscard]] bool writes_unseen(const Jsonb *given) const;

  private:
    DocumentKind kind_;
    json::schema::Asker asker_;
    bool sees_everything_;
};

static_assert(std::is_trivially_destructible_v<RequestRights>);

/*
 * Returns the rights of the current request, or nullptr if the enforced schema gives none, so that
 * nothing is limited. Without a request there are no scopes. The result is valid until the next call
 * and the next call of active_schemas(). view: Statement for the caller, Transaction for the owner.
 */
const RequestRights *rights_of_request(const Active &active, identity::ScopeRegistry::View view);

} // namespace opigno::schema
