#include "schema/rights.hpp"

#include "identity/request.hpp"
#include "pg/error.hpp"
#include "pg/time.hpp"
#include "schema/check.hpp"
#include "json/merge/plan_writer.hpp"
#include "json/value/document.hpp"

#include <optional>

namespace opigno::schema {

namespace {

using identity::Request;
using identity::ScopeRegistry;
using json::schema::Rights;
using json::schema::ScopeSet;

/* Returns the base if the plan changes nothing. other: bytes of other documents in the plan. */
Jsonb *written(const json::Plan &plan, Jsonb *base, std::size_t other)
{
    if (!plan.changes())
        return base;
    json::check_pairs(plan.widest());
    auto *result = static_cast<Jsonb *>(json::allocate(VARSIZE(base) + other + plan.slack()));
    json::finish(result, json::write_plan(plan, VARDATA(result)));
    return result;
}

std::optional<json::Value> value_of(const Jsonb *document)
{
    if (document == nullptr)
        return std::nullopt;
    return json::value_of(document);
}

ScopeSet scopes_of(const Request *request, const Rights &rights, ScopeRegistry::View view)
{
    if (request == nullptr)
        return 0;
    const pg::Names held = pg::names_of(request->scope);
    ScopeRegistry registry(view);
    ScopeSet scopes = 0;
    for (std::size_t at = 0; at < rights.scopes.size(); ++at)
        if (registry.implies(held, rights.scopes[at].name))
            scopes |= ScopeSet{1} << at;
    return scopes;
}

/* The rights that were asked for last. The registry of scopes is read again for each statement. */
struct Last {
    DocumentKind kind = DocumentKind::Profile;
    const Rights *rights = nullptr;
    std::uint64_t cache_generation = 0;
    const Request *request = nullptr;
    std::uint64_t request_number = 0;
    TimestampTz statement = 0;
    TimestampTz transaction = 0;
    ScopeRegistry::View view = ScopeRegistry::View::Statement;

    bool operator==(const Last &) const = default;
};

} // namespace

Jsonb *RequestRights::visible(Jsonb *document) const
{
    if (sees_everything_ || !json::is_object(document))
        return document;
    json::Plan plan;
    json::schema::plan_visible(asker_, json::container_of(document), plan);
    return written(plan, document, 0);
}

Jsonb *RequestRights::kept(const Jsonb *stored, Jsonb *given) const
{
    if (sees_everything_ || stored == nullptr || !json::is_object(stored) || !json::is_object(given))
        return given;
    json::Plan plan;
    json::schema::plan_kept(asker_, json::container_of(stored), json::container_of(given), plan);
    return written(plan, given, VARSIZE(stored));
}

void RequestRights::check(const Jsonb *stored, const Jsonb *wanted, const Jsonb *given) const
{
    constexpr std::size_t max_found = 100;
    json::schema::Pointers found;
    json::schema::find_forbidden(asker_, {value_of(stored), value_of(wanted), value_of(given)}, max_found,
                                 found);
    pg::Errors errors;
    for (std::size_t at = 0; at < found.size(); ++at)
        errors.add({ERRCODE_INSUFFICIENT_PRIVILEGE, found[at],
                    found[at][0] == '\0'
                        ? psprintf("the request may not write %ss of the app", name_of(kind_))
                        : psprintf("the request may not write \"%s\"", found[at]),
                    hint_of(kind_)});
    errors.raise();
}

bool RequestRights::hides(const char *pointer, const Jsonb *given) const
{
    return !sees_everything_ && asker_.hides(pointer, value_of(given));
}

bool RequestRights::writes_unseen(const Jsonb *given) const
{
    return !sees_everything_ && json::schema::writes_unseen(asker_, json::value_of(given));
}

const RequestRights *rights_of_request(const Active &active, ScopeRegistry::View view)
{
    const Compiled *enforced = active.enforced.compiled;
    if (enforced == nullptr || enforced->rights == nullptr)
        return nullptr;
    static constinit Last last;
    static constinit std::optional<RequestRights> rights;
    const Request *request = identity::acting_request();
    const Last wanted{active.kind,
                      enforced->rights,
                      cache_generation(),
                      request,
                      identity::request_number(),
                      GetCurrentStatementStartTimestamp(),
                      GetCurrentTransactionStartTimestamp(),
                      view};
    if (!(last == wanted)) {
        const ScopeSet scopes = scopes_of(request, *wanted.rights, view);
        rights.emplace(wanted.kind, *wanted.rights, scopes);
        last = wanted;
    }
    return &*rights;
}

} // namespace opigno::schema
