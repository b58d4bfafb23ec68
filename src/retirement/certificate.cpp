/* retirement_certificate, verify_retirement_certificates, and how certificates are written;
 * erasure_functions.sql has the contracts. */
#include "retirement/certificate.hpp"

#include "identity/user_uuid.hpp"
#include "pg/argument.hpp"
#include "pg/array.hpp"
#include "pg/hash.hpp"
#include "pg/jsonb.hpp"
#include "pg/result.hpp"
#include "pg/spi.hpp"
#include "pg/time.hpp"
#include "pg/transaction.hpp"
#include "retirement/places.hpp"
#include "retirement/salt.hpp"
#include "text/encoding.hpp"
#include "json/value/writer.hpp"

#include <algorithm>
#include <optional>

namespace opigno::retirement {

namespace {

constinit pg::Statement
    select_last("SELECT c.certificate_number, c.certificate_hash FROM opigno.erasure_certificate AS c"
                " ORDER BY c.certificate_number DESC LIMIT 1");
constexpr Oid insert_types[] = {INT8ARRAYOID,  TEXTARRAYOID,   JSONBARRAYOID, BYTEAARRAYOID,
                                BYTEAARRAYOID, TIMESTAMPTZOID, TEXTOID};
constinit pg::BatchStatement
    insert_all("INSERT INTO opigno.erasure_certificate AS c (certificate_number, issued_at, retired_uuid,"
               "  erased, acting_role, previous_hash, certificate_hash)"
               " SELECT i.certificate_number, $6, i.retired_uuid, i.erased, $7, i.previous_hash,"
               "  i.certificate_hash FROM unnest($1, $2, $3, $4, $5)"
               "  AS i (certificate_number, retired_uuid, erased, previous_hash, certificate_hash)",
               insert_types);
constexpr Oid names_type[] = {TEXTARRAYOID};
constinit pg::Statement
    select_certificates("SELECT c.certificate_number, c.issued_at, c.retired_uuid, c.erased, c.acting_role,"
                        " c.previous_hash, c.certificate_hash FROM opigno.erasure_certificate AS c"
                        " WHERE c.retired_uuid = ANY ($1) ORDER BY c.certificate_number",
                        names_type);

constinit pg::Statement select_faults(
    "SELECT c.certificate_number, v.fault FROM (SELECT t.*,"
    "   lag(t.certificate_number, 1, 0::bigint) OVER w AS number_before,"
    "   lag(t.certificate_hash) OVER w AS hash_before"
    "  FROM opigno.erasure_certificate AS t WINDOW w AS (ORDER BY t.certificate_number)) AS c"
    " CROSS JOIN LATERAL (VALUES"
    "  (1, 'certificates before this one are missing', c.certificate_number <> c.number_before + 1),"
    "  (2, 'the hash is not that of the certificate before', c.certificate_number = c.number_before + 1"
    "   AND c.previous_hash IS DISTINCT FROM c.hash_before),"
    "  (3, 'the content is not that of the hash', c.certificate_hash <> sha256(convert_to(concat_ws(E'\\n',"
    "   c.certificate_number, (extract(epoch FROM c.issued_at) * 1000000)::bigint, c.retired_uuid,"
    "   c.erased, c.acting_role, coalesce(encode(c.previous_hash, 'hex'), '')), 'UTF8')))"
    ") AS v (fault_number, fault, is_faulty)"
    " WHERE v.is_faulty ORDER BY c.certificate_number, v.fault_number");

/* What was done in tables of all users is "anonymised"; in tables of the user, "erased". */
const char *word_for(Place place)
{
    return place == Place::Audit || place == Place::ProfileMigration ? "anonymised" : "erased";
}

void write_entities(const EntityResults &entities, std::size_t subject, std::size_t subjects,
                    json::Writer &out)
{
    out.key("entities");
    out.begin_object();
    for (std::size_t at = subject; at < entities.size(); at += subjects) {
        const auto &[label, what, problem, rows] = entities[at];
        out.member(label);
        out.begin_object();
        if (what != nullptr)
            out.key(what).integer(rows);
        else
            out.key("not_done").string(texts::as_utf8(problem).value_or("the table has a problem"));
        out.end_object();
    }
    out.end_object();
}

/* What was erased, as it is written, as jsonb, and as jsonb is shown. */
struct Content {
    std::string_view written;
    Jsonb *erased;
    const char *shown;
};

/* Most users have as many rows as the one before, and then the same content. */
Content content_of(const Subject &subject, const EntityResults &entities, std::size_t at,
                   std::size_t subjects, const Content &before)
{
    json::Writer out;
    out.begin_object();
    for (std::size_t place = 0; place < places; ++place) {
        out.key(name_of(static_cast<Place>(place)));
        out.begin_object();
        out.key(word_for(static_cast<Place>(place))).integer(subject.rows[place]);
        out.end_object();
    }
    write_entities(entities, at, subjects, out);
    out.end_object();
    const std::string_view text = out.text();
    if (text == before.written)
        return before;
    Jsonb *erased =
        DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(pnstrdup(text.data(), text.size()))));
    return {text, erased, JsonbToCString(nullptr, &erased->root, VARSIZE(erased))};
}

constexpr std::int64_t microseconds_before_2000 = 946'684'800'000'000; /* since 1970 */

/* select_faults writes the same text in SQL. */
bytea *hash_of(const Subject &subject, TimestampTz issued_at, const char *erased, const char *role,
               const bytea *previous)
{
    const long long since_1970 = issued_at + microseconds_before_2000;
    StringInfoData content;
    initStringInfo(&content);
    appendStringInfo(&content, "%lld\n%lld\n%s\n%s\n%s\n", static_cast<long long>(subject.certificate_number),
                     since_1970, text_to_cstring(subject.retired_uuid), erased, role);
    if (previous != nullptr) {
        const std::size_t size = VARSIZE_ANY_EXHDR(previous);
        enlargeStringInfo(&content, static_cast<int>(2 * size));
        content.len += static_cast<int>(hex_encode(VARDATA_ANY(previous), size, content.data + content.len));
    }
    const std::string_view given(content.data, static_cast<std::size_t>(content.len));
    const std::string_view utf8 = texts::as_utf8(given).value_or(given);
    const std::size_t size = VARHDRSZ + PG_SHA256_DIGEST_LENGTH;
    auto *hash = static_cast<bytea *>(palloc(size));
    SET_VARSIZE(hash, size);
    pg_cryptohash_ctx *context = pg_cryptohash_create(PG_SHA256);
    if (pg_cryptohash_init(context) < 0 ||
        pg_cryptohash_update(context, reinterpret_cast<const uint8 *>(utf8.data()), utf8.size()) < 0 ||
        pg_cryptohash_final(context, reinterpret_cast<uint8 *>(VARDATA(hash)), PG_SHA256_DIGEST_LENGTH) < 0)
        elog(ERROR, "could not compute SHA-256: %s", pg_cryptohash_error(context));
    pg_cryptohash_free(context);
    return hash;
}

/* By the name itself, or by the names that the uuid has with each salt. */
Datum names_of_user(text *user_uuid)
{
    pg::ArrayColumn names;
    names.add(user_uuid);
    for (const bytea *hash : identity::retired_hashes(identity::all_salts(), user_uuid))
        names.add(identity::retired_name(hash));
    return names.text_array();
}

/* The certificate before. */
struct Last {
    std::int64_t number;
    const bytea *hash; /* nullptr: there is none */
};

/* Some of the subjects. */
struct Batch {
    std::size_t first;
    std::size_t end;
    TimestampTz issued_at;
    const char *role;
};

static_assert(std::is_trivially_destructible_v<Last> && std::is_trivially_destructible_v<Batch> &&
              std::is_trivially_destructible_v<Content>);

void issue_batch(const Batch &batch, const EntityResults &entities, Subjects &subjects, Last &last)
{
    pg::ArrayColumn numbers;
    pg::ArrayColumn names;
    pg::ArrayColumn contents;
    pg::ArrayColumn previous_hashes;
    pg::ArrayColumn hashes;
    Content content{};
    for (std::size_t at = batch.first; at < batch.end; ++at) {
        Subject &subject = subjects[at];
        subject.certificate_number = ++last.number;
        content = content_of(subject, entities, at, subjects.size(), content);
        const bytea *hash = hash_of(subject, batch.issued_at, content.shown, batch.role, last.hash);
        numbers.add(Int64GetDatum(last.number));
        names.add(subject.retired_uuid);
        contents.add(JsonbPGetDatum(content.erased));
        previous_hashes.add(PointerGetDatum(last.hash), last.hash == nullptr);
        hashes.add(PointerGetDatum(hash));
        last.hash = hash;
    }
    const Datum values[] = {numbers.array(INT8OID, 8, true, TYPALIGN_DOUBLE),
                            names.text_array(),
                            contents.array(JSONBOID, -1, false, TYPALIGN_INT),
                            previous_hashes.array(BYTEAOID, -1, false, TYPALIGN_INT),
                            hashes.array(BYTEAOID, -1, false, TYPALIGN_INT),
                            TimestampTzGetDatum(batch.issued_at),
                            CStringGetTextDatum(batch.role)};
    if (insert_all.write(values) != batch.end - batch.first)
        pg::refuse_suppressed_write();
}

} // namespace

void check_isolation_of_erasure()
{
    if (IsolationUsesXactSnapshot())
        ereport(ERROR, errcode(ERRCODE_INVALID_TRANSACTION_STATE),
                errmsg("data of users is erased at isolation level READ COMMITTED only"),
                errhint("BEGIN ISOLATION LEVEL READ COMMITTED sets the level."));
}

void lock_certificates()
{
    lock_table("erasure_certificate", ShareRowExclusiveLock);
}

void issue_certificates(const identity::Caller &caller, const EntityResults &entities, Subjects &subjects)
{
    constexpr std::size_t batch = 100;
    const TimestampTz issued_at = GetCurrentTimestamp();
    const char *role = GetUserNameFromId(caller.role, true);
    role = role == nullptr ? "" : role;
    const bool is_first = select_last.read_committed(nullptr) == 0;
    Last last{is_first ? 0 : DatumGetInt64(pg::column(1)),
              is_first ? nullptr : DatumGetByteaPP(pg::column(2))};
    MemoryContext batch_context =
        AllocSetContextCreateInternal(CurrentMemoryContext, "opigno batch", ALLOCSET_DEFAULT_SIZES);
    for (std::size_t first = 0; first < subjects.size(); first += batch) {
        CHECK_FOR_INTERRUPTS();
        MemoryContext before = MemoryContextSwitchTo(batch_context);
        issue_batch({first, std::min(first + batch, subjects.size()), issued_at, role}, entities, subjects,
                    last);
        MemoryContextSwitchTo(before);
        last.hash = DatumGetByteaPCopy(PointerGetDatum(last.hash));
        MemoryContextReset(batch_context);
    }
}

} // namespace opigno::retirement

using namespace opigno;

OPIGNO_FUNCTION(opigno_retirement_certificate)
{
    InitMaterializedSRF(fcinfo, 0);
    identity::as_owner(fcinfo, identity::RequiredAccess::None, [&](const identity::Caller &caller) {
        return pg::with_spi([&](MemoryContext) {
            if (PG_ARGISNULL(0) || !caller.reads_all)
                return 0;
            const Datum names =
                retirement::names_of_user(identity::canonical_user_uuid(PG_GETARG_TEXT_PP(0)));
            retirement::select_certificates.read(&names);
            pg::return_rows(fcinfo);
            return 0;
        });
    });
    return Datum{0};
}

OPIGNO_FUNCTION(opigno_verify_retirement_certificates)
{
    InitMaterializedSRF(fcinfo, 0);
    identity::as_owner(fcinfo, identity::RequiredAccess::None, [&](const identity::Caller &caller) {
        if (!caller.reads_all)
            ereport(ERROR, errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
                    errmsg("certificates are shown to operators and auditors only"),
                    errhint("opigno.grant_access() gives a role one of these levels."));
        return pg::with_spi([&](MemoryContext) {
            retirement::select_faults.read(nullptr);
            pg::return_rows(fcinfo);
            return 0;
        });
    });
    return Datum{0};
}
