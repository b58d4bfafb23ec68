#include "account/bulk_entry.hpp"

#include "bulk/entries.hpp"
#include "identity/user_uuid.hpp"
#include "pg/jsonb.hpp"
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
    return error;
}

pg::ExpectedVersion expected_version(const Entry &entry, pg::Errors &errors)
{
    JsonbValue version{};
    const JsonbValue *found = find_member(json::root_of(entry.patch), document::version_member, version);
    return found == nullptr ? std::nullopt : document::expected_version(*found, errors);
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

} // namespace opigno::account
