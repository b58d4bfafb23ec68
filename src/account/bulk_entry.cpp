#include "account/bulk_entry.hpp"

#include "account/patch.hpp"
#include "bulk/entries.hpp"
#include "identity/user_uuid.hpp"
#include "pg/jsonb.hpp"
#include "pg/pointer.hpp"
#include "pg/text.hpp"
#include "json/merge/merge_patch.hpp"
#include "json/text/json_text.hpp"
#include "json/value/reader.hpp"

#include <cstring>

namespace opigno::account {

namespace {

/* Returns nullptr if the patch does not have the member. */
const JsonbValue *find_member(const JsonbValue &patch, std::string_view member, JsonbValue &found)
{
    return getKeyJsonValueFromContainer(patch.val.binary.data, member.data(), static_cast<int>(member.size()),
                                        &found);
}

/* Returns the canonical user uuid of a patch. If it is missing or wrong, adds an error and returns
 * nullptr. */
text *user_of(const JsonbValue &patch, pg::Errors &errors)
{
    const char *member = username_member.data();
    JsonbValue name{};
    const JsonbValue *found = find_member(patch, username_member, name);
    if (found == nullptr)
        return identity::checked_user_uuid(nullptr, member, errors);
    if (found->type == jbvString)
        return identity::checked_user_uuid(pg::make_text(json::string_of(*found)), member, errors);
    errors.add(ERRCODE_INVALID_PARAMETER_VALUE, member, "\"%s\" must be a string, not %s", member,
               json::type_of(*found));
    return nullptr;
}

/*
 * Returns a column as JSON text. value: the column as JSON. A JSON string in the column of a document,
 * or of a version, is itself JSON text. If that is invalid, adds an error and returns nothing.
 */
std::optional<std::string_view> member_value(std::string_view column, std::string_view value,
                                             const Entry &entry, bulk::Errors &errors)
{
    if (column != "extended_profile" && column != "preferences" && column != document::version_member)
        return value;
    pg::Error why{};
    Jsonb *given = json::try_read_json(value, why);
    std::string_view text = value;
    if (given != nullptr) {
        const JsonbValue document = json::root_of(given);
        if (document.type != jbvString)
            return value;
        text = json::string_of(document);
        if (json::try_read_json(text, why) != nullptr)
            return text;
    }
    errors.add(entry.error(why.sqlstate, pg::pointer_to(column), bulk::message_of(why, text, {})));
    return std::nullopt;
}

} // namespace

void Entry::put(Datum *values, bool * /*nulls*/) const
{
    values[0] = PointerGetDatum(user_uuid);
    values[1] = Int64GetDatum(ordinal);
    values[2] = PointerGetDatum(patch);
}

Entry Entry::get(const bulk::Sort &row)
{
    return {DatumGetInt64(row.value(1)), DatumGetTextPP(row.value(0)), DatumGetJsonbP(row.value(2))};
}

Entry Entry::copy() const
{
    return {ordinal, pg::make_text(pg::view(user_uuid)),
            static_cast<Jsonb *>(std::memcpy(palloc(VARSIZE(patch)), patch, VARSIZE(patch)))};
}

std::size_t Entry::size() const
{
    return pg::view(user_uuid).size() + VARSIZE(patch);
}

bool Entry::has_key_of(const Entry &other) const
{
    return pg::view(user_uuid) == pg::view(other.user_uuid);
}

bool Entry::is_same(const Entry &other) const
{
    return json::is_same(patch, other.patch);
}

pg::Error Entry::error(int sqlstate, const char *path, const char *message) const
{
    pg::Error error{sqlstate, path, message};
    error.ordinal = ordinal;
    error.user_uuid = user_uuid;
    error.shows_user = false;
    return error;
}

pg::ExpectedVersion expected_version(const Entry &entry, pg::Errors &errors)
{
    JsonbValue version{};
    const JsonbValue *found = find_member(json::root_of(entry.patch), document::version_member, version);
    return found == nullptr ? std::nullopt : document::expected_version(*found, errors);
}

std::optional<JsonbValue> preferences_of(const Entry &entry, pg::Errors &errors)
{
    JsonbValue value{};
    if (getKeyJsonValueFromContainer(&entry.patch->root, preferences_member.data(),
                                     static_cast<int>(preferences_member.size()), &value) == nullptr ||
        value.type == jbvNull)
        return std::nullopt;
    if (json::is_object(value))
        return value;
    errors.add(ERRCODE_INVALID_PARAMETER_VALUE, preferences_member.data(), "\"%s\" must be an object, not %s",
               preferences_member.data(), json::type_of(value));
    return std::nullopt;
}

bool read_entry(std::string_view text, Entry &entry, bulk::Errors &errors)
{
    entry.patch = bulk::parse_entry(text, entry, errors);
    if (entry.patch == nullptr)
        return false;
    const JsonbValue patch = json::root_of(entry.patch);
    if (!json::is_object(patch)) {
        errors.add(entry.error(ERRCODE_INVALID_PARAMETER_VALUE, "",
                               psprintf("must be an object, not %s", json::type_of(patch))));
        return false;
    }
    pg::Errors found;
    entry.user_uuid = user_of(patch, found);
    expected_version(entry, found);
    for (const pg::Error &error : found.all())
        errors.add(entry.error(error.sqlstate, error.path, error.message));
    return found.empty();
}

bool read_columns(const bulk::StagingRow &row, Entry &entry, bulk::Errors &errors)
{
    StringInfoData object;
    initStringInfo(&object);
    appendStringInfoChar(&object, '{');
    for (std::size_t at = 0; at < row.columns().size(); ++at) {
        const std::optional<std::string_view> given = row.value(at);
        if (!given.has_value())
            continue;
        const auto value = member_value(row.columns()[at], *given, entry, errors);
        if (!value.has_value())
            return false;
        if (object.len > 1)
            appendStringInfoChar(&object, ',');
        escape_json(&object, row.columns()[at]);
        appendStringInfoChar(&object, ':');
        appendBinaryStringInfo(&object, value->data(), static_cast<int>(value->size()));
    }
    appendStringInfoChar(&object, '}');
    return read_entry({object.data, static_cast<std::size_t>(object.len)}, entry, errors);
}

} // namespace opigno::account
