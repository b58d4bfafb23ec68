/* retired_user_uuid, is_retired and import_retired_identifiers; erasure_functions.sql has the
 * contracts. */
#include "identity/audit.hpp"
#include "identity/user_uuid.hpp"
#include "pg/argument.hpp"
#include "pg/spi.hpp"
#include "pg/time.hpp"
#include "retirement/salt.hpp"

namespace opigno::retirement {

namespace {

using identity::Caller;

constexpr Oid types[] = {BYTEAARRAYOID, TIMESTAMPTZOID};
constinit pg::BatchStatement
    insert_hashes("INSERT INTO opigno.retired_identifier AS r (identifier_hash, retired_at)"
                  " SELECT DISTINCT i.identifier_hash, $2 FROM unnest($1) AS i (identifier_hash)"
                  " ORDER BY i.identifier_hash ON CONFLICT (identifier_hash) DO NOTHING",
                  types);

/* Returns nullptr without a user, and to a caller who may not know. */
text *user_argument(FunctionCallInfo fcinfo, const Caller &caller)
{
    if (PG_ARGISNULL(0) || !caller.reads_all)
        return nullptr;
    pg::Errors errors;
    text *user_uuid = identity::checked_user_uuid(PG_GETARG_TEXT_PP(0), "user_uuid", errors);
    errors.raise();
    return user_uuid;
}

text *name_of(text *user_uuid)
{
    const identity::Salts salts = identity::all_salts();
    if (salts.empty())
        ereport(ERROR, errcode(ERRCODE_WRONG_STATE), errmsg("there is no salt for names of retired users"),
                errhint("opigno.add_retirement_salt() adds one, and so does the first erasure."));
    pg::Vector<text *> one;
    one.push_back(user_uuid);
    return retired_names(salts, one)[0].name;
}

constexpr int digit_of(char given)
{
    return given >= '0' && given <= '9'   ? given - '0'
           : given >= 'a' && given <= 'f' ? given - 'a' + 10
           : given >= 'A' && given <= 'F' ? given - 'A' + 10
                                          : -1;
}

/* Returns nullptr for what is neither a hash in hexadecimal nor a name with one. */
bytea *hash_of(std::string_view given)
{
    constexpr std::size_t sha1_digits = 40;
    constexpr std::size_t sha256_digits = 64;
    if (given.starts_with(identity::retired_prefix))
        given.remove_prefix(identity::retired_prefix.size());
    if (given.size() != sha1_digits && given.size() != sha256_digits)
        return nullptr;
    const std::size_t size = VARHDRSZ + given.size() / 2;
    auto *hash = static_cast<bytea *>(palloc(size));
    SET_VARSIZE(hash, size);
    for (std::size_t at = 0; at < given.size(); at += 2) {
        const int high = digit_of(given[at]);
        const int low = digit_of(given[at + 1]);
        if (high < 0 || low < 0)
            return nullptr;
        VARDATA(hash)[at / 2] = static_cast<char>(high * 16 + low);
    }
    return hash;
}

std::int64_t import(const Caller &caller, FunctionCallInfo fcinfo)
{
    constexpr const char *member = "identifiers";
    pg::require(fcinfo, 0, member);
    return pg::with_spi([&](MemoryContext) {
        pg::Errors errors;
        pg::ArrayColumn hashes;
        std::size_t place = 0;
        for (const std::string_view given : pg::names_of(PG_GETARG_ARRAYTYPE_P(0))) {
            const bytea *hash = hash_of(given);
            ++place;
            if (hash == nullptr && !errors.is_full())
                errors.add(ERRCODE_INVALID_PARAMETER_VALUE, member,
                           "element %zu of \"%s\" is neither a hash nor a name of a retired user", place,
                           member);
            hashes.add(PointerGetDatum(hash), hash == nullptr);
        }
        if (!errors.empty())
            errors.hint("A hash has 40 or 64 hexadecimal digits.");
        errors.raise();
        const Datum values[] = {hashes.array(BYTEAOID, -1, false, TYPALIGN_INT),
                                TimestampTzGetDatum(GetCurrentTransactionStartTimestamp())};
        const auto added = static_cast<std::int64_t>(insert_hashes.write(values));
        identity::Event event;
        event.outcome = identity::Outcome::Created;
        event.row_count = added;
        event.subject = pg::make_text("retired_identifier");
        if (added > 0)
            identity::record(caller, event);
        return added;
    });
}

} // namespace

} // namespace opigno::retirement

using namespace opigno;

OPIGNO_FUNCTION(opigno_retired_user_uuid)
{
    return pg::value_or_null(
        fcinfo,
        identity::as_owner(fcinfo, identity::RequiredAccess::None, [&](const identity::Caller &caller) {
            return pg::with_spi([&](MemoryContext outer) {
                text *user_uuid = retirement::user_argument(fcinfo, caller);
                const text *name = user_uuid == nullptr ? nullptr : retirement::name_of(user_uuid);
                MemoryContextSwitchTo(outer);
                return name == nullptr ? Datum{0} : PointerGetDatum(pg::make_text(pg::view(name)));
            });
        }));
}

OPIGNO_FUNCTION(opigno_is_retired)
{
    return identity::as_owner(fcinfo, identity::RequiredAccess::None, [&](const identity::Caller &caller) {
        const text *user_uuid = retirement::user_argument(fcinfo, caller);
        fcinfo->isnull = user_uuid == nullptr;
        return BoolGetDatum(user_uuid != nullptr &&
                            pg::with_spi([&](MemoryContext) { return identity::is_retired(user_uuid); }));
    });
}

OPIGNO_FUNCTION(opigno_import_retired_identifiers)
{
    PG_RETURN_INT64(
        identity::as_owner(fcinfo, identity::RequiredAccess::Operator, [&](const identity::Caller &caller) {
            return retirement::import(caller, fcinfo);
        }));
}
