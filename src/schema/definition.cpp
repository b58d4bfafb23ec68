#include "schema/definition.hpp"

#include "pg/text.hpp"
#include "json/schema/rights.hpp"
#include "json/value/document.hpp"
#include "json/value/document_limit.hpp"

namespace opigno::schema {

using identity::ScopeRegistry;
using json::schema::SchemaFaults;

namespace {

/* Adds a fault for each unknown scope. */
void check_scopes(const json::schema::Rights &rights, ScopeRegistry::View view, SchemaFaults &faults)
{
    ScopeRegistry registry(view);
    for (const json::schema::NamedScope &scope : rights.scopes)
        if (!registry.knows(scope.name))
            faults.add() = {scope.pointer, psprintf("unknown scope \"%.*s\"", pg::clipped_length(scope.name),
                                                    scope.name.data())};
}

} // namespace

const json::schema::Program *check_schema(const Jsonb *schema, bool asserts_formats, const char *prefix,
                                          std::optional<ScopeRegistry::View> view, SchemaFaults &unknown,
                                          pg::Errors &errors)
{
    constexpr std::int64_t max_schema = 1048576; /* bytes of text */
    if (const json::Excess excess = json::excess_of(schema, max_schema); excess != json::Excess::None) {
        errors.add({ERRCODE_PROGRAM_LIMIT_EXCEEDED, prefix, json::message_of(excess, max_schema)});
        return nullptr;
    }
    json::schema::Options options;
    options.asserts_formats = asserts_formats;
    SchemaFaults faults;
    const json::schema::Program *program =
        json::schema::compile(json::value_of(schema), options, faults, unknown);
    const json::schema::Rights *rights =
        program == nullptr || !view.has_value() ? nullptr : json::schema::compile_rights(*program, faults);
    if (rights != nullptr)
        check_scopes(*rights, *view, faults);
    for (std::size_t at = 0; at < faults.size(); ++at) {
        const auto &[pointer, message] = faults[at];
        errors.add(
            {ERRCODE_INVALID_PARAMETER_VALUE, psprintf("%s%s", prefix, pointer),
             prefix[0] == '\0' ? message : psprintf("invalid schema at \"%s\": %s", pointer, message)});
    }
    return faults.empty() ? program : nullptr;
}

void warn_of(const SchemaFaults &unknown)
{
    if (unknown.empty())
        return;
    constexpr std::size_t max_listed = 10;
    StringInfoData list;
    initStringInfo(&list);
    for (std::size_t at = 0; at < unknown.size() && at < max_listed; ++at)
        appendStringInfo(&list, "%s\"%s\": %s.", at > 0 ? "\n" : "", unknown[at].pointer,
                         unknown[at].message);
    if (unknown.size() > max_listed)
        appendStringInfo(&list, "\nAnd %zu more.", unknown.size() - max_listed);
    ereport(WARNING, errmsg("the schema has keywords that are ignored"), errdetail_internal("%s", list.data));
}

} // namespace opigno::schema
