/* add_retirement_salt and list_retirement_salts; erasure_functions.sql has the contracts. */
#include "retirement/salt.hpp"

#include "identity/audit.hpp"
#include "identity/shard.hpp"
#include "pg/argument.hpp"
#include "pg/catalog.hpp"
#include "pg/result.hpp"
#include "pg/spi.hpp"
#include "pg/time.hpp"
#include "text/encoding.hpp"

#include <array>

namespace opigno::retirement {

namespace {

using identity::Caller;

constexpr Oid types[] = {BYTEAOID, TEXTOID, TIMESTAMPTZOID};
constinit pg::Statement insert_salt("INSERT INTO opigno.retirement_salt AS s (salt, algorithm, created_at)"
                                    " VALUES ($1, $2, $3) RETURNING s.salt_id",
                                    types);
constinit pg::Statement list_salts("SELECT s.salt_id, s.algorithm, s.salt_id = max(s.salt_id) OVER (),"
                                   "  s.created_at FROM opigno.retirement_salt AS s ORDER BY s.salt_id");

constexpr std::size_t random_bytes = 32;
constexpr std::size_t max_bytes = 1000;

bytea *bytes_of(std::string_view given)
{
    auto *bytes = static_cast<bytea *>(palloc(VARHDRSZ + given.size()));
    SET_VARSIZE(bytes, VARHDRSZ + given.size());
    std::copy(given.begin(), given.end(), VARDATA(bytes));
    return bytes;
}

bytea *random_salt()
{
    std::array<char, random_bytes> random{};
    if (!pg_strong_random(random.data(), random.size()))
        ereport(ERROR, errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not generate random values"));
    return bytes_of({random.data(), random.size()});
}

std::int64_t insert(const bytea *salt, const char *algorithm)
{
    const Datum values[] = {PointerGetDatum(salt), CStringGetTextDatum(algorithm),
                            TimestampTzGetDatum(GetCurrentTransactionStartTimestamp())};
    if (insert_salt.write(values) == 0)
        pg::refuse_suppressed_write();
    return DatumGetInt64(pg::column(1));
}

/* Returns nullptr after adding an error. */
bytea *salt_argument(FunctionCallInfo fcinfo, pg::Errors &errors)
{
    constexpr const char *member = "salt";
    if (PG_ARGISNULL(0))
        return random_salt();
    const std::string_view given = pg::view(PG_GETARG_TEXT_PP(0));
    const std::optional<std::string_view> utf8 =
        given.size() > 4 * max_bytes ? std::nullopt : texts::as_utf8(given);
    if (utf8.has_value() && !utf8->empty() && utf8->size() <= max_bytes)
        return bytes_of(*utf8);
    errors.add(ERRCODE_INVALID_PARAMETER_VALUE, member, "\"%s\" must have 1 to 1000 bytes in UTF-8", member);
    return nullptr;
}

constexpr pg::Word<const char *> algorithm_words[] = {{"sha256", "sha256"}, {"sha1", "sha1"}};

std::int64_t add(const Caller &caller, FunctionCallInfo fcinfo)
{
    return pg::with_spi([&](MemoryContext) {
        pg::Errors errors;
        const bytea *salt = salt_argument(fcinfo, errors);
        const char *algorithm = pg::word_argument(fcinfo, 1, "algorithm", algorithm_words, errors);
        errors.raise();
        const std::int64_t number = insert(salt, algorithm);
        identity::Event event;
        event.outcome = identity::Outcome::Created;
        event.subject = pg::make_text(psprintf("salt %lld %s", static_cast<long long>(number), algorithm));
        identity::record(caller, event);
        return number;
    });
}

} // namespace

void lock_table(const char *name, LOCKMODE mode)
{
    LockRelationOid(get_relname_relid(name, get_namespace_oid("opigno", false)), mode);
}

identity::Salts salts_for_erasure()
{
    identity::Salts salts = identity::all_salts();
    if (!salts.empty())
        return salts;
    identity::check_may_add_missing("salt for retired users",
                                    "Call opigno.add_retirement_salt() on the hub, once.");
    lock_table("retirement_salt", ShareRowExclusiveLock);
    salts = identity::all_salts();
    if (!salts.empty())
        return salts;
    insert(random_salt(), "sha256");
    CommandCounterIncrement();
    return identity::all_salts();
}

pg::Vector<RetiredName> retired_names(const identity::Salts &salts, const pg::Vector<text *> &user_uuids)
{
    const identity::Hashes found = identity::find_retired(salts, user_uuids);
    pg::Vector<RetiredName> names;
    for (std::size_t at = 0; at < user_uuids.size(); ++at) {
        bytea *hash = found[at] != nullptr ? found[at] : identity::retired_hash(salts[0], user_uuids[at]);
        names.push_back({hash, identity::retired_name(hash)});
    }
    return names;
}

} // namespace opigno::retirement

using namespace opigno;

OPIGNO_FUNCTION(opigno_add_retirement_salt)
{
    PG_RETURN_INT64(
        identity::as_owner(fcinfo, identity::RequiredAccess::OperatorLevel,
                           [&](const identity::Caller &caller) { return retirement::add(caller, fcinfo); }));
}

OPIGNO_FUNCTION(opigno_list_retirement_salts)
{
    InitMaterializedSRF(fcinfo, 0);
    identity::as_owner(fcinfo, identity::RequiredAccess::None, [&](const identity::Caller &caller) {
        return pg::with_spi([&](MemoryContext) {
            if (caller.reads_all) {
                retirement::list_salts.read(nullptr);
                pg::return_rows(fcinfo);
            }
            return 0;
        });
    });
    return Datum{0};
}
