#include "schema/check.hpp"

#include "json/merge/plan_writer.hpp"
#include "json/schema/defaults.hpp"
#include "json/value/document.hpp"

#include <cstring>

namespace opigno::schema {

namespace {

using json::schema::Fault;
using json::schema::Faults;
using json::schema::Verdict;

const char *message_of(const Fault &fault, const char *whole)
{
    const char *place = fault.instance[0] == '\0' ? whole : psprintf("\"%s\"", fault.instance);
    const int size = static_cast<int>(fault.keyword.size());
    if (size == 0 && fault.schema[0] == '\0')
        return psprintf("%s violates the schema", place);
    if (size == 0)
        return psprintf("%s violates the schema, at \"%s\"", place, fault.schema);
    if (fault.keyword == "required" || fault.keyword == "dependentRequired")
        return psprintf("%s is required by the schema, at \"%s\"", place, fault.schema);
    return psprintf("%s violates \"%.*s\" of the schema, at \"%s\"", place, size, fault.keyword.data(),
                    fault.schema);
}

pg::Error error_of(const Fault &fault, const Naming &naming)
{
    return {ERRCODE_CHECK_VIOLATION, psprintf("%s%s", naming.prefix, fault.instance),
            message_of(fault, naming.whole), naming.hint};
}

pg::Error error_of(Verdict verdict, const Naming &naming)
{
    if (verdict == Verdict::TooDeep)
        return {ERRCODE_STATEMENT_TOO_COMPLEX, naming.prefix,
                psprintf("%s is nested too deeply to be judged by the schema", naming.whole), naming.hint};
    return {ERRCODE_PROGRAM_LIMIT_EXCEEDED, naming.prefix,
            psprintf("%s takes too long to be judged by the schema", naming.whole), naming.hint};
}

Jsonb *with_defaults(const Compiled &schema, Jsonb *document)
{
    if (!json::is_object(document))
        return document;
    json::Plan plan;
    const std::size_t added =
        json::schema::plan_defaults(*schema.program, json::container_of(document), plan);
    if (VARSIZE(document) + added > json::schema::max_defaults)
        ereport(ERROR, errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                errmsg("the defaults of the schema make the document too large, or take too long to add"));
    if (!plan.changes())
        return document;
    json::check_pairs(plan.widest());
    auto *result = static_cast<Jsonb *>(json::allocate(VARSIZE(document) + added + plan.slack()));
    json::finish(result, json::write_plan(plan, VARDATA(result)));
    return result;
}

Jsonb *with_defaults(const ActiveSchema &schema, Jsonb *document)
{
    return schema.applies_defaults ? with_defaults(*schema.compiled, document) : document;
}

bool satisfies(const ActiveSchema &schema, const Jsonb *document)
{
    return schema.compiled == nullptr ||
           json::schema::judge(*schema.compiled->program, json::value_of(document)) == Verdict::Valid;
}

} // namespace

Violations violations_of(const Compiled &schema, const Jsonb *document, const Naming &naming,
                         std::size_t max_faults)
{
    Violations found;
    const json::Value value = json::value_of(document);
    const Verdict verdict = json::schema::judge(*schema.program, value);
    if (verdict == Verdict::TooDeep || verdict == Verdict::TooExpensive)
        found.push_back(error_of(verdict, naming));
    if (verdict != Verdict::Invalid)
        return found;
    Faults faults;
    json::schema::find_faults(*schema.program, value, max_faults, faults);
    for (std::size_t at = 0; at < faults.size(); ++at)
        found.push_back(error_of(faults[at], naming));
    return found;
}

Jsonb *with_defaults(const Active &active, Jsonb *document)
{
    return with_defaults(active.enforced, document);
}

bool accepts(const Active &active, const Jsonb *document)
{
    return satisfies(active.enforced, document);
}

bool satisfies_all(const Active &active, Jsonb *document)
{
    return satisfies(active.enforced, document) &&
           satisfies(active.tried, with_defaults(active.tried, document));
}

void count_faults(const Active &active, std::int32_t app_id, Jsonb *document, FaultCounts &counts)
{
    const Jsonb *completed = with_defaults(active.tried, document);
    if (satisfies(active.tried, completed))
        return;
    constexpr std::size_t max_faults = 100;
    Faults faults;
    json::schema::find_faults(*active.tried.compiled->program, json::value_of(completed), max_faults, faults);
    for (std::size_t at = 0; at < faults.size(); ++at)
        counts.add(app_id, active.tried.version, faults[at]);
}

} // namespace opigno::schema
