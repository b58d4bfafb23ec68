#include "identity/scope.hpp"

#include "identity/scope_name.hpp"
#include "pg/spi.hpp"

#include <algorithm>

namespace opigno::identity {

namespace {

constinit pg::Statement select_site_scopes(
    "SELECT s.scope, s.implies, coalesce(s.description, '') FROM opigno.site_scope AS s ORDER BY s.scope");

bool contains(const pg::Names &names, std::string_view name)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

void push_implied(const pg::Names &implied, pg::Names &reached)
{
    for (const std::string_view name : implied)
        if (!contains(reached, name))
            reached.push_back(name);
}

} // namespace

void ScopeRegistry::load()
{
    if (loaded_)
        return;
    pg::with_spi([&](MemoryContext) {
        const std::uint64_t rows = snapshot_ == Snapshot::Latest ? select_site_scopes.read_latest(nullptr)
                                                                 : select_site_scopes.read(nullptr);
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

bool ScopeRegistry::knows(std::string_view name)
{
    if (find_built_in(name) != nullptr)
        return true;
    load();
    return std::any_of(site_.begin(), site_.end(),
                       [&](const SiteScope &scope) { return scope.name == name; });
}

bool ScopeRegistry::implies(std::string_view held, std::string_view wanted)
{
    pg::Names reached;
    reached.push_back(held);
    for (std::size_t at = 0; at < reached.size(); ++at) {
        const std::string_view name = reached[at];
        if (name == wanted)
            return true;
        if (const BuiltInScope *built_in = find_built_in(name); built_in != nullptr) {
            if (!built_in->implies.empty() && !contains(reached, built_in->implies))
                reached.push_back(built_in->implies);
            continue;
        }
        load();
        for (const SiteScope &scope : site_)
            if (scope.name == name)
                push_implied(scope.implies, reached);
    }
    return false;
}

void ScopeRegistry::add_unknown(std::string_view name, const char *member, pg::Faults &faults)
{
    load();
    faults.add(ERRCODE_INVALID_PARAMETER_VALUE, member, "unknown scope \"%.*s\"", pg::clipped_length(name),
               name.data());
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
    for (const SiteScope &scope : site_)
        append(scope.name);
    appendStringInfoString(&known, "; opigno.register_scope() adds a site's own.");
    faults.hint(known.data);
}

ArrayType *checked_scopes(const pg::Names &names, ScopeRegistry &registry, const char *member,
                          pg::Faults &faults)
{
    if (names.size() == 1 && names[0] == anonymous)
        return construct_empty_array(TEXTOID);
    pg::Names accepted;
    for (const std::string_view name : names) {
        CHECK_FOR_INTERRUPTS();
        if (name.data() == nullptr)
            faults.add(ERRCODE_INVALID_PARAMETER_VALUE, member, "\"%s\" must not contain null", member);
        else if (name == anonymous)
            faults.add(ERRCODE_INVALID_PARAMETER_VALUE, member,
                       "scope \"ANONYMOUS\" means no scope and stands alone");
        else if (contains(accepted, name))
            faults.add(ERRCODE_INVALID_PARAMETER_VALUE, member, "scope \"%.*s\" is given twice",
                       pg::clipped_length(name), name.data());
        else if (!registry.knows(name))
            registry.add_unknown(name, member, faults);
        else
            accepted.push_back(name);
    }
    return pg::make_array(accepted);
}

ArrayType *checked_scopes(ArrayType *given, ScopeRegistry &registry, const char *member, pg::Faults &faults)
{
    if (ARR_NDIM(given) > 1) {
        faults.add(ERRCODE_INVALID_PARAMETER_VALUE, member, "\"%s\" must be a one-dimensional array", member);
        return nullptr;
    }
    return checked_scopes(pg::names_of(given), registry, member, faults);
}

} // namespace opigno::identity
