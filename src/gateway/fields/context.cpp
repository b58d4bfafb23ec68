#include "gateway/fields/context.hpp"

#include "gateway/fields/account.hpp"
#include "gateway/fields/outcome.hpp"
#include "gateway/fields/profile.hpp"
#include "gateway/fields/progress.hpp"
#include "pg/array.hpp"
#include "pg/text.hpp"

namespace opigno::fields {

using graphql::boolean_type;
using graphql::id_type;
using graphql::int_type;
using graphql::string_type;
using graphql::TypeKind;

namespace {

constexpr Oid uuid_type[] = {TEXTOID};
constinit pg::CallerStatement
    get_context("SELECT " OPIGNO_CONTEXT_ROW " FROM opigno.get_user_context($1) AS c", uuid_type);
constinit pg::CallerStatement set_context("SELECT opigno.set_user_context_json($1::json)::text", uuid_type);
constexpr Oid bulk_types[] = {TEXTOID, TEXTOID, BOOLOID};
constinit pg::CallerStatement
    set_contexts("SELECT opigno.set_user_contexts($1, on_error => $2, dry_run => $3)::text", bulk_types);

void resolve_get(Resolution &resolution)
{
    const Datum uuid = PointerGetDatum(pg::make_text(resolution.argument("uuid").text));
    const SPITupleTable *rows = resolution.read(get_context, &uuid);
    if (rows->numvals > 0)
        resolution.object(0, {rows, 0});
}

std::string_view first_text(const SPITupleTable *rows)
{
    return pg::view(DatumGetTextPP(*graphql::column({rows, 0}, 1)));
}

/* The arguments that are given are the members of the payload. */
Datum payload_of(const Resolution &resolution)
{
    json::Writer out;
    out.begin_object();
    for (const InputValue &declared : context::set_arguments)
        if (const graphql::Input &input = resolution.argument(declared.name); input.is_given())
            write_input(out.member(declared.name), input);
    out.end_object();
    return out.json();
}

void set(Resolution &resolution, Outcome &outcome)
{
    const Datum payload = payload_of(resolution);
    outcome.errors = member_of(first_text(resolution.read(set_context, &payload)), "errors");
    if (outcome.errors != "[]")
        return;
    const Datum uuid = PointerGetDatum(pg::make_text(resolution.argument("uuid").text));
    if (const SPITupleTable *rows = resolution.read(get_context, &uuid); rows->numvals > 0)
        outcome.rows = rows;
}

void set_many(Resolution &resolution, Outcome &outcome)
{
    json::Writer body;
    write_input(body, resolution.argument("userContexts"));
    const bool reports = resolution.argument("onError").text == "REPORT";
    const Datum values[] = {body.json(), PointerGetDatum(pg::make_text(reports ? "report" : "abort")),
                            BoolGetDatum(resolution.argument("dryRun").is_true())};
    outcome.answer = first_text(resolution.read(set_contexts, values));
    outcome.errors = member_of(outcome.answer, "errors");
}

void resolve_set(Resolution &resolution)
{
    run_mutation(resolution, set);
}

void resolve_set_many(Resolution &resolution)
{
    run_mutation(resolution, set_many);
}

/* ---- the answer of setUserContexts ---- */

std::string_view answer_of(const Object &object)
{
    const std::string_view answer = static_cast<const Outcome *>(object.item)->answer;
    return answer.empty() ? R"({"refused":true,"failed":0,"response":null})" : answer;
}

/* The member of the answer that has the name of the field. */
void write_member(const graphql::Execution &, const graphql::PlanField &field, const Object &object,
                  json::Writer &out)
{
    out.json(member_of(answer_of(object), field.field->name));
}

void resolve_counts(Resolution &resolution)
{
    for (std::size_t at = 0; at < resolution.parents().size(); ++at)
        if (member_of(answer_of(resolution.parents()[at]), "response") != "null")
            resolution.item(at, resolution.parents()[at].item);
}

void write_count(const graphql::Execution &, const graphql::PlanField &field, const Object &object,
                 json::Writer &out)
{
    out.json(member_of(member_of(answer_of(object), "response"), field.field->name));
}

constexpr Resolver resolvers[] = {
    {resolve_get},          {resolve_set},           {resolve_set_many},      {nullptr, write_violations},
    {resolve_response},     {nullptr, write_member}, {nullptr, write_member}, {resolve_counts},
    {nullptr, write_count},
};

constexpr Field user_context_fields[] = {
    {"displayName", non_null(string_type), "Full name or pseudonym.", {}, {}, property(3, Form::Text)},
    {"id", non_null(id_type), "Internal number of the user context.", {}, {}, property(2, Form::Id)},
    {"isActive", non_null(boolean_type), "Whether the user can act.", {}, {}, property(4, Form::Boolean)},
    {"scope",
     non_null(list_of(non_null(scope_type))),
     "The permissions of the user.",
     {},
     {},
     property(5, Form::Names)},
    {"uuid", non_null(string_type), "The key of the user.", {}, {}, property(1, Form::Text)},
    profiles_field,
    account_field,
    preferences_field,
    progress_field,
    passed_trainings_ranking_field,
    bundle_field,
};

constexpr Field user_context_response_fields[] = {
    {"errors",
     list_of(violation_type),
     "What is wrong with the arguments; empty after a success.",
     {},
     {},
     resolver(context_room, context::errors)},
    {"response",
     user_context_type,
     "The user context; null if there are errors.",
     {},
     {},
     resolver(context_room, context::response)},
};

constexpr InputValue user_context_input_fields[] = {
    {"uuid", non_null(string_type), "The user, in any letter case.", {}, {}},
    {"displayName", string_type, "Full name or pseudonym. Required to create a user context.", {}, {}},
    {"isActive", boolean_type, "Whether the user can act. Required to create a user context.", {}, {}},
    {"scope", list_of(non_null(scope_type)), "All scopes of the user context; [] removes all.", {}, {}},
    {"version", big_int_type, "Write only if the user context has this version.", {}, {}},
};

constexpr EnumValue on_error_values[] = {
    {"ABORT", "Nothing is written.", {}},
    {"REPORT", "The entries without errors are written.", {}},
};

constexpr Field user_contexts_response_fields[] = {
    {"errors",
     list_of(violation_type),
     "The errors of entries, with the position of the entry as ordinal.",
     {},
     {},
     resolver(context_room, context::errors)},
    {"refused",
     non_null(boolean_type),
     "Whether nothing was written because of errors.",
     {},
     {},
     resolver(context_room, context::refused)},
    {"failed",
     non_null(int_type),
     "The number of entries with errors.",
     {},
     {},
     resolver(context_room, context::failed)},
    {"response",
     bulk_counts_type,
     "The numbers of entries; null if the call was refused.",
     {},
     {},
     resolver(context_room, context::response_counts)},
};

constexpr int count = resolver(context_room, context::count);
constexpr Field bulk_counts_fields[] = {
    {"received", non_null(int_type), "The entries.", {}, {}, count},
    {"created", non_null(int_type), "The entries that have created a user context.", {}, {}, count},
    {"updated", non_null(int_type), "The entries that have changed a user context.", {}, {}, count},
    {"unchanged", non_null(int_type), "The entries that have changed nothing.", {}, {}, count},
    {"skipped", non_null(int_type), "The entries that were skipped.", {}, {}, count},
    {"failed", non_null(int_type), "The entries with errors.", {}, {}, count},
};

} // namespace

constinit const std::span<const Resolver> context_resolvers(resolvers);

constinit const Type user_context_type = {TypeKind::Object, "UserContext",
                                          "Identity and permissions of a user.", user_context_fields};
constinit const Type user_context_response_type = {
    TypeKind::Object, "UserContextResponse", "The result of setUserContext.", user_context_response_fields};
constinit const Type user_context_input_type = {.kind = TypeKind::InputObject,
                                                .name = "UserContextInput",
                                                .description = "An entry of setUserContexts.",
                                                .input_fields = user_context_input_fields};
constinit const Type on_error_type = {.kind = TypeKind::Enum,
                                      .name = "OnError",
                                      .description = "What happens if an entry has an error.",
                                      .values = on_error_values};
constinit const Type user_contexts_response_type = {TypeKind::Object, "UserContextsResponse",
                                                    "The result of setUserContexts.",
                                                    user_contexts_response_fields};
constinit const Type bulk_counts_type = {
    TypeKind::Object, "BulkCounts", "How many entries were created, updated and so on.", bulk_counts_fields};

Datum uuids_of(const graphql::Objects &user_contexts)
{
    pg::ArrayColumn uuids;
    for (const Object &user : user_contexts)
        uuids.add(*graphql::column(user, 1));
    return uuids.text_array();
}

} // namespace opigno::fields
