#include "gateway/fields/app.hpp"

namespace opigno::fields {

using graphql::string_type;
using graphql::TypeKind;

namespace {

constinit pg::CallerStatement
    list_apps("SELECT a.app_id, a.app, a.description, a.domains FROM opigno.list_apps() AS a");

void resolve_list(Resolution &resolution)
{
    const SPITupleTable *rows = resolution.read(list_apps, nullptr);
    resolution.list(0);
    for (std::uint64_t row = 0; row < rows->numvals; ++row)
        resolution.object(0, {rows, row});
}

constexpr Resolver resolvers[] = {{resolve_list}};

constexpr Field app_fields[] = {
    {"appId", non_null(graphql::int_type), "The number of the app.", {}, {}, property(1, Form::Integer)},
    {"app", non_null(string_type), "The name.", {}, {}, property(2, Form::Text)},
    {"description", string_type, "A text for people.", {}, {}, property(3, Form::Text)},
    {"domains",
     non_null(list_of(non_null(string_type))),
     "The domains of the app's web pages.",
     {},
     {},
     property(4, Form::Names)},
};

} // namespace

constinit const std::span<const Resolver> app_resolvers(resolvers);

constinit const Type app_type = {TypeKind::Object, "App", "A registered application.", app_fields};

} // namespace opigno::fields
