/* Configured fields; functions.sql has the functions' contracts. */
#include "account/field.hpp"

#include "account/patch.hpp"
#include "account/preference.hpp"
#include "account/value_schema.hpp"
#include "identity/audit.hpp"
#include "pg/argument.hpp"
#include "pg/spi.hpp"
#include "pg/time.hpp"
#include "text/display_text.hpp"

#include <algorithm>

namespace opigno::account {

namespace {

#define SELECT_ALL(value_schema)                                                                             \
    "SELECT coalesce(s.unconfigured, 'store'), coalesce(s.default_visibility, 'private'),"                   \
    "  f.field_name, f.visibility, f.merge, f.placement, f.editable_by, f.empty_as, " value_schema           \
    " FROM (SELECT) AS one LEFT JOIN opigno.account_setting AS s ON true"                                    \
    "  LEFT JOIN opigno.extended_profile_field AS f ON true ORDER BY f.field_position, f.field_name"
constinit pg::Statement select_all(SELECT_ALL("NULL::jsonb"));
constinit pg::Statement select_to_write(SELECT_ALL("f.value_schema"));
constexpr const char *field_table = "extended_profile_field";

#define FIELD_ROW                                                                                            \
    "f.field_name::text, f.field_position, f.visibility, f.merge, f.placement, f.editable_by,"               \
    " f.empty_as, f.value_schema"

/* The time is the first parameter, then the arguments in their order. */
constexpr Oid field_types[] = {TIMESTAMPTZOID, TEXTOID, INT4OID, TEXTOID, TEXTOID,
                               TEXTOID,        TEXTOID, TEXTOID, JSONBOID};
/* The position of a field that is given none. */
#define NEXT_POSITION                                                                                        \
    "SELECT least(coalesce(max(o.field_position), 0), 2147483646) + 1"                                       \
    " FROM opigno.extended_profile_field AS o"
#define INSERT_FIELD(position)                                                                               \
    "INSERT INTO opigno.extended_profile_field AS f"                                                         \
    "  (field_name, field_position, visibility, merge, placement, editable_by, empty_as, value_schema,"      \
    "   created_at, updated_at)"                                                                             \
    " VALUES ($2, " position ","                                                                             \
    "  coalesce($4, 'private'), coalesce($5, 'deep'), coalesce($6, 'extended_profile'),"                     \
    "  coalesce($7, 'user'), coalesce($8, 'text'), nullif($9, 'true'), $1, $1)"                              \
    " ON CONFLICT (field_name) DO NOTHING RETURNING " FIELD_ROW
/* Citus takes no sub-select in VALUES. */
constinit pg::Statement insert_field(INSERT_FIELD("coalesce($3, (" NEXT_POSITION "))"), field_types,
                                     INSERT_FIELD("$3"));
constinit pg::Statement select_next_position(NEXT_POSITION);
constinit pg::Statement update_field(
    "UPDATE opigno.extended_profile_field AS f SET field_position = coalesce($3, f.field_position),"
    "  visibility = coalesce($4, f.visibility), merge = coalesce($5, f.merge),"
    "  placement = coalesce($6, f.placement), editable_by = coalesce($7, f.editable_by),"
    "  empty_as = coalesce($8, f.empty_as), value_schema = nullif(coalesce($9, f.value_schema), 'true'),"
    "  updated_at = greatest(f.updated_at, $1)"
    " WHERE f.field_name = $2 AND (f.field_position, f.visibility, f.merge, f.placement, f.editable_by,"
    "   f.empty_as, f.value_schema)"
    "  IS DISTINCT FROM (coalesce($3, f.field_position), coalesce($4, f.visibility), coalesce($5, f.merge),"
    "   coalesce($6, f.placement), coalesce($7, f.editable_by), coalesce($8, f.empty_as),"
    "   nullif(coalesce($9, f.value_schema), 'true'))"
    " RETURNING " FIELD_ROW,
    field_types);
constexpr Oid name_type[] = {TEXTOID};
constinit pg::Statement select_field("SELECT " FIELD_ROW
                                     " FROM opigno.extended_profile_field AS f WHERE f.field_name = $1",
                                     name_type);
constinit pg::Statement delete_field("DELETE FROM opigno.extended_profile_field AS f WHERE f.field_name = $1",
                                     name_type);

constexpr std::string_view account_members[] = {
    "username",    "name",         "is_active",          "date_joined",
    "id",          "scope",        "extended_profile",   "account_privacy",
    "preferences", "field_errors", "developer_message",  "user_message",
    "version",     "not_shown",    "preferences_version"};

constexpr pg::Word<Visibility> visibility_words[] = {
    {"private", Visibility::Private}, {"shared", Visibility::Shared}, {"custom", Visibility::Custom}};
/* Whether a patch replaces an object whole. */
constexpr pg::Word<bool> merge_words[] = {{"deep", false}, {"replace", true}};
/* Whether the field is a member of the account itself. */
constexpr pg::Word<bool> placement_words[] = {{"extended_profile", false}, {"account", true}};
/* Whether only operators may change the field. */
constexpr pg::Word<bool> editor_words[] = {{"user", false}, {"operator", true}};
constexpr pg::Word<EmptyAs> empty_words[] = {
    {"text", EmptyAs::Text}, {"null", EmptyAs::Null}, {"list", EmptyAs::List}};

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
    return psprintf("%s visibility=%s merge=%s placement=%s editable_by=%s empty_as=%s%s", word(1), word(3),
                    word(4), word(5), word(6), word(7),
                    pg::nullable_column(8).has_value() ? " value_schema" : "");
}

/* Another round is needed only if another session has configured or dropped the field between two
 * statements. */
constexpr int max_rounds = 100;

/* Returns the number of rows written. The field has been looked for by update_field. */
std::uint64_t insert(const Datum *values, const char *nulls)
{
    constexpr std::size_t position = 2;
    if (!update_field.is_distributed() || nulls[position] != 'n')
        return insert_field.write(values, nulls);
    Datum all_values[std::size(field_types)];
    char all_nulls[std::size(field_types)];
    std::copy_n(values, std::size(field_types), all_values);
    std::copy_n(nulls, std::size(field_types), all_nulls);
    select_next_position.read_latest(nullptr);
    all_values[position] = pg::column(1);
    all_nulls[position] = ' ';
    return insert_field.write(all_values, all_nulls);
}

/* Writes the field. Afterwards its row is in SPI_tuptable. */
identity::Outcome upsert(const Datum *values, const char *nulls)
{
    const Datum &name = values[1];
    for (int round = 0; round < max_rounds; ++round) {
        CHECK_FOR_INTERRUPTS();
        if (update_field.write(values, nulls) > 0)
            return identity::Outcome::Updated;
        if (select_field.read_latest(&name) > 0)
            return identity::Outcome::Unchanged;
        if (insert(values, nulls) > 0)
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
    pg::word_argument(fcinfo, 5, "editable_by", editor_words, errors);
    pg::word_argument(fcinfo, 6, "empty_as", empty_words, errors);
    check_value_schema(fcinfo, 7, errors);
    errors.raise();
    constexpr int arguments = std::size(field_types) - 1;
    Datum values[arguments + 1] = {TimestampTzGetDatum(GetCurrentTransactionStartTimestamp())};
    char nulls[arguments + 1] = {' '};
    for (int at = 0; at < arguments; ++at) {
        values[at + 1] = PG_GETARG_DATUM(at);
        nulls[at + 1] = PG_ARGISNULL(at) ? 'n' : ' ';
    }
    return pg::with_spi([&](MemoryContext) {
        if (!PG_ARGISNULL(7))
            lock_schemas_to_change(caller, field_table);
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

/* Reads the rows in SPI_tuptable. */
Fields fields_of_rows(std::uint64_t rows)
{
    Fields fields;
    for (std::uint64_t row = 0; row < rows; ++row) {
        const auto word = [&](int column) { return pg::view(DatumGetTextPP(pg::column(column, row))); };
        fields.refuses_unconfigured = word(1) == "refuse";
        fields.default_visibility = word(2);
        if (!pg::nullable_column(3, row).has_value())
            break; /* no field is configured */
        fields.list.push_back({word(3), pg::value_of(word(4), visibility_words).value_or(Visibility::Private),
                               pg::value_of(word(5), merge_words).value_or(false),
                               pg::value_of(word(6), placement_words).value_or(false),
                               pg::value_of(word(7), editor_words).value_or(false),
                               pg::value_of(word(8), empty_words).value_or(EmptyAs::Text),
                               pg::nullable_column(9, row).value_or(Datum{0})});
    }
    return fields;
}

} // namespace

Fields configured_fields(bool latest)
{
    return fields_of_rows(latest ? select_all.read_latest(nullptr) : select_all.read(nullptr));
}

Fields fields_to_write(const identity::Caller &caller)
{
    lock_schemas_to_write(caller, field_table);
    return fields_of_rows(select_to_write.read_committed(nullptr));
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
