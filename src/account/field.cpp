/* Configured fields; functions.sql has the functions' contracts. */
#include "account/field.hpp"

#include "account/patch.hpp"
#include "account/preference.hpp"
#include "identity/audit.hpp"
#include "pg/argument.hpp"
#include "pg/spi.hpp"
#include "pg/time.hpp"
#include "text/display_text.hpp"

#include <algorithm>

namespace opigno::account {

namespace {

constinit pg::Statement
    select_fields("SELECT f.field_name, f.visibility, f.merge, f.placement"
                  " FROM opigno.extended_profile_field AS f ORDER BY f.field_position, f.field_name");

#define FIELD_ROW "f.field_name::text, f.field_position, f.visibility, f.merge, f.placement"

constexpr Oid field_types[] = {TEXTOID, INT4OID, TEXTOID, TEXTOID, TEXTOID, TIMESTAMPTZOID};
constinit pg::Statement
    insert_field("INSERT INTO opigno.extended_profile_field AS f"
                 "  (field_name, field_position, visibility, merge, placement, created_at, updated_at)"
                 " VALUES ($1, coalesce($2, (SELECT least(coalesce(max(o.field_position), 0), 2147483646) + 1"
                 "   FROM opigno.extended_profile_field AS o)),"
                 "  coalesce($3, 'private'), coalesce($4, 'deep'), coalesce($5, 'extended_profile'), $6, $6)"
                 " ON CONFLICT (field_name) DO NOTHING RETURNING " FIELD_ROW,
                 field_types);
constinit pg::Statement update_field(
    "UPDATE opigno.extended_profile_field AS f SET field_position = coalesce($2, f.field_position),"
    "  visibility = coalesce($3, f.visibility), merge = coalesce($4, f.merge),"
    "  placement = coalesce($5, f.placement), updated_at = greatest(f.updated_at, $6)"
    " WHERE f.field_name = $1 AND (f.field_position, f.visibility, f.merge, f.placement)"
    "  IS DISTINCT FROM (coalesce($2, f.field_position), coalesce($3, f.visibility), coalesce($4, f.merge),"
    "   coalesce($5, f.placement)) RETURNING " FIELD_ROW,
    field_types);
constinit pg::Statement select_field("SELECT " FIELD_ROW
                                     " FROM opigno.extended_profile_field AS f WHERE f.field_name = $1",
                                     {field_types, 1});
constinit pg::Statement delete_field("DELETE FROM opigno.extended_profile_field AS f WHERE f.field_name = $1",
                                     {field_types, 1});

constexpr std::string_view account_members[] = {
    "username",    "name",         "is_active",         "date_joined",
    "id",          "scope",        "extended_profile",  "account_privacy",
    "preferences", "field_errors", "developer_message", "user_message",
    "version"};

constexpr pg::Word<Visibility> visibility_words[] = {
    {"private", Visibility::Private}, {"shared", Visibility::Shared}, {"custom", Visibility::Custom}};
/* Whether a patch replaces an object whole. */
constexpr pg::Word<bool> merge_words[] = {{"deep", false}, {"replace", true}};
/* Whether the field is a member of the account itself. */
constexpr pg::Word<bool> placement_words[] = {{"extended_profile", false}, {"account", true}};

text *field_name_argument(FunctionCallInfo fcinfo, decltype(texts::checked_display_text) checked,
                          pg::Errors &errors)
{
    constexpr const char *member = "field_name";
    text *name = checked(pg::text_argument(fcinfo, 0), member, errors);
    pg::require(fcinfo, 0, member, errors);
    if (name != nullptr && is_reserved_field(pg::view(name)))
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, member, "field name \"%s\" is reserved",
                   text_to_cstring(name));
    return name;
}

void check_placement(const text *name, bool in_account, pg::Errors &errors)
{
    if (name != nullptr && in_account && is_account_member(pg::view(name)))
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "placement",
                   "\"placement\" must not be \"account\": every account has a member of this name already");
}

/* The preference visibility.<field_name> controls who sees a custom field. Checks that this is a
 * valid key, and not the key for a member of the account. */
void check_visibility(const text *name, Visibility visibility, pg::Errors &errors)
{
    if (name == nullptr || visibility != Visibility::Custom)
        return;
    const std::string_view field = pg::view(name);
    if (field == "name" || field == "date_joined")
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "visibility",
                   "\"visibility\" must not be \"custom\": the preference visibility.%.*s is about the "
                   "account's own member",
                   static_cast<int>(field.size()), field.data());
    else if (field.size() > max_preference_key || !is_preference_key(choice_key(field)))
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "visibility",
                   "\"visibility\" must not be \"custom\": visibility.<field_name> could not be the key of a "
                   "preference");
}

void record_field(const identity::Caller &caller, identity::Outcome outcome, const char *subject)
{
    identity::Event event;
    event.outcome = outcome;
    event.subject = pg::make_text(subject);
    identity::record(caller, event);
}

/* Describes the field's row, which is in SPI_tuptable, for the audit trail. */
const char *words_of_row()
{
    const auto word = [](int column) { return TextDatumGetCString(pg::column(column)); };
    return psprintf("%s visibility=%s merge=%s placement=%s", word(1), word(3), word(4), word(5));
}

/* Another round is needed only if another session has configured or dropped the field between two
 * statements. */
constexpr int max_rounds = 100;

/* Writes the field. Afterwards its row is in SPI_tuptable. */
identity::Outcome upsert(const Datum *values, const char *nulls)
{
    for (int round = 0; round < max_rounds; ++round) {
        CHECK_FOR_INTERRUPTS();
        if (update_field.write(values, nulls) > 0)
            return identity::Outcome::Updated;
        if (select_field.read_latest(values) > 0)
            return identity::Outcome::Unchanged;
        if (insert_field.write(values, nulls) > 0)
            return identity::Outcome::Created;
    }
    pg::refuse_suppressed_write();
}

Datum configure(const identity::Caller &caller, FunctionCallInfo fcinfo)
{
    pg::Errors errors;
    text *name = field_name_argument(fcinfo, texts::checked_display_text, errors);
    check_visibility(name, pg::word_argument(fcinfo, 2, "visibility", visibility_words, errors), errors);
    pg::word_argument(fcinfo, 3, "merge", merge_words, errors);
    check_placement(name, pg::word_argument(fcinfo, 4, "placement", placement_words, errors), errors);
    errors.raise();
    const auto null = [&](int argument_number) { return PG_ARGISNULL(argument_number) ? 'n' : ' '; };
    const Datum values[] = {
        PointerGetDatum(name), PG_GETARG_DATUM(1),
        PG_GETARG_DATUM(2),    PG_GETARG_DATUM(3),
        PG_GETARG_DATUM(4),    TimestampTzGetDatum(GetCurrentTransactionStartTimestamp())};
    const char nulls[] = {' ', null(1), null(2), null(3), null(4), ' '};
    return pg::with_spi([&](MemoryContext) {
        const identity::Outcome outcome = upsert(values, nulls);
        const Datum row = pg::returned_row();
        if (outcome != identity::Outcome::Unchanged)
            record_field(caller, outcome, words_of_row());
        return row;
    });
}

bool drop(const identity::Caller &caller, FunctionCallInfo fcinfo)
{
    pg::Errors errors;
    text *name = field_name_argument(fcinfo, texts::checked_stored_name, errors);
    errors.raise();
    return pg::with_spi([&](MemoryContext) {
        const Datum key = PointerGetDatum(name);
        if (delete_field.write(&key) == 0)
            return false;
        record_field(caller, identity::Outcome::Deleted, text_to_cstring(name));
        return true;
    });
}

} // namespace

Fields configured_fields(bool latest)
{
    Fields fields;
    const std::uint64_t rows = latest ? select_fields.read_latest(nullptr) : select_fields.read(nullptr);
    for (std::uint64_t row = 0; row < rows; ++row) {
        const auto word = [&](int column) { return pg::view(DatumGetTextPP(pg::column(column, row))); };
        fields.push_back({word(1), pg::value_of(word(2), visibility_words).value_or(Visibility::Private),
                          pg::value_of(word(3), merge_words).value_or(false),
                          pg::value_of(word(4), placement_words).value_or(false)});
    }
    return fields;
}

const Field *find(const Fields &fields, std::string_view name)
{
    const Field *found =
        std::find_if(fields.begin(), fields.end(), [&](const Field &field) { return field.name == name; });
    return found == fields.end() ? nullptr : found;
}

bool is_account_member(std::string_view name)
{
    return std::find(std::begin(account_members), std::end(account_members), name) !=
           std::end(account_members);
}

} // namespace opigno::account

using namespace opigno;

OPIGNO_FUNCTION(opigno_configure_extended_profile_field)
{
    return identity::as_owner(
        fcinfo, identity::RequiredAccess::Operator,
        [&](const identity::Caller &caller) { return account::configure(caller, fcinfo); });
}

OPIGNO_FUNCTION(opigno_drop_extended_profile_field)
{
    PG_RETURN_BOOL(
        identity::as_owner(fcinfo, identity::RequiredAccess::Operator,
                           [&](const identity::Caller &caller) { return account::drop(caller, fcinfo); }));
}
