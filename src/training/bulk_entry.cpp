#include "training/bulk_entry.hpp"

#include "bulk/keyed_rows.hpp"
#include "pg/jsonb.hpp"
#include "pg/text.hpp"
#include "json/value/reader.hpp"

namespace opigno::training::registry {

namespace {

enum Column { id_column, ordinal_column, title, is_active, title_given, has_errors_column, expected };

text *copy_of(const text *value)
{
    return value == nullptr ? nullptr : pg::make_text(pg::view(value));
}

bool is_same(const text *left, const text *right)
{
    return left == nullptr || right == nullptr ? left == right : pg::view(left) == pg::view(right);
}

} // namespace

void Entry::put(Datum *values, bool *nulls) const
{
    values[id_column] = PointerGetDatum(change.training_id);
    values[ordinal_column] = Int64GetDatum(ordinal);
    values[title] = PointerGetDatum(change.title);
    nulls[title] = change.title == nullptr;
    values[is_active] = BoolGetDatum(change.is_active.value_or(false));
    nulls[is_active] = !change.is_active.has_value();
    values[title_given] = BoolGetDatum(change.title_given);
    values[has_errors_column] = BoolGetDatum(has_errors);
    values[expected] = Int64GetDatum(change.expected.value_or(0));
    nulls[expected] = !change.expected.has_value();
}

Entry Entry::get(const bulk::Sort &row)
{
    Entry entry;
    Change &change = entry.change;
    change.training_id = DatumGetTextPP(row.value(id_column));
    entry.ordinal = DatumGetInt64(row.value(ordinal_column));
    if (!row.is_null(title))
        change.title = DatumGetTextPP(row.value(title));
    if (!row.is_null(is_active))
        change.is_active = DatumGetBool(row.value(is_active));
    change.title_given = DatumGetBool(row.value(title_given));
    entry.has_errors = DatumGetBool(row.value(has_errors_column));
    if (!row.is_null(expected))
        change.expected = DatumGetInt64(row.value(expected));
    return entry;
}

Entry Entry::copy() const
{
    Entry copied = *this;
    copied.change.training_id = copy_of(change.training_id);
    copied.change.title = copy_of(change.title);
    return copied;
}

std::size_t Entry::size() const
{
    return pg::view(change.training_id).size() +
           (change.title == nullptr ? 0 : pg::view(change.title).size());
}

bool Entry::has_key_of(const Entry &other) const
{
    return pg::view(change.training_id) == pg::view(other.change.training_id);
}

bool Entry::is_same(const Entry &other) const
{
    return training::registry::is_same(change.title, other.change.title) &&
           change.is_active == other.change.is_active && change.expected == other.change.expected;
}

pg::Error Entry::error(int sqlstate, const char *path, const char *message) const
{
    pg::Error error{sqlstate, path, message};
    error.ordinal = ordinal;
    error.training_id = change.training_id;
    return error;
}

bool read_entry(std::string_view text, Entry &entry, bulk::Errors &errors)
{
    Jsonb *parsed = bulk::parse_entry(text, entry, errors);
    if (parsed == nullptr)
        return false;
    pg::Errors found;
    entry.change = change_from_json(json::root_of(parsed), found);
    bulk::add_errors(entry, found, errors);
    entry.has_errors = !found.empty();
    if (entry.has_errors) /* the value is not needed, and a wrong value can have any size */
        entry.change.title = nullptr;
    return entry.change.training_id != nullptr;
}

} // namespace opigno::training::registry
