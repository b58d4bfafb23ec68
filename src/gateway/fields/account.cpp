#include "gateway/fields/account.hpp"

#include "gateway/fields/context.hpp"
#include "gateway/fields/outcome.hpp"
#include "pg/text.hpp"
#include "json/text/string_text.hpp"
#include "json/text/text_scanner.hpp"

#include <algorithm>
#include <iterator>

namespace opigno::fields {

using graphql::string_type;
using graphql::TypeKind;

namespace {

/* The members of an account that every site has, and the fields that show them. */
struct Member {
    std::string_view name;
    std::string_view field;
};
constexpr Member members[] = {
    {"username", "username"},
    {"name", "name"},
    {"is_active", "isActive"},
    {"date_joined", "dateJoined"},
    {"scope", "scope"},
    {"account_privacy", "accountPrivacy"},
    {"preferences", "preferences"},
    {"preferences_version", "preferencesVersion"},
    {"version", "version"},
    {"id", "id"},
    {"extended_profile", "extendedProfile"},
    {"field_name", "fieldName"},
    {"field_value", "fieldValue"},
};

constexpr Oid types[] = {TEXTARRAYOID};
constinit pg::CallerStatement get_accounts("SELECT a.account::text, u.place::integer"
                                           " FROM unnest($1) WITH ORDINALITY AS u (uuid, place)"
                                           "  JOIN opigno.get_accounts($1) AS a ON a.user_uuid = u.uuid"
                                           " ORDER BY u.place",
                                           types);

/* Calls visit(parent, account) for each user context of which the request may see something. */
template <typename Visit> void each_account(Resolution &resolution, Visit visit)
{
    const Datum uuids = uuids_of(resolution.parents());
    const SPITupleTable *rows = resolution.read(get_accounts, &uuids);
    for (std::uint64_t row = 0; row < rows->numvals; ++row) {
        CHECK_FOR_INTERRUPTS();
        const std::int32_t place = DatumGetInt32(*graphql::column({rows, row}, 2));
        visit(static_cast<std::size_t>(place) - 1,
              pg::view(DatumGetTextPP(*graphql::column({rows, row}, 1))));
    }
}

/* An object of Account or ExtendedProfileField is a JSON object as text. */
const std::string_view *kept(std::string_view text)
{
    auto *copy = static_cast<std::string_view *>(palloc(sizeof(std::string_view)));
    *copy = text;
    return copy;
}

std::string_view text_of(const Object &object)
{
    return *static_cast<const std::string_view *>(object.item);
}

void resolve_account(Resolution &resolution)
{
    each_account(resolution, [&](std::size_t parent, std::string_view account) {
        resolution.item(parent, kept(account));
    });
}

void resolve_preferences(Resolution &resolution)
{
    each_account(resolution, [&](std::size_t parent, std::string_view account) {
        resolution.json(parent, member_of(account, "preferences"));
    });
}

void write_member(const graphql::Execution &, const graphql::PlanField &field, const Object &object,
                  json::Writer &out)
{
    const auto *known = std::find_if(std::begin(members), std::end(members),
                                     [&](const Member &member) { return member.field == field.field->name; });
    out.json(member_of(text_of(object), known->name));
}

/* The members that the site has configured. */
void write_fields(const graphql::Execution &, const graphql::PlanField &, const Object &object,
                  json::Writer &out)
{
    out.begin_object();
    json::each_member_text(text_of(object), [&](std::string_view name, std::string_view value) {
        if (std::none_of(std::begin(members), std::end(members),
                         [&](const Member &member) { return member.name == name; }))
            out.member(json::unescaped(name)).json(value);
    });
    out.end_object();
}

void resolve_extended_profile(Resolution &resolution)
{
    for (std::size_t at = 0; at < resolution.parents().size(); ++at) {
        const std::string_view list = member_of(text_of(resolution.parents()[at]), "extended_profile");
        if (list == "null")
            continue;
        resolution.list(at);
        json::each_element_text(list, [&](std::string_view entry) { resolution.item(at, kept(entry)); });
    }
}

constexpr Resolver resolvers[] = {
    {resolve_account},       {resolve_preferences},      {nullptr, write_member},
    {nullptr, write_fields}, {resolve_extended_profile},
};

constexpr int member = resolver(account_room, account::member);
constexpr Field account_fields[] = {
    {"username", non_null(string_type), "The user uuid.", {}, {}, member},
    {"name", string_type, "The display name.", {}, {}, member},
    {"isActive", graphql::boolean_type, "Whether the user can act.", {}, {}, member},
    {"dateJoined", date_time_type, "When the user context was created.", {}, {}, member},
    {"scope", list_of(non_null(scope_type)), "The permissions of the user.", {}, {}, member},
    {"fields",
     non_null(json_type),
     "The members that the site has configured, as one object.",
     {},
     {},
     resolver(account_room, account::fields)},
    {"extendedProfile",
     list_of(non_null(extended_profile_field_type)),
     "The other fields.",
     {},
     {},
     resolver(account_room, account::extended_profile)},
    {"accountPrivacy", string_type, "Whom the user shows the account.", {}, {}, member},
    {"version", big_int_type, "Increases with each change.", {}, {}, member},
};

constexpr Field extended_profile_fields[] = {
    {"fieldName", non_null(string_type), "The name of the field.", {}, {}, member},
    {"fieldValue", json_type, "The value of the field; an empty text if there is none.", {}, {}, member},
};

} // namespace

constinit const std::span<const Resolver> account_resolvers(resolvers);

constinit const Type account_type = {
    TypeKind::Object, "Account", "Optional data of a user. A member is null if the request may not see it.",
    account_fields};
constinit const Type extended_profile_field_type = {TypeKind::Object, "ExtendedProfileField",
                                                    "A field of an account.", extended_profile_fields};

} // namespace opigno::fields
