/* The fields of introspection, and __typename. The objects are the tables of the schema. */
#include "gateway/graphql/resolver.hpp"

#include <algorithm>
#include <iterator>

namespace opigno::graphql {

namespace {

template <typename T> const T &item_of(const Object &object)
{
    return *static_cast<const T *>(object.item);
}

void write_text(json::Writer &out, std::string_view text)
{
    if (text.empty())
        out.null();
    else
        out.string(text);
}

/* Of a field, an argument or an enum value. */
template <typename T> constexpr Write name = [](const Execution &, const PlanField &, const Object &object,
                                                json::Writer &out) { out.string(item_of<T>(object).name); };
template <typename T>
constexpr Write description = [](const Execution &, const PlanField &, const Object &object,
                                 json::Writer &out) { write_text(out, item_of<T>(object).description); };
template <typename T> constexpr Write is_deprecated = [](const Execution &, const PlanField &,
                                                         const Object &object, json::Writer &out) {
    out.boolean(!item_of<T>(object).deprecation.empty());
};
template <typename T>
constexpr Write deprecation = [](const Execution &, const PlanField &, const Object &object,
                                 json::Writer &out) { write_text(out, item_of<T>(object).deprecation); };
constexpr Write never = [](const Execution &, const PlanField &, const Object &, json::Writer &out) {
    out.boolean(false);
};
constexpr Write null = [](const Execution &, const PlanField &, const Object &, json::Writer &out) {
    out.null();
};

/* An object of __Type. */
Object type_object(TypeReference type)
{
    return {nullptr, 0, type.type, type.layers};
}

template <typename T> void add_all(Resolution &resolution, std::size_t parent, std::span<const T> items)
{
    for (const T &item : items)
        resolution.item(parent, &item);
}

/* Adds those that are not deprecated, or all if the argument includeDeprecated says so. */
template <typename T> void add_shown(Resolution &resolution, std::size_t parent, std::span<const T> items)
{
    const bool shows_all = resolution.argument("includeDeprecated").is_true();
    resolution.list(parent);
    for (const T &item : items)
        if (shows_all || item.deprecation.empty())
            resolution.item(parent, &item);
}

template <typename Visit> void each_parent(Resolution &resolution, Visit visit)
{
    for (std::size_t parent = 0; parent < resolution.parents().size(); ++parent)
        visit(parent, resolution.parents()[parent]);
}

/* ---- the query type and __Schema ---- */

void resolve_schema(Resolution &resolution)
{
    resolution.item(0, nullptr);
}

void resolve_type(Resolution &resolution)
{
    const Type *type = resolution.execution().schema().find_type(resolution.argument("name").text);
    if (type != nullptr)
        resolution.object(0, type_object(*type));
}

void resolve_types(Resolution &resolution)
{
    each_parent(resolution, [&](std::size_t parent, const Object &) {
        for (const auto types : {resolution.execution().schema().types(), introspection_types()})
            for (const Type *type : types)
                resolution.object(parent, type_object(*type));
    });
}

void resolve_query_type(Resolution &resolution)
{
    each_parent(resolution, [&](std::size_t parent, const Object &) {
        resolution.object(parent, type_object(resolution.execution().schema().query()));
    });
}

void resolve_mutation_type(Resolution &resolution)
{
    each_parent(resolution, [&](std::size_t parent, const Object &) {
        if (const Type *type = resolution.execution().schema().mutation(); type != nullptr)
            resolution.object(parent, type_object(*type));
    });
}

void resolve_nothing(Resolution &)
{
}

void resolve_directives(Resolution &resolution)
{
    each_parent(resolution,
                [&](std::size_t parent, const Object &) { add_all(resolution, parent, directive_types()); });
}

/* ---- __Type ---- */

const char *kind_of(const Object &object)
{
    switch (object.layers.outer()) {
    case Layer::NonNull:
        return "NON_NULL";
    case Layer::List:
        return "LIST";
    case Layer::None:
        break;
    }
    switch (item_of<Type>(object).kind) {
    case TypeKind::Scalar:
        return "SCALAR";
    case TypeKind::Enum:
        return "ENUM";
    case TypeKind::Object:
        return "OBJECT";
    case TypeKind::InputObject:
        break;
    }
    return "INPUT_OBJECT";
}

/* Whether the object is a named type of this kind. */
bool is_named(const Object &object, TypeKind kind)
{
    return object.layers.empty() && item_of<Type>(object).kind == kind;
}

constexpr Write type_kind = [](const Execution &, const PlanField &, const Object &object,
                               json::Writer &out) { out.string(kind_of(object)); };
constexpr Write type_name = [](const Execution &, const PlanField &, const Object &object,
                               json::Writer &out) {
    write_text(out, object.layers.empty() ? item_of<Type>(object).name : std::string_view());
};
constexpr Write type_description = [](const Execution &, const PlanField &, const Object &object,
                                      json::Writer &out) {
    write_text(out, object.layers.empty() ? item_of<Type>(object).description : std::string_view());
};
constexpr Write type_specified_by = [](const Execution &, const PlanField &, const Object &object,
                                       json::Writer &out) {
    write_text(out, object.layers.empty() ? item_of<Type>(object).specified_by : std::string_view());
};
constexpr Write type_is_one_of = [](const Execution &, const PlanField &, const Object &object,
                                    json::Writer &out) {
    if (is_named(object, TypeKind::InputObject))
        out.boolean(false);
    else
        out.null();
};

void resolve_fields(Resolution &resolution)
{
    each_parent(resolution, [&](std::size_t parent, const Object &object) {
        if (is_named(object, TypeKind::Object))
            add_shown(resolution, parent, item_of<Type>(object).fields);
    });
}

void resolve_interfaces(Resolution &resolution)
{
    each_parent(resolution, [&](std::size_t parent, const Object &object) {
        if (is_named(object, TypeKind::Object))
            resolution.list(parent);
    });
}

void resolve_enum_values(Resolution &resolution)
{
    each_parent(resolution, [&](std::size_t parent, const Object &object) {
        if (!is_named(object, TypeKind::Enum))
            return;
        const Type &type = item_of<Type>(object);
        add_shown(resolution, parent, type.values);
        if (type.has_site_scopes)
            add_all(resolution, parent, resolution.execution().schema().site_scopes());
    });
}

void resolve_input_fields(Resolution &resolution)
{
    each_parent(resolution, [&](std::size_t parent, const Object &object) {
        if (is_named(object, TypeKind::InputObject))
            add_shown(resolution, parent, item_of<Type>(object).input_fields);
    });
}

void resolve_of_type(Resolution &resolution)
{
    each_parent(resolution, [&](std::size_t parent, const Object &object) {
        if (!object.layers.empty())
            resolution.object(parent, type_object({&item_of<Type>(object), object.layers.inner()}));
    });
}

/* ---- __Field, __InputValue, __Directive ---- */

template <typename T> void resolve_arguments(Resolution &resolution)
{
    each_parent(resolution, [&](std::size_t parent, const Object &object) {
        add_shown(resolution, parent, item_of<T>(object).arguments);
    });
}

template <typename T> void resolve_type_of(Resolution &resolution)
{
    each_parent(resolution, [&](std::size_t parent, const Object &object) {
        resolution.object(parent, type_object(item_of<T>(object).type));
    });
}

constexpr Write default_value = [](const Execution &, const PlanField &, const Object &object,
                                   json::Writer &out) {
    write_text(out, item_of<InputValue>(object).default_value);
};

constexpr Write locations = [](const Execution &, const PlanField &, const Object &object,
                               json::Writer &out) {
    out.begin_array();
    for (const DirectiveLocation location : item_of<DirectiveType>(object).locations)
        out.string(name_of(location));
    out.end_array();
};

constexpr Write own_type_name = [](const Execution &, const PlanField &field, const Object &,
                                   json::Writer &out) { out.string(field.owner->name); };

struct Meta {
    std::string_view owner; /* empty: any */
    std::string_view field;
    Resolver resolver;
};

constexpr Meta metas[] = {
    {"", "__typename", {nullptr, own_type_name}},
    {"", "__schema", {resolve_schema}},
    {"", "__type", {resolve_type}},
    {"__Schema", "description", {nullptr, null}},
    {"__Schema", "types", {resolve_types}},
    {"__Schema", "queryType", {resolve_query_type}},
    {"__Schema", "mutationType", {resolve_mutation_type}},
    {"__Schema", "subscriptionType", {resolve_nothing}},
    {"__Schema", "directives", {resolve_directives}},
    {"__Type", "kind", {nullptr, type_kind}},
    {"__Type", "name", {nullptr, type_name}},
    {"__Type", "description", {nullptr, type_description}},
    {"__Type", "specifiedByURL", {nullptr, type_specified_by}},
    {"__Type", "isOneOf", {nullptr, type_is_one_of}},
    {"__Type", "fields", {resolve_fields}},
    {"__Type", "interfaces", {resolve_interfaces}},
    {"__Type", "possibleTypes", {resolve_nothing}},
    {"__Type", "enumValues", {resolve_enum_values}},
    {"__Type", "inputFields", {resolve_input_fields}},
    {"__Type", "ofType", {resolve_of_type}},
    {"__Field", "name", {nullptr, name<Field>}},
    {"__Field", "description", {nullptr, description<Field>}},
    {"__Field", "args", {resolve_arguments<Field>}},
    {"__Field", "type", {resolve_type_of<Field>}},
    {"__Field", "isDeprecated", {nullptr, is_deprecated<Field>}},
    {"__Field", "deprecationReason", {nullptr, deprecation<Field>}},
    {"__InputValue", "name", {nullptr, name<InputValue>}},
    {"__InputValue", "description", {nullptr, description<InputValue>}},
    {"__InputValue", "type", {resolve_type_of<InputValue>}},
    {"__InputValue", "defaultValue", {nullptr, default_value}},
    {"__InputValue", "isDeprecated", {nullptr, is_deprecated<InputValue>}},
    {"__InputValue", "deprecationReason", {nullptr, deprecation<InputValue>}},
    {"__EnumValue", "name", {nullptr, name<EnumValue>}},
    {"__EnumValue", "description", {nullptr, description<EnumValue>}},
    {"__EnumValue", "isDeprecated", {nullptr, is_deprecated<EnumValue>}},
    {"__EnumValue", "deprecationReason", {nullptr, deprecation<EnumValue>}},
    {"__Directive", "name", {nullptr, name<DirectiveType>}},
    {"__Directive", "description", {nullptr, description<DirectiveType>}},
    {"__Directive", "isRepeatable", {nullptr, never}},
    {"__Directive", "locations", {nullptr, locations}},
    {"__Directive", "args", {resolve_arguments<DirectiveType>}},
    {"__Directive", "isDeprecated", {nullptr, never}},
    {"__Directive", "deprecationReason", {nullptr, null}},
};

} // namespace

const Resolver &introspection_resolver(const Type &owner, const Field &field)
{
    const auto *found = std::find_if(std::begin(metas), std::end(metas), [&](const Meta &meta) {
        return meta.field == field.name && (meta.owner.empty() || meta.owner == owner.name);
    });
    if (found == std::end(metas))
        elog(ERROR, "field %s has no resolver", field.name.data());
    return found->resolver;
}

} // namespace opigno::graphql
