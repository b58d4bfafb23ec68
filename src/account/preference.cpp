#include "account/preference.hpp"

#include "account/account.hpp"
#include "account/field_error.hpp"
#include "account/time_zone.hpp"
#include "identity/user.hpp"
#include "pg/jsonb.hpp"
#include "pg/spi.hpp"
#include "pg/text.hpp"
#include "pg/time.hpp"
#include "text/encoding.hpp"
#include "text/unicode.hpp"
#include "json/value/builder.hpp"
#include "json/value/document_limit.hpp"
#include "json/value/reader.hpp"
#include "json/value/writer.hpp"

#include <algorithm>

namespace opigno::account {

namespace {

constexpr std::size_t max_value = 65536; /* bytes */
static_assert(max_value <= texts::max_converted);

bool is_key_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
}

text *text_of(const JsonbValue &value)
{
    if (value.type == jbvString)
        return pg::make_text(json::string_of(value));
    json::Writer out;
    out.value(value);
    return DatumGetTextPP(out.json());
}

/* The most bytes of the caller's input that an error quotes. Only the caller sees these errors. */
constexpr int max_quoted = 255;

enum class Flaw { None, Empty, Key, KeyLength, Length, TimeZone, Privacy };

bool is_empty(std::string_view value)
{
    const std::optional<std::string_view> utf8 = texts::as_utf8(value);
    return utf8.has_value() && texts::is_blank(*utf8);
}

Flaw flaw_of(std::string_view key, const text *value)
{
    const std::string_view content = pg::view(value);
    if (content.size() <= max_value && is_empty(content))
        return Flaw::Empty;
    if (key.empty() || !std::all_of(key.begin(), key.end(), is_key_character))
        return Flaw::Key;
    if (key.size() > max_preference_key)
        return Flaw::KeyLength;
    if (content.size() > max_value)
        return Flaw::Length;
    if (key == "time_zone" && !is_time_zone(content))
        return Flaw::TimeZone;
    if (key == privacy_key && !pg::value_of(content, privacy_words).has_value())
        return Flaw::Privacy;
    return Flaw::None;
}

/* Adds an error with the messages of Open edX. */
void add_error(Flaw flaw, std::string_view full_key, std::string_view full_value, pg::Errors &errors)
{
    const char *key = pg::quoted(full_key, max_quoted);
    const char *value = pg::quoted(full_value, max_quoted);
    const auto add = [&](const char *reason, const char *user_message) {
        account::add_error(full_key,
                           psprintf("Value '%s' not valid for preference '%s': %s", value, key, reason),
                           user_message, errors);
    };
    switch (flaw) {
    case Flaw::None:
        break;
    case Flaw::Empty: {
        const char *message = psprintf("Preference '%s' cannot be set to an empty value.", key);
        account::add_error(full_key, message, message, errors);
        break;
    }
    case Flaw::Key:
        add("{'key': ['Enter a valid value: 1 to 255 of the characters [-_.a-zA-Z0-9].']}",
            psprintf("Invalid user preference key '%s'.", key));
        break;
    case Flaw::KeyLength:
        add("{'key': ['Ensure this field has no more than 255 characters.']}",
            psprintf("Invalid user preference key '%s'.", key));
        break;
    case Flaw::Length:
        add("Ensure this value has no more than 65536 bytes.",
            psprintf("Value '%s' is not valid for user preference '%s'.", value, key));
        break;
    case Flaw::TimeZone:
        add("Not in timezone set.", psprintf("Value '%s' is not a valid time zone selection.", value));
        break;
    case Flaw::Privacy:
        add("Not one of 'private', 'all_users', 'custom'.",
            psprintf("Value '%s' is not valid for user preference '%s'.", value, key));
        break;
    }
}

/* Raises an error in PostgreSQL's style, without the value, which is user data. */
void raise(Flaw flaw)
{
    switch (flaw) {
    case Flaw::None:
        return;
    case Flaw::Empty:
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("\"value\" must not be blank"),
                errhint("opigno.delete_preference() takes a preference away."));
    case Flaw::Key:
    case Flaw::KeyLength:
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("\"key\" must consist of 1 to 255 of the characters [-_.a-zA-Z0-9]"));
    case Flaw::Length:
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("\"value\" is longer than %zu bytes", max_value));
    case Flaw::TimeZone:
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("preference \"time_zone\" must be the name of a time zone"),
                errhint("The view pg_timezone_names lists the names, and also other files of the server."));
    case Flaw::Privacy:
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("preference \"account_privacy\" must be \"private\", \"all_users\" or \"custom\""));
    }
}

constexpr Oid key_types[] = {TEXTOID, INT8OID};
constinit pg::Statement
    select_all("SELECT p.key::text, p.value::text FROM opigno.preference AS p WHERE p.user_uuid = $1",
               {key_types, 1});

constexpr Oid change_types[] = {TEXTOID, TEXTOID, TEXTOID, TIMESTAMPTZOID};
constinit pg::Statement
    select_one("SELECT p.value FROM opigno.preference AS p WHERE p.user_uuid = $1 AND p.key = $2",
               {change_types, 2});
constinit pg::Statement
    insert_one("INSERT INTO opigno.preference (user_uuid, key, value, created_at, updated_at)"
               " VALUES ($1, $2, $3, $4, $4) ON CONFLICT (user_uuid, key) DO NOTHING",
               change_types);
constinit pg::Statement
    update_one("UPDATE opigno.preference AS p SET value = $3, updated_at = greatest(p.updated_at, $4)"
               " WHERE p.user_uuid = $1 AND p.key = $2 AND p.value <> $3",
               change_types);
/* octet_length() does not read a value that is stored out of line. */
constinit pg::Statement
    measure_all("SELECT count(*), coalesce(sum(octet_length(p.key) + octet_length(p.value)), 0)"
                " FROM opigno.preference AS p WHERE p.user_uuid = $1",
                {key_types, 1});
constinit pg::Statement delete_one("DELETE FROM opigno.preference AS p WHERE p.user_uuid = $1 AND p.key = $2",
                                   {change_types, 2});

} // namespace

bool is_same(const text *left, const text *right)
{
    return left == nullptr || right == nullptr ? left == right : pg::view(left) == pg::view(right);
}

bool is_preference_key(std::string_view key)
{
    return !key.empty() && key.size() <= max_preference_key &&
           std::all_of(key.begin(), key.end(), is_key_character);
}

const char *choice_key(std::string_view member)
{
    return psprintf("visibility.%.*s", static_cast<int>(member.size()), member.data());
}

text *checked_preference(std::string_view key, const JsonbValue &value, pg::Errors &errors)
{
    if (errors.is_full())
        return nullptr;
    const json::Excess excess = json::excess_of(value, max_value);
    if (excess != json::Excess::None) { /* found before the value is converted to text */
        account::add_error(
            key,
            psprintf("Value of preference '%s' is not valid: %s.", pg::quoted(key, max_quoted),
                     json::message_of(excess, max_value)),
            psprintf("This value is too long for user preference '%s'.", pg::quoted(key, max_quoted)),
            errors);
        return nullptr;
    }
    text *stored = text_of(value);
    const Flaw flaw = flaw_of(key, stored);
    add_error(flaw, key, pg::view(stored), errors);
    return flaw == Flaw::None ? stored : nullptr;
}

void check_preference(const text *key, const text *value)
{
    raise(flaw_of(pg::view(key), value));
}

text *preference_of(text *user_uuid, text *key, bool latest)
{
    const Datum values[] = {PointerGetDatum(user_uuid), PointerGetDatum(key)};
    const std::uint64_t rows = latest ? select_one.read_latest(values) : select_one.read(values);
    return rows > 0 ? DatumGetTextPP(pg::column(1)) : nullptr;
}

bool is_preference(text *user_uuid, const PreferenceChange &change)
{
    return is_same(preference_of(user_uuid, change.key, true), change.value);
}

void lock_and_check_version(text *user_uuid, pg::ExpectedVersion expected)
{
    const identity::User user = identity::lock_user(user_uuid, identity::UserLock::NoKeyUpdate);
    pg::check_version("set of preferences", user.preferences_version, expected);
}

bool is_privacy(const PlannedChange &planned)
{
    return pg::view(planned.change.key) == privacy_key;
}

bool lock_to_change(text *user_uuid, const PreferenceChange &change)
{
    if (is_preference(user_uuid, change))
        return false;
    identity::lock_user(user_uuid, identity::UserLock::NoKeyUpdate);
    return true;
}

void check_growth(text *user_uuid, const Growth &growth, const char *member, pg::Errors &errors)
{
    if (growth.rows <= 0 && growth.bytes <= 0)
        return;
    const Datum key = PointerGetDatum(user_uuid);
    measure_all.read_committed(&key);
    const auto refuse = [&](const char *message) {
        errors.add(ERRCODE_PROGRAM_LIMIT_EXCEEDED, member, "%s", message);
        errors.hint("opigno.delete_preference() takes one away.");
    };
    if (growth.rows > 0 && DatumGetInt64(pg::column(1)) + growth.rows > max_preferences)
        refuse(psprintf("a user has at most " INT64_FORMAT " preferences", max_preferences));
    else if (growth.bytes > 0 && DatumGetInt64(pg::column(2)) + growth.bytes > max_preference_bytes)
        refuse(
            psprintf("the preferences of a user take at most " INT64_FORMAT " bytes", max_preference_bytes));
}

PlannedChange plan(text *user_uuid, const PreferenceChange &change)
{
    const auto bytes_of = [](const text *value) { return static_cast<std::int64_t>(pg::view(value).size()); };
    const text *stored = preference_of(user_uuid, change.key, true);
    if (is_same(stored, change.value))
        return {change, Outcome::Unchanged, {}};
    if (stored == nullptr)
        return {change, Outcome::Created, {1, bytes_of(change.key) + bytes_of(change.value)}};
    if (change.value == nullptr)
        return {change, Outcome::Deleted, {-1, -bytes_of(change.key) - bytes_of(stored)}};
    return {change, Outcome::Replaced, {0, bytes_of(change.value) - bytes_of(stored)}};
}

void write_preference(text *user_uuid, const PlannedChange &planned)
{
    const Datum values[] = {PointerGetDatum(user_uuid), PointerGetDatum(planned.change.key),
                            PointerGetDatum(planned.change.value),
                            TimestampTzGetDatum(GetCurrentTransactionStartTimestamp())};
    std::uint64_t rows = 1;
    if (planned.outcome == Outcome::Created)
        rows = insert_one.write(values);
    else if (planned.outcome == Outcome::Replaced)
        rows = update_one.write(values);
    else if (planned.outcome == Outcome::Deleted)
        rows = delete_one.write(values);
    if (rows == 0)
        pg::refuse_suppressed_write();
}

Jsonb *preferences_of(text *user_uuid, bool latest)
{
    const Datum key = PointerGetDatum(user_uuid);
    const std::uint64_t rows = latest ? select_all.read_latest(&key) : select_all.read(&key);
    std::uint64_t bytes = 0;
    for (std::uint64_t row = 0; row < rows; ++row)
        bytes += pg::text_size(pg::column(1, row)) + pg::text_size(pg::column(2, row));
    if (bytes > static_cast<std::uint64_t>(max_preference_bytes))
        return nullptr;
    json::ObjectBuilder preferences;
    for (std::uint64_t row = 0; row < rows; ++row)
        preferences.add(pg::view(DatumGetTextPP(pg::column(1, row))),
                        json::string_value(pg::view(DatumGetTextPP(pg::column(2, row)))));
    return preferences.finish();
}

} // namespace opigno::account
