/* Keys that verify tokens; functions.sql has the functions' contracts. */
#include "client/jwt/document.hpp"
#include "client/jwt/issuer.hpp"
#include "client/jwt/jwk.hpp"
#include "identity/audit.hpp"
#include "pg/argument.hpp"
#include "pg/array.hpp"
#include "pg/log.hpp"
#include "pg/row_type.hpp"
#include "pg/spi.hpp"
#include "pg/time.hpp"
#include "json/text/text_scanner.hpp"

namespace opigno::jwt {

namespace {

#define KEY_ROW                                                                                              \
    "k.issuer::text, k.key_id::text, k.algorithm::text, pg_catalog.encode(pg_catalog.sha256(k.public_key),"  \
    "  'hex'), k.is_of_set, k.created_at"

/* The row's lock makes changes of an issuer's keys wait for each other. */
constexpr Oid issuer_type[] = {TEXTOID};
constinit pg::Statement
    lock_issuer("SELECT i.algorithm::text FROM opigno.token_issuer AS i WHERE i.issuer = $1"
                " FOR NO KEY UPDATE",
                issuer_type);

/* issuer, algorithm, key_id, public_key or the secret, is_of_set, created_at */
constexpr Oid key_types[] = {TEXTOID, TEXTOID, TEXTOID, BYTEAOID, BOOLOID, TIMESTAMPTZOID};
/* A key that was registered by itself does not become one of a set, which would remove it. */
constinit pg::Statement
    mark_same("UPDATE opigno.token_key AS k SET is_of_set = k.is_of_set AND $5"
              " WHERE k.issuer = $1 AND k.algorithm = $2"
              "  AND k.key_id IS NOT DISTINCT FROM $3"
              "  AND coalesce(k.public_key, (SELECT s.secret FROM opigno.token_secret AS s"
              "   WHERE s.token_key_id = k.token_key_id)) = $4"
              " RETURNING " KEY_ROW,
              {key_types, 5});
constinit pg::Statement delete_same_id("DELETE FROM opigno.token_key AS k"
                                       " WHERE k.issuer = $1 AND k.algorithm = $2 AND k.key_id = $3",
                                       {key_types, 3});
constinit pg::Statement insert_key(
    "INSERT INTO opigno.token_key AS k (token_key_id, issuer, algorithm, key_id, public_key, is_of_set,"
    "  created_at)"
    " VALUES (pg_catalog.nextval('opigno.token_key_id_seq'), $1, $2, $3,"
    "  CASE WHEN $2 <> 'HS256' THEN $4 END, $5, $6) RETURNING " KEY_ROW,
    key_types);
constexpr Oid secret_type[] = {BYTEAOID};
constinit pg::Statement insert_secret("INSERT INTO opigno.token_secret (token_key_id, secret)"
                                      " VALUES (pg_catalog.currval('opigno.token_key_id_seq'), $1)",
                                      secret_type);
constexpr Oid set_types[] = {TEXTOID, TEXTARRAYOID, TEXTARRAYOID, BYTEAARRAYOID};
constinit pg::BatchStatement
    delete_old("DELETE FROM opigno.token_key AS k WHERE k.issuer = $1 AND k.is_of_set"
               "  AND NOT EXISTS (SELECT FROM unnest($2, $3, $4) AS n (algorithm, key_id, public_key)"
               "   WHERE n.algorithm = k.algorithm AND n.key_id IS NOT DISTINCT FROM k.key_id"
               "    AND n.public_key = k.public_key)",
               set_types);
constexpr Oid drop_types[] = {TEXTOID, TEXTOID, TEXTOID};
constinit pg::Statement
    delete_keys("DELETE FROM opigno.token_key AS k WHERE k.issuer = $1"
                "  AND CASE WHEN $3 IS NULL THEN k.key_id IS NOT DISTINCT FROM $2"
                "   ELSE pg_catalog.encode(pg_catalog.sha256(k.public_key), 'hex') = $3 END",
                drop_types);

/* A key that is to be registered. */
struct NewKey {
    Algorithm algorithm;
    text *key_id; /* nullptr: none */
    bytea *bytes; /* the public key, or the secret */
};

static_assert(std::is_trivially_destructible_v<NewKey>);

constexpr std::size_t max_key_id = 255; /* bytes */

void require_libcrypto()
{
    if (!has_libcrypto)
        ereport(ERROR, errcode(ERRCODE_FEATURE_NOT_SUPPORTED), errmsg("JWTs are not supported by this build"),
                errdetail("This build of opigno_profiles has no libcrypto."),
                errhint("Build the extension where the headers of OpenSSL 3 are installed."));
}

bytea *make_bytea(std::string_view bytes)
{
    return pg::make_text(bytes);
}

/* Returns the issuer's algorithm for RSA keys. */
Algorithm lock(const text *issuer)
{
    const Datum name = PointerGetDatum(issuer);
    if (lock_issuer.write(&name) == 0)
        ereport(ERROR, errcode(ERRCODE_FOREIGN_KEY_VIOLATION), errmsg("the token issuer does not exist"),
                errhint("opigno.list_token_issuers() lists the existing ones, and "
                        "opigno.register_token_issuer() registers one."));
    return algorithm_of(pg::view(DatumGetTextPP(pg::column(1)))).value_or(Algorithm::RS256);
}

/* Writes a key of a locked issuer. Returns its row, or 0 if the same key is there already. */
Datum put(const text *issuer, const NewKey &key, bool is_of_set)
{
    const Datum values[] = {
        PointerGetDatum(issuer),     CStringGetTextDatum(word_of(key.algorithm)),
        PointerGetDatum(key.key_id), PointerGetDatum(key.bytes),
        BoolGetDatum(is_of_set),     TimestampTzGetDatum(GetCurrentTransactionStartTimestamp())};
    const char nulls[] = {' ', ' ', key.key_id == nullptr ? 'n' : ' ', ' ', ' ', ' '};
    if (mark_same.write(values, nulls) > 0)
        return Datum{0};
    delete_same_id.write(values, nulls);
    insert_key.write(values, nulls);
    const Datum row = pg::returned_row();
    if (key.algorithm == Algorithm::HS256)
        insert_secret.write(&values[3]);
    return row;
}

void record_keys(const identity::Caller &caller, identity::Outcome outcome, const text *issuer,
                 const char *what)
{
    identity::Event event;
    event.outcome = outcome;
    event.subject = pg::make_text(psprintf("%s %s", text_to_cstring(issuer), what));
    identity::record(caller, event);
}

// ---- one key -------------------------------------------------------------------------------------

/* Reads the key in PEM, as a JWK or as the secret of HS256. Returns nullptr, or why it cannot be
 * used. */
const char *read_key(std::string_view given, const std::optional<Algorithm> &algorithm, Jwk &key)
{
    if (given.starts_with('{')) {
        const char *flaw = check_object(given);
        return flaw == nullptr ? read_jwk(given, key) : "is not a valid JWK";
    }
    const bool is_pem = given.find("-----BEGIN ") != std::string_view::npos;
    if (algorithm == Algorithm::HS256 && !is_pem) {
        key.kind = KeyKind::Secret;
        key.secret = given;
        return nullptr;
    }
    if (!is_pem)
        return "is not a PEM block and not a JWK";
    const char *flaw = key_of_pem(given, key.key);
    key.kind = key.key.kind;
    return flaw;
}

const char *flaw_of_secret(const Jwk &key)
{
    const std::size_t size = key.secret.size();
    return key.kind == KeyKind::Secret && (size < least_secret || size > max_secret)
               ? "is a secret of less than 32 or more than 1024 bytes"
               : nullptr;
}

std::optional<Algorithm> algorithm_argument(FunctionCallInfo fcinfo, pg::Errors &errors)
{
    if (PG_ARGISNULL(3))
        return std::nullopt;
    const std::optional<Algorithm> algorithm = algorithm_of(pg::view(PG_GETARG_TEXT_PP(3)));
    if (!algorithm.has_value())
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "algorithm",
                   "\"algorithm\" must be one of \"RS256\", \"RS384\", \"RS512\", \"PS256\", \"ES256\", "
                   "\"ES384\", \"EdDSA\", \"HS256\"");
    return algorithm;
}

/* The key_id that is given, or that of the JWK. */
text *key_id_of(FunctionCallInfo fcinfo, const Jwk &key, pg::Errors &errors)
{
    text *key_id = pg::text_argument(fcinfo, 2);
    if (key.key_id.has_value()) {
        if (key_id != nullptr && pg::view(key_id) != *key.key_id)
            errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "key_id", "\"key_id\" is not the \"kid\" of the JWK");
        key_id = pg::make_text(*key.key_id);
    }
    if (key_id != nullptr && (pg::view(key_id).empty() || pg::view(key_id).size() > max_key_id))
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "key_id", "\"key_id\" must have 1 to %zu bytes",
                   max_key_id);
    return key_id;
}

void check_algorithm(const Jwk &key, const std::optional<Algorithm> &algorithm, pg::Errors &errors)
{
    if (!algorithm.has_value())
        return;
    if (kind_of(*algorithm) != key.kind || key.algorithm.value_or(*algorithm) != *algorithm)
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "algorithm", "\"algorithm\" does not fit the key");
}

Datum register_key(const identity::Caller &caller, FunctionCallInfo fcinfo)
{
    constexpr std::size_t max_text = 65536;
    require_libcrypto();
    pg::Errors errors;
    text *issuer = issuer_argument(fcinfo, errors);
    pg::require(fcinfo, 1, "token_key", errors);
    std::optional<Algorithm> algorithm = algorithm_argument(fcinfo, errors);
    errors.raise();
    const std::string_view given = pg::view(PG_GETARG_TEXT_PP(1));
    Jwk key{};
    const char *flaw =
        given.size() > max_text ? "has more than 65536 bytes" : read_key(given, algorithm, key);
    if (flaw == nullptr)
        flaw = flaw_of_secret(key);
    if (flaw != nullptr)
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "token_key", "\"token_key\" %s", flaw);
    else
        check_algorithm(key, algorithm, errors);
    text *key_id = key_id_of(fcinfo, key, errors);
    errors.raise();
    return pg::with_spi([&](MemoryContext) {
        const Algorithm of_issuer = lock(issuer);
        if (!algorithm.has_value())
            algorithm = key.algorithm.has_value() ? key.algorithm : only_algorithm_of(key.kind);
        const NewKey made{algorithm.value_or(of_issuer), key_id,
                          make_bytea(key.kind == KeyKind::Secret ? key.secret : der_of(key.key))};
        Datum row = put(issuer, made, false);
        if (row == Datum{0})
            return pg::returned_row();
        record_keys(caller, identity::Outcome::Created, issuer,
                    psprintf("algorithm=%s key_id=%s", word_of(made.algorithm),
                             key_id == nullptr ? "" : text_to_cstring(key_id)));
        return row;
    });
}

// ---- a set of keys -------------------------------------------------------------------------------

class KeySet {
  public:
    /* text: an object, which is valid JSON. Adds errors for what makes the whole set invalid. */
    void read(std::string_view text, Algorithm of_issuer, pg::Errors &errors)
    {
        const std::string_view list = find_member(text, "keys").value_or(std::string_view());
        if (!list.starts_with('[')) {
            errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "jwks", "\"jwks\" must have an array \"keys\"");
            return;
        }
        json::each_element_text(list, [&](std::string_view element) { add(element, of_issuer); });
        if (has_private_)
            errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "jwks", "\"jwks\" has a private key");
        else if (number_ > max_keys)
            errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "jwks", "\"jwks\" has more than %d keys", max_keys);
        else if (keys_.empty())
            errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "jwks", "\"jwks\" has no key that can be used");
    }

    [[nodiscard]] const pg::Vector<NewKey> &keys() const { return keys_; }
    [[nodiscard]] ArrayType *skipped() const { return pg::make_array(skipped_); }

  private:
    static constexpr int max_keys = 100;

    void add(std::string_view element, Algorithm of_issuer)
    {
        if (++number_ > max_keys)
            return;
        Jwk key{};
        const char *flaw = element.starts_with('{') ? read_jwk(element, key) : "is not an object";
        has_private_ = has_private_ || key.is_private;
        if (flaw == nullptr)
            flaw = flaw_of(key);
        if (flaw == nullptr) {
            const std::optional<Algorithm> algorithm =
                key.algorithm.has_value() ? key.algorithm : only_algorithm_of(key.kind);
            flaw = keep({algorithm.value_or(of_issuer),
                         key.key_id.has_value() ? pg::make_text(*key.key_id) : nullptr,
                         make_bytea(der_of(key.key))});
        }
        if (flaw != nullptr)
            skipped_.push_back(psprintf("key %d %s", number_, flaw));
    }

    static const char *flaw_of(const Jwk &key)
    {
        if (key.kind == KeyKind::Secret)
            return "is symmetric: opigno.register_token_key() registers such a key";
        return key.key_id.has_value() && (key.key_id->empty() || key.key_id->size() > max_key_id)
                   ? "has a \"kid\" of less than 1 or more than 255 bytes"
                   : nullptr;
    }

    const char *keep(const NewKey &key)
    {
        for (const NewKey &other : keys_)
            if (other.algorithm == key.algorithm &&
                (key.key_id == nullptr || other.key_id == nullptr
                     ? key.key_id == other.key_id && pg::view(key.bytes) == pg::view(other.bytes)
                     : pg::view(key.key_id) == pg::view(other.key_id)))
                return "has the \"kid\" and the \"alg\" of a key before it";
        keys_.push_back(key);
        return nullptr;
    }

    pg::Vector<NewKey> keys_;
    pg::Names skipped_;
    int number_ = 0;
    bool has_private_ = false;
};

static_assert(std::is_trivially_destructible_v<KeySet>);

/* Removes the keys that were registered with another set and are not in this one. */
std::uint64_t remove_old(const text *issuer, const pg::Vector<NewKey> &keys)
{
    pg::ArrayColumn algorithms;
    pg::ArrayColumn key_ids;
    pg::ArrayColumn public_keys;
    for (const NewKey &key : keys) {
        algorithms.add(CStringGetTextDatum(word_of(key.algorithm)));
        key_ids.add(key.key_id);
        public_keys.add(key.bytes);
    }
    const Datum values[] = {PointerGetDatum(issuer), algorithms.text_array(), key_ids.text_array(),
                            public_keys.array(BYTEAOID, -1, false, TYPALIGN_INT)};
    return delete_old.write(values);
}

Datum answer(FunctionCallInfo fcinfo, std::size_t registered, std::uint64_t removed, ArrayType *skipped)
{
    static pg::RowType row;
    const Datum values[] = {Int32GetDatum(static_cast<std::int32_t>(registered)),
                            Int32GetDatum(static_cast<std::int32_t>(removed)), PointerGetDatum(skipped)};
    return row.form(fcinfo, values);
}

Datum register_set(const identity::Caller &caller, FunctionCallInfo fcinfo)
{
    constexpr std::size_t max_set = 262144; /* bytes */
    require_libcrypto();
    pg::Errors errors;
    text *issuer = issuer_argument(fcinfo, errors);
    pg::require(fcinfo, 1, "jwks", errors);
    errors.raise();
    const std::string_view given = pg::view(PG_GETARG_TEXT_PP(1));
    const char *flaw = given.size() > max_set ? "it has more than 262144 bytes" : check_object(given);
    if (flaw != nullptr)
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "jwks", "\"jwks\" is not a JWK Set: %s", flaw);
    errors.raise();
    return pg::with_spi([&](MemoryContext outer) {
        KeySet set;
        set.read(given, lock(issuer), errors);
        errors.raise();
        const std::uint64_t removed = remove_old(issuer, set.keys());
        std::size_t added = 0;
        for (const NewKey &key : set.keys())
            added += put(issuer, key, true) == Datum{0} ? 0 : 1;
        if (added > 0 || removed > 0)
            record_keys(caller, identity::Outcome::Replaced, issuer,
                        psprintf("keys=%zu removed=" UINT64_FORMAT, set.keys().size(), removed));
        MemoryContext inner = MemoryContextSwitchTo(outer);
        const Datum row = answer(fcinfo, set.keys().size(), removed, set.skipped());
        MemoryContextSwitchTo(inner);
        return row;
    });
}

std::int32_t drop_keys(const identity::Caller &caller, FunctionCallInfo fcinfo)
{
    pg::Errors errors;
    pg::require(fcinfo, 0, "issuer", errors);
    if (!PG_ARGISNULL(1) && !PG_ARGISNULL(2))
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "thumbprint",
                   "\"key_id\" and \"thumbprint\" must not both be given");
    errors.raise();
    return pg::with_spi([&](MemoryContext) {
        const Datum values[] = {PG_GETARG_DATUM(0), PG_GETARG_DATUM(1), PG_GETARG_DATUM(2)};
        const char nulls[] = {' ', PG_ARGISNULL(1) ? 'n' : ' ', PG_ARGISNULL(2) ? 'n' : ' '};
        const auto removed = static_cast<std::int32_t>(delete_keys.write(values, nulls));
        if (removed > 0)
            record_keys(caller, identity::Outcome::Deleted, PG_GETARG_TEXT_PP(0),
                        psprintf("removed=%d", removed));
        return removed;
    });
}

} // namespace

} // namespace opigno::jwt

using namespace opigno;

OPIGNO_FUNCTION(opigno_register_token_key)
{
    return pg::without_statement_in_log([&] {
        return identity::as_owner(
            fcinfo, identity::RequiredAccess::OperatorLevel,
            [&](const identity::Caller &caller) { return jwt::register_key(caller, fcinfo); });
    });
}

OPIGNO_FUNCTION(opigno_register_token_keys)
{
    return pg::without_statement_in_log([&] {
        return identity::as_owner(
            fcinfo, identity::RequiredAccess::OperatorLevel,
            [&](const identity::Caller &caller) { return jwt::register_set(caller, fcinfo); });
    });
}

OPIGNO_FUNCTION(opigno_drop_token_key)
{
    PG_RETURN_INT32(
        identity::as_owner(fcinfo, identity::RequiredAccess::OperatorLevel,
                           [&](const identity::Caller &caller) { return jwt::drop_keys(caller, fcinfo); }));
}
