#include "account/patch.hpp"

#include "account/field_error.hpp"
#include "account/preference.hpp"
#include "pg/jsonb.hpp"
#include "pg/pointer.hpp"
#include "pg/text.hpp"
#include "text/display_text.hpp"
#include "text/encoding.hpp"
#include "json/text/string_text.hpp"
#include "json/text/text_scanner.hpp"
#include "json/value/builder.hpp"
#include "json/value/reader.hpp"

#include <algorithm>
#include <optional>

namespace opigno::account {

namespace {

constexpr std::string_view reserved_fields[] = {"old_names", "old_emails", "session_id"};
constexpr std::string_view read_only_members[] = {
    "username", "is_active", "date_joined", "id", "scope", "version", "preferences", "preferences_version"};
/* Members that Open edX shows and that no patch changes. A site may configure fields of these
 * names. */
constexpr std::string_view read_only_in_open_edx[] = {
    "profile_image", "requires_parental_consent", "course_certificates",     "last_login",
    "verified_name", "pending_name_change",       "secondary_email_enabled", "password_toggle_history"};
/* A member of the answer to a patch. */
constexpr std::string_view not_shown = "not_shown";

template <typename List> bool contains(const List &list, std::string_view name)
{
    return std::find(std::begin(list), std::end(list), name) != std::end(list);
}

class PatchReader {
  public:
    PatchReader(const Fields &fields, std::string_view name, ShownAccount &shown, pg::Errors &errors)
        : fields_(fields), old_name_(name), shown_(shown), errors_(errors)
    {
        initStringInfo(&given_);
    }

    void take_member(std::string_view member, const JsonbValue &value)
    {
        if (errors_.is_full())
            return;
        const Field *field = find(fields_, member);
        const bool is_field = field != nullptr && field->in_account;
        if (member == "extended_profile")
            take_list(value);
        else if (member == "name")
            take_name(value);
        else if (member == "account_privacy")
            take_privacy(value);
        else if (contains(read_only_members, member))
            compare(member, value);
        else if (is_field)
            take_field(member, value, field, no_index);
        else if (contains(read_only_in_open_edx, member))
            add_not_editable(member, pg::pointer_to(member), errors_);
        else if (member == not_shown)
            return;
        else
            add_error(member, psprintf("Account has no field '%s'", pg::quoted(member)),
                      psprintf("The '%s' field is unknown.", pg::quoted(member)), errors_);
    }

    Patch finish()
    {
        patch_.merged = merged_.is_empty() ? nullptr : merged_.finish();
        patch_.replaced = replaced_.is_empty() ? nullptr : replaced_.finish();
        patch_.given = given_.data;
        return patch_;
    }

  private:
    void compare(std::string_view member, const JsonbValue &value)
    {
        if (!shown_.has(member, value))
            add_not_editable(member, pg::pointer_to(member), errors_);
    }

    // ---- the display name ------------------------------------------------------------------------

    static const char *flaw_of_name(std::string_view name)
    {
        switch (texts::flaw_of_display_text(name)) {
        case texts::DisplayTextFlaw::TooLong:
            return "Ensure this field has no more than 255 characters.";
        case texts::DisplayTextFlaw::NotUnicode:
            return "The name field contains a character that Unicode lacks.";
        case texts::DisplayTextFlaw::Blank:
            return "The name field must be at least 1 character long.";
        case texts::DisplayTextFlaw::Bidirectional:
            return "The name field contains a bidirectional control character.";
        case texts::DisplayTextFlaw::None:
            break;
        }
        if (name.find_first_of("<>") != std::string_view::npos)
            return "Full Name cannot contain the following characters: < >";
        if (name.find("://") != std::string_view::npos)
            return "Enter a valid name";
        return nullptr;
    }
    void take_name(const JsonbValue &value)
    {
        if (value.type != jbvString) {
            add_bad_value("name", psprintf("must be a string, not %s", json::type_of(value)));
            return;
        }
        const std::string_view name = texts::trimmed(json::string_of(value));
        if (name == old_name_)
            return;
        if (const char *flaw = flaw_of_name(name); flaw != nullptr) {
            add_bad_value("name", flaw);
            return;
        }
        patch_.name = pg::make_text(name);
        note("name");
    }
    void add_bad_value(const char *member, const char *flaw)
    {
        add_error(member, psprintf("Value is not valid for field '%s': %s", member, flaw),
                  "This value is invalid.", errors_);
    }

    // ---- account_privacy, a preference -------------------------------------------------------------

    void take_privacy(const JsonbValue &value)
    {
        patch_.sets_privacy = true;
        if (value.type != jbvNull)
            patch_.privacy = checked_preference(privacy_key, value, errors_);
        note(privacy_key);
    }

    // ---- fields ----------------------------------------------------------------------------------

    static constexpr int no_index = -1; /* of a member of the account itself */

    static const char *path_of_name(int index) { return psprintf("/extended_profile/%d/field_name", index); }
    static const char *path_of_value(int index)
    {
        return psprintf("/extended_profile/%d/field_value", index);
    }
    /* field: its configuration; nullptr: it is not configured. index: of the entry that names it */
    void take_field(std::string_view name, const JsonbValue &value, const Field *field, int index)
    {
        if (field == nullptr && value.type != jbvNull)
            note_not_shown(name);
        if (field != nullptr && (field->for_operators || field->value_schema != Datum{0}))
            note_checked(index == no_index ? CheckedField{field, pg::pointer_to(name), pg::pointer_to(name)}
                                           : CheckedField{field, path_of_name(index), path_of_value(index)});
        (field != nullptr && field->replaces ? replaced_ : merged_).add(name, value);
        note(name);
    }
    /* Of two entries with one name, the later counts. */
    void note_checked(const CheckedField &given)
    {
        for (CheckedField &earlier : patch_.checked)
            if (earlier.field == given.field) {
                earlier = given;
                return;
            }
        patch_.checked.push_back(given);
    }
    void note_not_shown(std::string_view name)
    {
        constexpr std::size_t max_listed = 100;
        if (patch_.not_shown.size() < max_listed && !contains(patch_.not_shown, name))
            patch_.not_shown.push_back(name);
    }
    void take_list(const JsonbValue &list)
    {
        if (!json::is_array(list)) {
            add_error("extended_profile", "extended_profile must be a list",
                      "Invalid extended profile format", errors_);
            return;
        }
        int index = 0;
        json::each_element(list, [&](const JsonbValue &entry) {
            CHECK_FOR_INTERRUPTS();
            take_entry(entry, index++);
        });
    }
    void take_entry(const JsonbValue &entry, int index)
    {
        if (errors_.is_full())
            return;
        if (!json::is_object(entry)) {
            add_malformed(index, "", psprintf("must be an object, not %s", json::type_of(entry)));
            return;
        }
        std::optional<JsonbValue> name;
        std::optional<JsonbValue> value;
        json::each_member(entry, [&](std::string_view member, const JsonbValue &given) {
            if (member == "field_name")
                name = given;
            else if (member == "field_value")
                value = given;
            else if (!errors_.is_full())
                add_malformed(index, pg::pointer_to(member), "is unknown");
        });
        const char *flaw = flaw_of_field_name(name);
        if (flaw != nullptr)
            add_malformed(index, "/field_name", flaw);
        if (!value.has_value())
            add_malformed(index, "/field_value", "is required");
        if (flaw == nullptr && name.has_value() && value.has_value())
            take_named(json::string_of(*name), *value, index);
    }
    /* A field that is not configured can be removed in any case. */
    void take_named(std::string_view name, const JsonbValue &value, int index)
    {
        const Field *field = find(fields_, name);
        if (field == nullptr && fields_.refuses_unconfigured && value.type != jbvNull) {
            const char *path = path_of_name(index);
            add_error_at(path, psprintf("%s is not configured", path),
                         psprintf("The '%s' field is unknown.", pg::quoted(name)), errors_);
        } else {
            take_field(name, value, field, index);
        }
    }
    const char *flaw_of_field_name(const std::optional<JsonbValue> &name) const
    {
        if (!name.has_value())
            return "is required";
        if (name->type != jbvString)
            return psprintf("must be a string, not %s", json::type_of(*name));
        const std::string_view field = json::string_of(*name);
        if (const auto flaw = texts::flaw_of_stored_name(field); flaw != texts::DisplayTextFlaw::None)
            return texts::words_of(flaw);
        if (is_reserved_field(field))
            return "is reserved";
        const Field *configured = find(fields_, field);
        return configured != nullptr && configured->in_account ? "is a member of the account itself"
                                                               : nullptr;
    }
    void add_malformed(int index, const char *pointer, const char *flaw)
    {
        const char *where = psprintf("/extended_profile/%d%s", index, pointer);
        add_error_at(where, psprintf("%s %s", pg::quoted(where, 255), flaw),
                     "Invalid extended profile format", errors_);
    }

    void note(std::string_view name)
    {
        constexpr int max_noted = 1000;
        if (given_.len < max_noted)
            appendStringInfo(&given_, "%s%s", given_.len > 0 ? " " : "", pg::quoted(name));
    }

    const Fields &fields_;
    std::string_view old_name_;
    ShownAccount &shown_;
    pg::Errors &errors_;
    Patch patch_;
    json::ObjectBuilder merged_;
    json::ObjectBuilder replaced_;
    StringInfoData given_;
};

static_assert(std::is_trivially_destructible_v<PatchReader>);

} // namespace

bool is_reserved_field(std::string_view name)
{
    return contains(reserved_fields, name);
}

Patch patch_from_json(const JsonbValue &patch, const Fields &fields, std::string_view name,
                      ShownAccount &shown, pg::Errors &errors, std::span<const std::string_view> skipped)
{
    if (!json::is_object(patch)) {
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, nullptr, "An account patch must be an object, not %s",
                   json::type_of(patch));
        return {};
    }
    PatchReader reader(fields, name, shown, errors);
    json::each_member(patch, [&](std::string_view member, const JsonbValue &value) {
        if (!contains(skipped, member))
            reader.take_member(member, value);
    });
    return reader.finish();
}

} // namespace opigno::account
