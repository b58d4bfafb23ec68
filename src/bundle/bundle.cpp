/* get_user_bundle and get_user_bundles; functions.sql has the contracts. They run with the caller's
 * rights, so row security and the functions that they call decide what the caller sees. */
#include "identity/distributed_rows.hpp"
#include "identity/user_uuid.hpp"
#include "pg/argument.hpp"
#include "pg/array.hpp"
#include "pg/function.hpp"
#include "pg/result.hpp"
#include "pg/spi.hpp"
#include "pg/vector.hpp"
#include "json/value/reader.hpp"
#include "json/value/writer.hpp"

#include <algorithm>

namespace opigno::bundle {

namespace {

enum class Part : std::uint8_t { UserContext, Profiles, Account, Preferences, Trainings, Entities };

constexpr const char *part_names[] = {"user_context", "profiles",  "account",
                                      "preferences",  "trainings", "entities"};
constexpr unsigned all_parts = (1U << std::size(part_names)) - 1;

/* Types and operators are qualified because these statements run with the caller's search_path. */
/* The rows come in any order: to sort the few of one user here costs less than a node of a plan. */
constexpr Oid profile_types[] = {TEXTOID, INT4ARRAYOID};
#define SELECT_PROFILES(source)                                                                              \
    "SELECT p.app_id, p.profile_data, p.version, p.created_at, p.updated_at FROM " source                    \
    " WHERE p.user_uuid OPERATOR(pg_catalog.=) $1"                                                           \
    "  AND ($2 IS NULL OR p.app_id OPERATOR(pg_catalog.=) ANY ($2))"
constinit pg::CallerStatement select_profiles(SELECT_PROFILES("opigno.visible_profile AS p"), profile_types,
                                              SELECT_PROFILES(OPIGNO_DISTRIBUTED_PROFILES));

constexpr Oid user_types[] = {TEXTOID};
#define SELECT_TRAININGS(source)                                                                             \
    "SELECT p.training_id::pg_catalog.text, t.title::pg_catalog.text, p.is_enrolled,"                        \
    "  p.status::pg_catalog.text, p.progress::pg_catalog.text, p.score::pg_catalog.text, p.details,"         \
    "  p.reported_at, p.version, p.created_at, p.updated_at FROM " source                                    \
    "  JOIN opigno.training AS t ON t.training_id OPERATOR(pg_catalog.=) p.training_id"                      \
    " WHERE p.user_uuid OPERATOR(pg_catalog.=) $1"
constinit pg::CallerStatement select_trainings(SELECT_TRAININGS("opigno.training_progress AS p"), user_types,
                                               SELECT_TRAININGS(OPIGNO_DISTRIBUTED_PROGRESS));
constinit pg::CallerStatement select_entities("SELECT e.label, e.entity FROM opigno.user_entities($1) AS e",
                                              user_types);

constexpr pg::Function get_user_context("get_user_context_json", user_types);
constexpr Oid account_types[] = {TEXTOID, TEXTOID};
constexpr pg::Function get_account("get_account", account_types);
constexpr pg::Function get_preferences("get_preferences", user_types);

/* Adds an error (22023) for each name that is unknown. */
unsigned parts_argument(FunctionCallInfo fcinfo, int argument_number, pg::Errors &errors)
{
    ArrayType *given = pg::array_argument(fcinfo, argument_number);
    if (given == nullptr)
        return all_parts;
    unsigned parts = 0;
    for (const std::string_view name : pg::names_of(given)) {
        const char *const *found =
            std::find_if(std::begin(part_names), std::end(part_names),
                         [&](const char *part) { return name.data() != nullptr && name == part; });
        if (found == std::end(part_names)) {
            errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "include",
                       "\"include\" must contain names of members of a bundle");
            errors.hint("The members are user_context, profiles, account, preferences, trainings and "
                        "entities.");
            break;
        }
        parts |= 1U << static_cast<unsigned>(found - std::begin(part_names));
    }
    return parts;
}

ArrayType *apps_argument(FunctionCallInfo fcinfo, int argument_number, pg::Errors &errors)
{
    ArrayType *apps = pg::array_argument(fcinfo, argument_number);
    if (apps != nullptr && array_contains_nulls(apps))
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "app_ids", "\"app_ids\" must not contain NULL");
    return apps;
}

/* The members of a bundle that the caller asks for. */
struct Wanted {
    unsigned parts;
    ArrayType *app_ids; /* nullptr: all apps */

    [[nodiscard]] bool has(Part part) const { return (parts >> static_cast<unsigned>(part) & 1U) != 0; }
};

Wanted wanted_argument(FunctionCallInfo fcinfo, int first_argument, pg::Errors &errors)
{
    Wanted wanted{};
    wanted.app_ids = apps_argument(fcinfo, first_argument, errors);
    wanted.parts = parts_argument(fcinfo, first_argument + 1, errors);
    return wanted;
}

std::string_view text_of(Datum value)
{
    return pg::view(DatumGetTextPP(value));
}

void write_json(std::optional<Datum> value, json::Writer &out)
{
    if (value.has_value())
        out.json(text_of(*value));
    else
        out.null();
}

void write_jsonb(Datum value, json::Writer &out)
{
    out.value(json::root_of(DatumGetJsonbP(value)));
}

/* The rows of SPI_tuptable, in the order of key_of() of their columns. */
template <typename Key> pg::Vector<pg::Columns> sorted_rows(std::uint64_t rows, Key key_of)
{
    pg::Vector<pg::Columns> sorted;
    for (std::uint64_t row = 0; row < rows; ++row)
        sorted.push_back(pg::Columns(row));
    std::sort(sorted.begin(), sorted.end(), [&](const pg::Columns &left, const pg::Columns &right) {
        return key_of(left) < key_of(right);
    });
    return sorted;
}

void write_times(const pg::Columns &row, int first_column, json::Writer &out)
{
    out.key("version").integer(DatumGetInt64(row.column(first_column)));
    out.key("created_at").timestamp(DatumGetTimestampTz(row.column(first_column + 1)));
    out.key("updated_at").timestamp(DatumGetTimestampTz(row.column(first_column + 2)));
}

void write_profiles(text *user_uuid, ArrayType *app_ids, json::Writer &out)
{
    const Datum values[] = {PointerGetDatum(user_uuid), PointerGetDatum(app_ids)};
    const char nulls[] = {' ', app_ids == nullptr ? 'n' : ' '};
    const std::uint64_t rows = select_profiles.read(values, nulls);
    out.begin_array();
    const auto app_of = [](const pg::Columns &row) { return DatumGetInt32(row.column(1)); };
    for (const pg::Columns &row : sorted_rows(rows, app_of)) {
        CHECK_FOR_INTERRUPTS();
        out.begin_object();
        out.key("app_id").integer(app_of(row));
        out.key("profile_data");
        write_jsonb(row.column(2), out);
        write_times(row, 3, out);
        out.end_object();
    }
    out.end_array();
}

void write_training(const pg::Columns &row, json::Writer &out)
{
    out.begin_object();
    out.key("training_id").string(text_of(row.column(1)));
    out.key("title").string(text_of(row.column(2)));
    out.key("is_enrolled").boolean(DatumGetBool(row.column(3)));
    out.key("status").string(text_of(row.column(4)));
    out.key("progress").json(text_of(row.column(5)));
    out.key("score");
    write_json(row.nullable(6), out);
    out.key("details");
    if (const std::optional<Datum> details = row.nullable(7); details.has_value())
        write_jsonb(*details, out);
    else
        out.null();
    out.key("reported_at");
    if (const std::optional<Datum> time = row.nullable(8); time.has_value())
        out.timestamp(DatumGetTimestampTz(*time));
    else
        out.null();
    write_times(row, 9, out);
    out.end_object();
}

/* The order is that of the bytes. */
void write_trainings(text *user_uuid, json::Writer &out)
{
    const Datum key = PointerGetDatum(user_uuid);
    const std::uint64_t rows = select_trainings.read(&key);
    out.begin_array();
    const auto training_of = [](const pg::Columns &row) { return text_of(row.column(1)); };
    for (const pg::Columns &row : sorted_rows(rows, training_of)) {
        CHECK_FOR_INTERRUPTS();
        write_training(row, out);
    }
    out.end_array();
}

/* The rows come in the order of their labels. An entity that is NULL says that the table has more. */
void write_entities(text *user_uuid, json::Writer &out)
{
    const Datum key = PointerGetDatum(user_uuid);
    const std::uint64_t rows = select_entities.read(&key);
    out.begin_object();
    std::string_view label;
    for (std::uint64_t row = 0; row < rows; ++row) {
        CHECK_FOR_INTERRUPTS();
        const std::string_view of_row = text_of(pg::column(1, row));
        if (row == 0 || of_row != label) {
            if (row > 0)
                out.end_array();
            label = of_row;
            out.member(label);
            out.begin_array();
        }
        if (const std::optional<Datum> entity = pg::nullable_column(2, row); entity.has_value())
            write_jsonb(*entity, out);
        else
            out.null();
    }
    if (rows > 0)
        out.end_array();
    out.end_object();
}

/* Returns the preferences, which are those of get_preferences, from what get_account has returned.
 * Nothing: the account does not show them. They may be not for this caller, or too large. */
std::optional<Datum> preferences_in(Datum account, MemoryContext memory)
{
    MemoryContext before = MemoryContextSwitchTo(memory);
    const std::optional<Datum> found = pg::json_member(account, "preferences");
    MemoryContextSwitchTo(before);
    return found.has_value() && text_of(*found) != "null" ? found : std::nullopt;
}

/* preferences: those that the account has shown, in the memory context `memory`. */
void write_part(Part part, text *user_uuid, const Wanted &wanted, std::optional<Datum> &preferences,
                MemoryContext memory, json::Writer &out)
{
    const Datum values[] = {PointerGetDatum(user_uuid), Datum{0}};
    const char nulls[] = {' ', 'n'};
    switch (part) {
    case Part::UserContext:
        write_json(get_user_context.call(values), out);
        break;
    case Part::Profiles:
        write_profiles(user_uuid, wanted.app_ids, out);
        break;
    case Part::Account:
        if (const std::optional<Datum> account = get_account.call(values, nulls); account.has_value()) {
            out.json(text_of(*account));
            if (wanted.has(Part::Preferences))
                preferences = preferences_in(*account, memory);
        } else {
            out.null();
        }
        break;
    case Part::Preferences:
        if (preferences.has_value())
            get_preferences.check();
        write_json(preferences.has_value() ? preferences : get_preferences.call(values), out);
        break;
    case Part::Trainings:
        write_trainings(user_uuid, out);
        break;
    case Part::Entities:
        write_entities(user_uuid, out);
        break;
    }
}

/* Returns the bundle of a user in the current memory context. */
Datum bundle_of(text *user_uuid, const Wanted &wanted)
{
    json::Writer out;
    std::optional<Datum> preferences;
    MemoryContext memory = CurrentMemoryContext;
    out.begin_object();
    for (std::size_t at = 0; at < std::size(part_names); ++at) {
        const auto part = static_cast<Part>(at);
        if (!wanted.has(part))
            continue;
        out.key(part_names[at]);
        pg::with_spi([&](MemoryContext outer) {
            write_part(part, user_uuid, wanted, preferences, outer, out);
            return 0;
        });
    }
    out.end_object();
    MemoryContextSwitchTo(memory);
    return out.json();
}

constexpr int max_users = 500;

pg::Names users_argument(FunctionCallInfo fcinfo, pg::Errors &errors)
{
    pg::Names names;
    ArrayType *given = pg::array_argument(fcinfo, 0);
    if (given == nullptr)
        return names;
    if (array_contains_nulls(given)) {
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "user_uuids", "\"user_uuids\" must not contain NULL");
        return names;
    }
    if (ArrayGetNItems(ARR_NDIM(given), ARR_DIMS(given)) > max_users) {
        errors.add(ERRCODE_PROGRAM_LIMIT_EXCEEDED, "user_uuids", "\"user_uuids\" has more than %d users",
                   max_users);
        errors.hint("Read the others with further calls.");
        return names;
    }
    for (const std::string_view name : pg::names_of(given)) {
        const std::string_view user = pg::view(identity::canonical_user_uuid(pg::make_text(name)));
        if (std::find(names.begin(), names.end(), user) == names.end())
            names.push_back(user);
    }
    return names;
}

void return_bundles(FunctionCallInfo fcinfo, const pg::Names &users, const Wanted &wanted)
{
    auto *result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    MemoryContext memory =
        AllocSetContextCreateInternal(CurrentMemoryContext, "opigno bundle", ALLOCSET_DEFAULT_SIZES);
    MemoryContext before = MemoryContextSwitchTo(memory);
    for (const std::string_view name : users) {
        text *user_uuid = pg::make_text(name);
        Datum values[] = {PointerGetDatum(user_uuid), bundle_of(user_uuid, wanted)};
        bool nulls[] = {false, false};
        tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
        MemoryContextReset(memory);
    }
    MemoryContextSwitchTo(before);
    MemoryContextDelete(memory);
}

} // namespace

} // namespace opigno::bundle

using namespace opigno;

OPIGNO_FUNCTION(opigno_get_user_bundle)
{
    pg::Errors errors;
    const bundle::Wanted wanted = bundle::wanted_argument(fcinfo, 1, errors);
    errors.raise();
    if (PG_ARGISNULL(0))
        PG_RETURN_NULL();
    text *user_uuid = identity::canonical_user_uuid(PG_GETARG_TEXT_PP(0));
    return bundle::bundle_of(user_uuid, wanted);
}

OPIGNO_FUNCTION(opigno_get_user_bundles)
{
    InitMaterializedSRF(fcinfo, 0);
    pg::Errors errors;
    const pg::Names users = bundle::users_argument(fcinfo, errors);
    const bundle::Wanted wanted = bundle::wanted_argument(fcinfo, 1, errors);
    errors.raise();
    bundle::return_bundles(fcinfo, users, wanted);
    return Datum{0};
}
