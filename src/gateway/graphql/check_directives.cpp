/* Rules: Directives Are Defined, In Valid Locations, Unique per Location; and of their arguments. */
#include "gateway/graphql/check_arguments.hpp"
#include "gateway/graphql/check_names.hpp"
#include "gateway/graphql/walk.hpp"

namespace opigno::graphql {

namespace {

void check_directive(ValidationContext &context, const Directive &directive, DirectiveLocation location)
{
    const std::string_view name = directive.name.text;
    check_unique_names(context, directive.arguments, "argument named \"");
    if (directive.type == nullptr) {
        context.report({"Unknown directive \"@", name, "\"."}, {directive.at});
        return;
    }
    if (!directive.type->may_be_at(location))
        context.report({"Directive \"@", name, "\" may not be used on ", name_of(location), "."},
                       {directive.at});
    const auto declared = directive.type->arguments;
    check_known_arguments(context, directive.arguments, declared, {"directive \"@", name, "\""});
    check_required_arguments(context, directive.arguments, declared, {"Directive \"@", name, "\""},
                             directive.at);
}

void check_unique(ValidationContext &context, const Chain<Directive> &directives)
{
    Names<const Directive> known(context.arena());
    for (const Directive &directive : directives) {
        if (directive.type == nullptr)
            continue;
        const Directive *&first = known[directive.name.text];
        if (first == nullptr)
            first = &directive;
        else
            context.report(
                {"The directive \"@", directive.name.text, "\" can only be used once at this location."},
                {first->at, directive.at});
    }
}

} // namespace

void check_directives(ValidationContext &context)
{
    each_directives(context.document(), [&context](Definition &, const Chain<Directive> &directives,
                                                   DirectiveLocation location, const Field *) {
        for (const Directive &directive : directives)
            check_directive(context, directive, location);
        if (directives.size() > 1)
            check_unique(context, directives);
    });
}

} // namespace opigno::graphql
