/* Rules for the values of preferences; functions.sql has the functions' contracts. */
#include "account/preference_rule.hpp"

#include "account/value_schema.hpp"
#include "identity/audit.hpp"
#include "pg/argument.hpp"
#include "pg/pointer.hpp"
#include "pg/spi.hpp"
#include "pg/time.hpp"
#include "json/value/reader.hpp"

#include <algorithm>

namespace opigno::account {

namespace {

constexpr const char *rule_table = "preference_rule";
constexpr const char *hint = "opigno.list_preference_rules() shows the schema.";

constinit pg::Statement select_all("SELECT r.key::text, r.value_schema FROM opigno.preference_rule AS r");

/* $1 to $3: the key, the schema and the time. */
constexpr Oid types[] = {TEXTOID, JSONBOID, TIMESTAMPTZOID};
constinit pg::Statement
    select_rule("SELECT FROM opigno.preference_rule AS r WHERE r.key = $1 AND r.value_schema = $2",
                {types, 2});
constinit pg::Statement update_rule("UPDATE opigno.preference_rule AS r SET value_schema = $2,"
                                    "  updated_at = greatest(r.updated_at, $3) WHERE r.key = $1",
                                    types);
constinit pg::Statement
    insert_rule("INSERT INTO opigno.preference_rule (key, value_schema, created_at, updated_at)"
                " VALUES ($1, $2, $3, $3)",
                types);
constinit pg::Statement delete_rule("DELETE FROM opigno.preference_rule AS r WHERE r.key = $1", {types, 1});

text *key_argument(FunctionCallInfo fcinfo, pg::Errors &errors)
{
    text *key = pg::text_argument(fcinfo, 0);
    pg::require(fcinfo, 0, "key", errors);
    if (key != nullptr && !is_preference_key(pg::view(key)))
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "key",
                   "\"key\" must consist of 1 to 255 of the characters [-_.a-zA-Z0-9]");
    return key;
}

void record(const identity::Caller &caller, Outcome outcome, const text *key)
{
    identity::Event event;
    event.outcome = outcome;
    event.subject = key;
    identity::record(caller, event);
}

/* The lock on the table has made all other writers of rules wait. */
Outcome write_rule(const Datum *values)
{
    if (select_rule.read_latest(values) > 0)
        return Outcome::Unchanged;
    if (update_rule.write(values) > 0)
        return Outcome::Replaced;
    if (insert_rule.write(values) == 0)
        pg::refuse_suppressed_write();
    return Outcome::Created;
}

Outcome configure(const identity::Caller &caller, FunctionCallInfo fcinfo)
{
    pg::Errors errors;
    const text *key = key_argument(fcinfo, errors);
    pg::require(fcinfo, 1, "value_schema", errors);
    check_value_schema(fcinfo, 1, errors);
    errors.raise();
    const Datum values[] = {PointerGetDatum(key), PG_GETARG_DATUM(1),
                            TimestampTzGetDatum(GetCurrentTransactionStartTimestamp())};
    return pg::with_spi([&](MemoryContext) {
        lock_schemas_to_change(caller, rule_table);
        const Outcome outcome = write_rule(values);
        if (outcome != Outcome::Unchanged)
            record(caller, outcome, key);
        return outcome;
    });
}

bool drop(const identity::Caller &caller, FunctionCallInfo fcinfo)
{
    pg::Errors errors;
    const text *key = key_argument(fcinfo, errors);
    errors.raise();
    return pg::with_spi([&](MemoryContext) {
        const Datum value = PointerGetDatum(key);
        if (delete_rule.write(&value) == 0)
            return false;
        record(caller, Outcome::Deleted, key);
        return true;
    });
}

void judge(const PreferenceChange &change, const PreferenceRules &rules, const Judged &judged,
           pg::Errors &errors)
{
    const PreferenceRule *rule = std::find_if(rules.begin(), rules.end(), [&](const PreferenceRule &each) {
        return each.key == pg::view(change.key);
    });
    if (rule == rules.end())
        return;
    JsonbValue value = json::string_value(pg::view(change.value));
    account::judge(rule->value_schema, JsonbValueToJsonb(&value), judged, errors);
}

} // namespace

PreferenceRules rules_to_write(const identity::Caller &caller)
{
    lock_schemas_to_write(caller, rule_table);
    PreferenceRules rules;
    const std::uint64_t rows = select_all.read_committed(nullptr);
    for (std::uint64_t row = 0; row < rows; ++row)
        rules.push_back({pg::view(DatumGetTextPP(pg::column(1, row))), pg::column(2, row)});
    return rules;
}

void judge(const PreferenceChange &change, const PreferenceRules &rules, const char *member,
           pg::Errors &errors)
{
    if (rules.empty() || change.value == nullptr || errors.is_full())
        return;
    const char *key = pg::quoted(pg::view(change.key), max_preference_key);
    const char *path = pg::pointer_to(pg::view(change.key));
    judge(change, rules,
          {member == nullptr ? path : psprintf("/%s%s", member, path),
           psprintf("Value of preference '%s' is not valid: ", key),
           psprintf("This value is not valid for user preference '%s'.", key), hint},
          errors);
}

void judge_argument(const PreferenceChange &change, const PreferenceRules &rules, pg::Errors &errors)
{
    judge(change, rules, {"/value", "\"value\" is not valid for the preference: ", nullptr, hint}, errors);
}

} // namespace opigno::account

using namespace opigno;

OPIGNO_FUNCTION(opigno_configure_preference)
{
    return identity::as_owner(
        fcinfo, identity::RequiredAccess::Operator, [&](const identity::Caller &caller) {
            return PointerGetDatum(pg::make_text(identity::word_of(account::configure(caller, fcinfo))));
        });
}

OPIGNO_FUNCTION(opigno_drop_preference_rule)
{
    PG_RETURN_BOOL(
        identity::as_owner(fcinfo, identity::RequiredAccess::Operator,
                           [&](const identity::Caller &caller) { return account::drop(caller, fcinfo); }));
}
