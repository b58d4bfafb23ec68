#include "training/change.hpp"

#include "identity/user_uuid.hpp"
#include "pg/jsonb.hpp"
#include "pg/text.hpp"
#include "text/display_text.hpp"
#include "json/value/reader.hpp"

namespace opigno::training::registry {

namespace {

constexpr const char *id_member = "training_id";
constexpr const char *title_member = "title";
constexpr const char *active_member = "is_active";

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

void take_member(std::string_view name, const JsonbValue &value, Change &change, pg::Errors &errors)
{
    const bool given = value.type != jbvNull;
    if (name == title_member) {
        change.title_given = given;
        if (given)
            change.title =
                texts::checked_display_text(string_member(value, title_member, errors), title_member, errors);
    } else if (name == active_member) {
        if (value.type == jbvBool)
            change.is_active = value.val.boolean;
        else if (given)
            add_wrong_type(active_member, "a boolean", value, errors);
    } else if (name == document::version_member) {
        change.expected = document::expected_version(value, errors);
    } else {
        const char *member = errors.is_full() ? nullptr : pnstrdup(name.data(), name.size());
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, member, "unknown member \"%.*s\"",
                   pg::clipped_length(name), name.data());
    }
}

} // namespace

bool Change::can_create() const
{
    return title_given && identity::flaw_of_new_key(training_id) == nullptr;
}

void add_reasons_against_creation(const Change &change, pg::Errors &errors)
{
    if (const char *flaw = identity::flaw_of_new_key(change.training_id); flaw != nullptr)
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, id_member, "\"%s\" %s", id_member, flaw);
    if (change.title_given)
        return;
    errors.add(ERRCODE_INVALID_PARAMETER_VALUE, title_member, "\"%s\" is required to create a training",
               title_member);
    errors.hint("No training has this id yet. To change an existing one, check the id.");
}

Change change_from_arguments(FunctionCallInfo fcinfo, pg::Errors &errors)
{
    Change change;
    change.training_id = identity::checked_user_uuid(pg::text_argument(fcinfo, 0), id_member, errors);
    change.title = texts::checked_display_text(pg::text_argument(fcinfo, 1), title_member, errors);
    change.title_given = change.title != nullptr;
    if (!PG_ARGISNULL(2))
        change.is_active = PG_GETARG_BOOL(2);
    change.expected = pg::version_argument(fcinfo, 3, errors);
    return change;
}

Change change_from_json(const JsonbValue &entry, pg::Errors &errors)
{
    Change change;
    if (!json::is_object(entry)) {
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, nullptr, "training must be a JSON object, not %s",
                   json::type_of(entry));
        return change;
    }
    text *training_id = nullptr;
    bool id_has_error = false;
    json::each_member(entry, [&](std::string_view name, const JsonbValue &value) {
        if (name != id_member)
            take_member(name, value, change, errors);
        else if (value.type != jbvNull) {
            training_id = string_member(value, id_member, errors);
            id_has_error = training_id == nullptr;
        }
    });
    if (!id_has_error)
        change.training_id = identity::checked_user_uuid(training_id, id_member, errors);
    return change;
}

} // namespace opigno::training::registry
