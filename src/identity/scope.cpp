#include "identity/scope.hpp"

#include "identity/scope_name.hpp"
#include "pg/spi.hpp"

#include <algorithm>

namespace opigno::identity {

namespace {

constexpr std::size_t max_in_hint = 20;

/* Two statements, since the caller and the owner have different settings of search_path, and a
 * change of search_path makes a plan invalid. */
constexpr const char *select_site_scopes =
    "SELECT s.scope, s.implies, coalesce(s.description, '') FROM opigno.site_scope AS s ORDER BY s.scope";
constinit pg::CallerStatement select_as_caller(select_site_scopes);
constinit pg::Statement select_as_owner(select_site_scopes);

bool contains(const pg::Names &names, std::string_view name)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::uint64_t select_scopes(ScopeRegistry::View view)
{
    if (view == ScopeRegistry::View::Statement)
        return select_as_caller.read(nullptr);
    return view == ScopeRegistry::View::Transaction ? select_as_owner.read_latest(nullptr)
                                                    : select_as_owner.read_committed(nullptr);
}

} // namespace

void ScopeRegistry::load()
{
    if (loaded_)
        return;
    pg::with_spi([&](MemoryContext) {
        const std::uint64_t rows = select_scopes(view_);
        MemoryContext previous = MemoryContextSwitchTo(context_);
        for (std::uint64_t row = 0; row < rows; ++row)
            site_.push_back({pg::view(DatumGetTextPCopy(pg::column(1, row))),
                             pg::names_of(DatumGetArrayTypePCopy(pg::column(2, row))),
                             pg::view(DatumGetTextPCopy(pg::column(3, row)))});
        MemoryContextSwitchTo(previous);
        return 0;
    });
    loaded_ = true;
}

const pg::Vector<SiteScope> &ScopeRegistry::site_scopes()
{
    load();
    return site_;
}

/* A binary search: the scopes are sorted by the bytes of their names. */
const SiteScope *ScopeRegistry::find_site_scope(std::string_view name)
{
    load();
    const SiteScope *found =
        std::lower_bound(site_.begin(), site_.end(), name,
                         [](const SiteScope &scope, std::string_view wanted) { return scope.name < wanted; });
    return found != site_.end() && found->name == name ? found : nullptr;
}

bool ScopeRegistry::knows(std::string_view name)
{
    return find_built_in(name) != nullptr || find_site_scope(name) != nullptr;
}

void ScopeRegistry::push_implied(std::string_view name, pg::Names &reached)
{
    const auto push = [&](std::string_view implied) {
        if (!contains(reached, implied))
            reached.push_back(implied);
    };
    if (const BuiltInScope *built_in = find_built_in(name); built_in != nullptr) {
        if (!built_in->implies.empty())
            push(built_in->implies);
    } else if (const SiteScope *site = find_site_scope(name); site != nullptr) {
        for (const std::string_view implied : site->implies)
            push(implied);
    }
}

bool ScopeRegistry::implies(const pg::Names &held, std::string_view wanted)
{
    if (contains(held, wanted))
        return true;
    pg::Names reached;
    for (const std::string_view name : held)
        reached.push_back(name);
    for (std::size_t at = 0; at < reached.size(); ++at) {
        CHECK_FOR_INTERRUPTS();
        if (reached[at] == wanted)
            return true;
        push_implied(reached[at], reached);
    }
    return false;
}

const char *ScopeRegistry::hint()
{
    if (hint_ != nullptr)
        return hint_;
    load();
    MemoryContext previous = MemoryContextSwitchTo(context_);
    StringInfoData known;
    initStringInfo(&known);
    appendStringInfoString(&known, "Known scopes are ");
    const char *separator = "";
    const auto append = [&](std::string_view scope) {
        appendStringInfo(&known, "%s%.*s", separator, static_cast<int>(scope.size()), scope.data());
        separator = ", ";
    };
    for (const BuiltInScope &scope : built_in_scopes)
        append(scope.name);
    const std::size_t shown = std::min(site_.size(), max_in_hint);
    for (std::size_t at = 0; at < shown; ++at)
        append(site_[at].name);
    if (shown < site_.size())
        appendStringInfo(&known, " and %zu more, listed by opigno.scopes()", site_.size() - shown);
    appendStringInfoString(&known, "; opigno.register_scope() adds a site's own.");
    MemoryContextSwitchTo(previous);
    return hint_ = known.data;
}

void ScopeRegistry::add_unknown(std::string_view name, const char *member, pg::Errors &errors)
{
    errors.add(ERRCODE_INVALID_PARAMETER_VALUE, member, "unknown scope \"%.*s\"", pg::clipped_length(name),
               name.data());
    errors.hint(hint());
}

ArrayType *checked_scopes(const pg::Names &names, ScopeRegistry &registry, const char *member,
                          pg::Errors &errors)
{
    if (names.size() == 1 && names[0] == anonymous)
        return construct_empty_array(TEXTOID);
    pg::Names accepted;
    for (std::size_t at = 0; at < names.size(); ++at) {
        CHECK_FOR_INTERRUPTS();
        const std::string_view name = names[at];
        errors.set_element(static_cast<int>(at));
        if (name.data() == nullptr)
            errors.add(ERRCODE_INVALID_PARAMETER_VALUE, member,
                       "\"%s\" must contain nothing but names of scopes", member);
        else if (name == anonymous)
            errors.add(ERRCODE_INVALID_PARAMETER_VALUE, member,
                       "scope \"ANONYMOUS\" means no scope and stands alone");
        else if (contains(accepted, name))
            errors.add(ERRCODE_INVALID_PARAMETER_VALUE, member, "scope \"%.*s\" is given twice",
                       pg::clipped_length(name), name.data());
        else if (!registry.knows(name))
            registry.add_unknown(name, member, errors);
        else
            accepted.push_back(name);
    }
    errors.set_element(-1);
    return pg::make_array(accepted);
}

ArrayType *checked_scope(std::string_view name, ScopeRegistry &registry, const char *member,
                         pg::Errors &errors)
{
    pg::Names names;
    if (name.empty() || name == anonymous)
        return pg::make_array(names);
    if (!registry.knows(name))
        registry.add_unknown(name, member, errors);
    names.push_back(name);
    return pg::make_array(names);
}

ArrayType *checked_scopes(ArrayType *given, ScopeRegistry &registry, const char *member, pg::Errors &errors)
{
    if (ARR_NDIM(given) > 1) {
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, member, "\"%s\" must be a one-dimensional array", member);
        return nullptr;
    }
    return checked_scopes(pg::names_of(given), registry, member, errors);
}

} // namespace opigno::identity
