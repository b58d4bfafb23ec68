#include "context/bulk_entry.hpp"

#include "bulk/keyed_rows.hpp"
#include "identity/user_uuid.hpp"
#include "pg/array.hpp"
#include "pg/jsonb.hpp"
#include "pg/text.hpp"
#include "text/display_text.hpp"
#include "json/text/json_text.hpp"
#include "json/value/reader.hpp"

#include <algorithm>
#include <cstring>

namespace opigno::context {

namespace {

enum Column {
    uuid_column,
    ordinal_column,
    display_name,
    is_active,
    scope,
    id,
    display_name_given,
    is_active_given,
    has_errors_column,
    expected
};

text *copy_of(const text *value)
{
    return value == nullptr ? nullptr : pg::make_text(pg::view(value));
}

ArrayType *copy_of(const ArrayType *value)
{
    return value == nullptr
               ? nullptr
               : static_cast<ArrayType *>(std::memcpy(palloc(VARSIZE(value)), value, VARSIZE(value)));
}

bool is_same(const text *left, const text *right)
{
    return left == nullptr || right == nullptr ? left == right : pg::view(left) == pg::view(right);
}

bool is_same(const ArrayType *left, const ArrayType *right)
{
    if (left == nullptr || right == nullptr)
        return left == right;
    return VARSIZE(left) == VARSIZE(right) && std::memcmp(left, right, VARSIZE(left)) == 0;
}

/* Adds the errors that were found in an entry. Returns whether its user is known. */
bool take_errors(Entry &entry, const pg::Errors &found, bulk::Errors &errors)
{
    bulk::add_errors(entry, found, errors);
    entry.has_errors = !found.empty();
    if (entry.has_errors) { /* the values are not needed, and a wrong value can have any size */
        entry.change.display_name = nullptr;
        entry.change.scope = nullptr;
    }
    return entry.change.uuid != nullptr;
}

text *text_of(std::optional<std::string_view> value)
{
    return value.has_value() ? pg::make_text(*value) : nullptr;
}

/* Splits "a, b" and "{a,b}". Names of scopes contain none of the characters that separate them. */
pg::Names scopes_in(std::string_view list)
{
    constexpr std::string_view separators = "{}, \t\"";
    pg::Names names;
    for (std::size_t at = list.find_first_not_of(separators); at != std::string_view::npos;) {
        const std::size_t end = std::min(list.find_first_of(separators, at), list.size());
        names.push_back({list.data() + at, end - at});
        at = list.find_first_not_of(separators, end);
    }
    return names;
}

Change change_from_columns(const EntryColumns &columns, identity::ScopeRegistry &registry, pg::Errors &errors)
{
    constexpr const Spelling &names = column_names;
    Change change;
    change.uuid = identity::checked_user_uuid(text_of(columns.uuid), names.uuid, errors);
    change.display_name =
        texts::checked_display_text(text_of(columns.display_name), names.display_name, errors);
    change.display_name_given = columns.display_name.has_value();
    change.is_active_given = columns.is_active.has_value();
    if (change.is_active_given) {
        bool value = false;
        if (parse_bool_with_len(columns.is_active->data(), columns.is_active->size(), &value))
            change.is_active = value;
        else
            errors.add(ERRCODE_INVALID_PARAMETER_VALUE, names.is_active, "\"%s\" must be a boolean",
                       names.is_active);
    }
    if (columns.scope.has_value())
        change.scope = identity::checked_scopes(scopes_in(*columns.scope), registry, names.scope, errors);
    if (columns.version.has_value())
        change.expected = document::expected_version(*columns.version, errors);
    return change;
}

} // namespace

void Entry::put(Datum *values, bool *nulls) const
{
    values[uuid_column] = PointerGetDatum(change.uuid);
    values[ordinal_column] = Int64GetDatum(ordinal);
    values[display_name] = PointerGetDatum(change.display_name);
    nulls[display_name] = change.display_name == nullptr;
    values[is_active] = BoolGetDatum(change.is_active.value_or(false));
    nulls[is_active] = !change.is_active.has_value();
    values[scope] = PointerGetDatum(change.scope);
    nulls[scope] = change.scope == nullptr;
    values[id] = PointerGetDatum(change.id);
    nulls[id] = change.id == nullptr;
    values[display_name_given] = BoolGetDatum(change.display_name_given);
    values[is_active_given] = BoolGetDatum(change.is_active_given);
    values[has_errors_column] = BoolGetDatum(has_errors);
    values[expected] = Int64GetDatum(change.expected.value_or(0));
    nulls[expected] = !change.expected.has_value();
}

Entry Entry::get(const bulk::Sort &row)
{
    Entry entry;
    Change &change = entry.change;
    change.uuid = DatumGetTextPP(row.value(uuid_column));
    entry.ordinal = DatumGetInt64(row.value(ordinal_column));
    if (!row.is_null(display_name))
        change.display_name = DatumGetTextPP(row.value(display_name));
    if (!row.is_null(is_active))
        change.is_active = DatumGetBool(row.value(is_active));
    if (!row.is_null(scope))
        change.scope = DatumGetArrayTypeP(row.value(scope));
    if (!row.is_null(id))
        change.id = DatumGetTextPP(row.value(id));
    change.display_name_given = DatumGetBool(row.value(display_name_given));
    change.is_active_given = DatumGetBool(row.value(is_active_given));
    entry.has_errors = DatumGetBool(row.value(has_errors_column));
    if (!row.is_null(expected))
        change.expected = DatumGetInt64(row.value(expected));
    return entry;
}

Entry Entry::copy() const
{
    Entry copied = *this;
    copied.change.uuid = copy_of(change.uuid);
    copied.change.display_name = copy_of(change.display_name);
    copied.change.scope = copy_of(change.scope);
    copied.change.id = copy_of(change.id);
    return copied;
}

std::size_t Entry::size() const
{
    return pg::view(change.uuid).size() +
           (change.display_name == nullptr ? 0 : pg::view(change.display_name).size()) +
           (change.scope == nullptr ? 0 : VARSIZE(change.scope));
}

bool Entry::has_key_of(const Entry &other) const
{
    return pg::view(change.uuid) == pg::view(other.change.uuid);
}

bool Entry::is_same(const Entry &other) const
{
    return context::is_same(change.display_name, other.change.display_name) &&
           change.is_active == other.change.is_active && context::is_same(change.scope, other.change.scope) &&
           context::is_same(change.id, other.change.id) && change.expected == other.change.expected;
}

pg::Error Entry::error(int sqlstate, const char *path, const char *message) const
{
    pg::Error error{sqlstate, path, message};
    error.ordinal = ordinal;
    error.user_uuid = change.uuid;
    error.shows_user = false;
    return error;
}

bool read_entry(std::string_view text, identity::ScopeRegistry &registry, Entry &entry, bulk::Errors &errors)
{
    Jsonb *parsed = bulk::parse_entry(text, entry, errors);
    if (parsed == nullptr)
        return false;
    pg::Errors found;
    entry.change = change_from_json(json::root_of(parsed), registry, found);
    return take_errors(entry, found, errors);
}

bool read_columns(const EntryColumns &columns, identity::ScopeRegistry &registry, Entry &entry,
                  bulk::Errors &errors)
{
    pg::Errors found;
    entry.change = change_from_columns(columns, registry, found);
    return take_errors(entry, found, errors);
}

} // namespace opigno::context
