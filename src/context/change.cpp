#include "context/change.hpp"

#include "identity/user_uuid.hpp"
#include "pg/text.hpp"
#include "text/display_text.hpp"
#include "json/value/reader.hpp"

namespace opigno::context {

namespace {

void add_wrong_type(const char *member, const char *expected, const JsonbValue &value, pg::Faults &faults)
{
    faults.add(ERRCODE_INVALID_PARAMETER_VALUE, member, "\"%s\" must be %s, not %s", member, expected,
               json::type_of(value));
}

text *string_member(const JsonbValue &value, const char *member, pg::Faults &faults)
{
    if (value.type == jbvString)
        return pg::make_text(json::string_of(value));
    add_wrong_type(member, "a string", value, faults);
    return nullptr;
}

ArrayType *scope_member(const JsonbValue &value, identity::ScopeRegistry &registry, pg::Faults &faults)
{
    constexpr const char *member = json_names.scope;
    if (value.type == jbvString)
        return identity::checked_scope(json::string_of(value), registry, member, faults);
    if (!json::is_array(value)) {
        add_wrong_type(member, "a string or an array of strings", value, faults);
        return nullptr;
    }
    pg::Names names;
    json::each_element(value, [&](const JsonbValue &element) {
        names.push_back(element.type == jbvString ? json::string_of(element) : std::string_view());
    });
    return identity::checked_scopes(names, registry, member, faults);
}

void add_unknown_member(std::string_view name, pg::Faults &faults)
{
    const char *member = faults.is_full() ? nullptr : pnstrdup(name.data(), name.size());
    faults.add(ERRCODE_INVALID_PARAMETER_VALUE, member, "unknown member \"%.*s\"", pg::clipped_length(name),
               name.data());
}

/* Takes one member other than uuid over into the change. */
void take_member(std::string_view name, const JsonbValue &value, identity::ScopeRegistry &registry,
                 Change &change, pg::Faults &faults)
{
    const bool given = value.type != jbvNull;
    if (name == json_names.display_name) {
        change.display_name_given = given;
        if (given)
            change.display_name = texts::checked_display_text(
                string_member(value, json_names.display_name, faults), json_names.display_name, faults);
    } else if (name == json_names.is_active) {
        change.is_active_given = given;
        if (value.type == jbvBool)
            change.is_active = value.val.boolean;
        else if (given)
            add_wrong_type(json_names.is_active, "a boolean", value, faults);
    } else if (name == json_names.scope) {
        if (given)
            change.scope = scope_member(value, registry, faults);
    } else {
        add_unknown_member(name, faults);
    }
}

} // namespace

void add_missing(const Change &change, const Spelling &spelling, pg::Faults &faults)
{
    const auto require = [&](bool given, const char *member) {
        if (given)
            return;
        faults.add(ERRCODE_INVALID_PARAMETER_VALUE, member, "\"%s\" is required to create a user context",
                   member);
        faults.hint("No user context has this uuid yet. To change an existing one, check the uuid.");
    };
    require(change.display_name_given, spelling.display_name);
    require(change.is_active_given, spelling.is_active);
}

Change change_from_arguments(FunctionCallInfo fcinfo, pg::Faults &faults)
{
    Change change;
    change.uuid = identity::checked_user_uuid(pg::text_argument(fcinfo, 0), argument_names.uuid, faults);
    change.display_name =
        texts::checked_display_text(pg::text_argument(fcinfo, 1), argument_names.display_name, faults);
    change.display_name_given = change.display_name != nullptr;
    if (!PG_ARGISNULL(2))
        change.is_active = PG_GETARG_BOOL(2);
    change.is_active_given = change.is_active.has_value();
    if (!PG_ARGISNULL(3)) {
        identity::ScopeRegistry registry(identity::ScopeRegistry::View::Transaction);
        change.scope =
            identity::checked_scope(pg::view(PG_GETARG_TEXT_PP(3)), registry, argument_names.scope, faults);
    }
    return change;
}

Change change_from_json(const JsonbValue &payload, identity::ScopeRegistry &registry, pg::Faults &faults)
{
    Change change;
    if (!json::is_object(payload)) {
        faults.add(ERRCODE_INVALID_PARAMETER_VALUE, nullptr, "user context must be a JSON object, not %s",
                   json::type_of(payload));
        return change;
    }
    text *uuid = nullptr;
    bool uuid_at_fault = false;
    json::each_member(payload, [&](std::string_view name, const JsonbValue &value) {
        if (name != json_names.uuid)
            take_member(name, value, registry, change, faults);
        else if (value.type != jbvNull) {
            uuid = string_member(value, json_names.uuid, faults);
            uuid_at_fault = uuid == nullptr;
        }
    });
    if (!uuid_at_fault)
        change.uuid = identity::checked_user_uuid(uuid, json_names.uuid, faults);
    return change;
}

} // namespace opigno::context
