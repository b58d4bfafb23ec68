#include "app_document/validate.hpp"

#include "bulk/options.hpp"
#include "bulk/progress.hpp"
#include "bulk/run.hpp"
#include "identity/access.hpp"
#include "pg/argument.hpp"
#include "pg/cursor.hpp"
#include "pg/spi.hpp"
#include "schema/app.hpp"
#include "schema/check.hpp"
#include "schema/definition.hpp"
#include "json/error_list.hpp"
#include "json/value/writer.hpp"

#include <optional>

namespace opigno::app_document {

namespace {

using identity::Caller;

constexpr Oid app_type[] = {INT4OID};

struct Validation {
    const Kind &kind;
    std::int32_t app_id;
    schema::Active judged; /* the same schema as the enforced and as the tried one */
    std::optional<std::int64_t> version;
    std::size_t max_errors;
};

/* What was found. */
struct Findings {
    explicit Findings(schema::DocumentKind kind) : counts(kind) {}

    std::int64_t received = 0;
    std::int64_t failed = 0;
    pg::Vector<pg::Error> errors;
    schema::FaultCounts counts;
};

/* Returns a copy: the programs of the app's schemas stay in the cache while no other is compiled. */
schema::ActiveSchema stored_schema(Oid function, const Kind &kind, std::int32_t app_id)
{
    const schema::Active &active = schema::active_schemas(function, kind.document_kind, app_id);
    if (active.is_none())
        ereport(ERROR, errcode(ERRCODE_UNDEFINED_OBJECT),
                errmsg("app %d has no schema of %ss", app_id, kind.name()),
                errhint("Pass the schema to judge by as an argument."));
    return active.tried.compiled != nullptr ? active.tried : active.enforced;
}

/* Judges one document. memory: for errors that are listed. */
void judge(const Validation &validation, Datum holder, Jsonb *stored, MemoryContext memory,
           Findings &findings)
{
    constexpr std::size_t max_faults = 10;
    ++findings.received;
    const Jsonb *document = schema::with_defaults(validation.judged, stored);
    if (schema::accepts(validation.judged, document))
        return;
    ++findings.failed;
    schema::count_faults(validation.judged, validation.app_id, stored, findings.counts);
    if (findings.errors.size() >= validation.max_errors)
        return;
    MemoryContext before = MemoryContextSwitchTo(memory);
    const text *named = DatumGetTextPCopy(holder);
    for (pg::Error error : schema::violations_of(*validation.judged.enforced.compiled, document,
                                                 {"/profile_data", "the document", nullptr}, max_faults)) {
        (validation.kind.is_of_user ? error.user_uuid : error.training_id) = named;
        error.app_id = validation.app_id;
        if (findings.errors.size() < validation.max_errors)
            findings.errors.push_back(error);
    }
    MemoryContextSwitchTo(before);
}

/* Reads the documents in the order of the table. */
void judge_all(const Validation &validation, Oid table, Findings &findings)
{
    constexpr long rows_per_fetch = 100;
    pg::with_spi([&](MemoryContext outer) {
        bulk::Progress progress(table, 0);
        MemoryContext memory =
            AllocSetContextCreateInternal(CurrentMemoryContext, "opigno profiles", ALLOCSET_DEFAULT_SIZES);
        const Kind &kind = validation.kind;
        SPIPlanPtr plan = SPI_prepare(psprintf("SELECT p.%s || '', p.profile_data FROM %s AS p"
                                               " WHERE p.app_id = $1",
                                               kind.holder_argument, kind.documents.name),
                                      1, const_cast<Oid *>(app_type));
        Datum key = Int32GetDatum(validation.app_id);
        Portal portal = SPI_cursor_open(nullptr, plan, &key, nullptr, false);
        do {
            SPI_cursor_fetch(portal, true, rows_per_fetch);
            MemoryContext before = MemoryContextSwitchTo(memory);
            for (std::uint64_t at = 0; at < SPI_processed; ++at, MemoryContextReset(memory)) {
                CHECK_FOR_INTERRUPTS();
                judge(validation, pg::column(1, at), DatumGetJsonbP(pg::column(2, at)), outer, findings);
            }
            MemoryContextSwitchTo(before);
            SPI_freetuptable(SPI_tuptable);
            progress.read(0, findings.received);
            progress.wrote(0, 0, findings.failed);
        } while (SPI_processed > 0);
        SPI_cursor_close(portal);
        progress.end();
        return 0;
    });
}

Datum answer_of(const Validation &validation, const Findings &findings)
{
    json::Writer out;
    out.begin_object();
    json::write_errors(out, {findings.errors.begin(), findings.errors.size()});
    out.key("version");
    if (validation.version.has_value())
        out.integer(*validation.version);
    else
        out.null();
    out.key("received").integer(findings.received);
    out.key("failed").integer(findings.failed);
    out.key("faults").begin_array();
    for (const schema::FaultCounts::Kind &kind : findings.counts.kinds()) {
        out.begin_object();
        out.key("path").string(kind.path);
        out.key("keyword").string(kind.keyword);
        out.key("schema_path").string(kind.schema_path);
        out.key("faults").integer(kind.faults);
        out.end_object();
    }
    out.end_array();
    out.end_object();
    return out.json();
}

/* Reads the arguments. given: the schema that the caller gives. */
Validation validation_of(const Caller &caller, FunctionCallInfo fcinfo, const Kind &kind,
                         schema::Compiled &given)
{
    pg::Errors errors;
    json::schema::SchemaFaults unknown;
    Validation validation{kind, {}, {}, {}, {}};
    pg::require(fcinfo, 0, "app_id", errors);
    const std::int32_t max_errors = PG_ARGISNULL(2) ? bulk::default_max_errors : PG_GETARG_INT32(2);
    if (max_errors < 0)
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "max_errors", "\"max_errors\" must not be negative");
    if (!PG_ARGISNULL(1)) {
        given.schema = PG_GETARG_JSONB_P(1);
        given.program = schema::check_schema(given.schema, pg::flag_argument(fcinfo, 3), "/schema",
                                             identity::ScopeRegistry::View::Transaction, unknown, errors);
    }
    errors.raise();
    schema::warn_of(unknown);
    validation.app_id = PG_GETARG_INT32(0);
    validation.max_errors = static_cast<std::size_t>(max_errors);
    pg::with_spi([&](MemoryContext) {
        schema::check_app(validation.app_id);
        return 0;
    });
    if (given.program != nullptr) {
        validation.judged.enforced = {0, pg::flag_argument(fcinfo, 4), &given};
    } else {
        validation.judged.enforced = stored_schema(caller.function, kind, validation.app_id);
        validation.version = validation.judged.enforced.version;
    }
    validation.judged.tried = validation.judged.enforced;
    return validation;
}

} // namespace

Datum validate(FunctionCallInfo fcinfo, const Caller &caller, const Kind &kind)
{
    schema::Compiled given{};
    const Validation validation = validation_of(caller, fcinfo, kind, given);
    Findings findings(kind.document_kind);
    judge_all(validation, bulk::table_of(caller, kind.writes.table), findings);
    return answer_of(validation, findings);
}

} // namespace opigno::app_document
