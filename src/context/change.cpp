#include "context/change.hpp"

#include "identity/shard.hpp"
#include "identity/user.hpp"
#include "identity/user_uuid.hpp"
#include "pg/array.hpp"
#include "pg/jsonb.hpp"
#include "pg/spi.hpp"
#include "pg/text.hpp"
#include "text/display_text.hpp"
#include "json/value/reader.hpp"

namespace opigno::context {

namespace {

constexpr const char *json_id = "id";

void add_wrong_type(const char *member, const char *expected, const JsonbValue &value, pg::Errors &errors)
{
    errors.add(ERRCODE_INVALID_PARAMETER_VALUE, member, "\"%s\" must be %s, not %s", member, expected,
               json::type_of(value));
}

text *string_member(const JsonbValue &value, const char *member, pg::Errors &errors)
{
    if (value.type == jbvString)
        return pg::make_text(json::string_of(value));
    add_wrong_type(member, "a string", value, errors);
    return nullptr;
}

ArrayType *scope_member(const JsonbValue &value, identity::ScopeRegistry &registry, pg::Errors &errors)
{
    constexpr const char *member = json_names.scope;
    if (value.type == jbvString)
        return identity::checked_scope(json::string_of(value), registry, member, errors);
    if (!json::is_array(value)) {
        add_wrong_type(member, "a string or an array of strings", value, errors);
        return nullptr;
    }
    pg::Names names;
    json::each_element(value, [&](const JsonbValue &element) {
        names.push_back(element.type == jbvString ? json::string_of(element) : std::string_view());
    });
    return identity::checked_scopes(names, registry, member, errors);
}

void add_unknown_member(std::string_view name, pg::Errors &errors)
{
    const char *member = errors.is_full() ? nullptr : pnstrdup(name.data(), name.size());
    errors.add(ERRCODE_INVALID_PARAMETER_VALUE, member, "unknown member \"%.*s\"", pg::clipped_length(name),
               name.data());
}

/* Whether the user has this display name already. */
bool is_stored_name(const Change &change)
{
    return change.uuid != nullptr && pg::with_spi([&](MemoryContext) {
               const std::optional<identity::User> user = identity::find_user(change.uuid);
               return user.has_value() && pg::view(user->display_name) == pg::view(change.display_name);
           });
}

/* Adds an error for a display name that is no display text. A name that is stored already is not
 * refused. */
void check_display_name(Change &change, const char *member, pg::Errors &errors)
{
    if (change.display_name == nullptr ||
        texts::flaw_of_display_text(pg::view(change.display_name)) == texts::DisplayTextFlaw::None)
        return;
    if (!is_stored_name(change)) {
        texts::checked_display_text(change.display_name, member, errors);
        return;
    }
    change.display_name = nullptr;
    change.display_name_given = false;
}

/* Sets one member of the change, other than uuid. */
void take_member(std::string_view name, const JsonbValue &value, identity::ScopeRegistry &registry,
                 Change &change, pg::Errors &errors)
{
    const bool given = value.type != jbvNull;
    if (name == json_names.display_name) {
        change.display_name_given = given;
        if (given)
            change.display_name = string_member(value, json_names.display_name, errors);
    } else if (name == json_names.is_active) {
        change.is_active_given = given;
        if (value.type == jbvBool)
            change.is_active = value.val.boolean;
        else if (given)
            add_wrong_type(json_names.is_active, "a boolean", value, errors);
    } else if (name == json_names.scope) {
        if (given)
            change.scope = scope_member(value, registry, errors);
    } else if (name == json_id) {
        if (given)
            change.id = string_member(value, json_id, errors);
    } else if (name == json_names.version) {
        change.expected = document::expected_version(value, errors);
    } else {
        add_unknown_member(name, errors);
    }
}

} // namespace

bool Change::can_create() const
{
    return display_name_given && is_active_given && identity::flaw_of_new_user_uuid(uuid) == nullptr &&
           !identity::is_elsewhere(uuid);
}

void add_reasons_against_creation(const Change &change, const Spelling &spelling, pg::Errors &errors)
{
    if (identity::is_elsewhere(change.uuid)) {
        identity::add_elsewhere(change.uuid, spelling.uuid, errors);
        return;
    }
    if (const char *flaw = identity::flaw_of_new_user_uuid(change.uuid); flaw != nullptr)
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, spelling.uuid, "\"%s\" %s", spelling.uuid, flaw);
    const auto require = [&](bool given, const char *member) {
        if (given)
            return;
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, member, "\"%s\" is required to create a user context",
                   member);
        errors.hint("No user context has this uuid yet. To change an existing one, check the uuid.");
    };
    require(change.display_name_given, spelling.display_name);
    require(change.is_active_given, spelling.is_active);
}

void add_wrong_id(const Change &change, std::optional<std::int64_t> stored, pg::Errors &errors)
{
    if (change.id == nullptr)
        return;
    char digits[MAXINT8LEN + 1] = "";
    if (stored.has_value())
        pg_lltoa(*stored, digits);
    if (pg::view(change.id) != digits)
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, json_id,
                   stored.has_value() ? "\"%s\" is not the stored one and cannot be changed"
                                      : "\"%s\" cannot be given to a user context that does not exist",
                   json_id);
}

Change change_from_arguments(FunctionCallInfo fcinfo, pg::Errors &errors)
{
    Change change;
    change.uuid = identity::checked_user_uuid(pg::text_argument(fcinfo, 0), argument_names.uuid, errors);
    change.display_name = pg::text_argument(fcinfo, 1);
    change.display_name_given = change.display_name != nullptr;
    check_display_name(change, argument_names.display_name, errors);
    if (!PG_ARGISNULL(2))
        change.is_active = PG_GETARG_BOOL(2);
    change.is_active_given = change.is_active.has_value();
    if (!PG_ARGISNULL(3)) {
        identity::ScopeRegistry registry(identity::ScopeRegistry::View::Transaction);
        change.scope =
            identity::checked_scope(pg::view(PG_GETARG_TEXT_PP(3)), registry, argument_names.scope, errors);
    }
    change.expected = pg::version_argument(fcinfo, 4, errors);
    return change;
}

Change change_from_json(const JsonbValue &payload, identity::ScopeRegistry &registry, pg::Errors &errors)
{
    Change change;
    if (!json::is_object(payload)) {
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, nullptr, "user context must be a JSON object, not %s",
                   json::type_of(payload));
        return change;
    }
    text *uuid = nullptr;
    bool uuid_has_error = false;
    json::each_member(payload, [&](std::string_view name, const JsonbValue &value) {
        if (name != json_names.uuid)
            take_member(name, value, registry, change, errors);
        else if (value.type != jbvNull) {
            uuid = string_member(value, json_names.uuid, errors);
            uuid_has_error = uuid == nullptr;
        }
    });
    if (!uuid_has_error)
        change.uuid = identity::checked_user_uuid(uuid, json_names.uuid, errors);
    check_display_name(change, json_names.display_name, errors);
    return change;
}

} // namespace opigno::context
