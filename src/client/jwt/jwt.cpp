#include "client/jwt/jwt.hpp"

#include "client/jwt/base64url.hpp"
#include "client/jwt/claims.hpp"
#include "client/jwt/compact.hpp"
#include "client/jwt/signature.hpp"
#include "pg/array.hpp"
#include "pg/spi.hpp"
#include "pg/time.hpp"
#include "text/encoding.hpp"

namespace opigno::jwt {

namespace {

#define ISSUER_AND_KEY                                                                                       \
    "SELECT i.app_id, i.audience, i.user_claim, i.operator_claim, i.operator_value, i.leeway,"               \
    "  coalesce(k.public_key, s.secret)"                                                                     \
    " FROM opigno.token_issuer AS i"                                                                         \
    "  LEFT JOIN opigno.token_key AS k ON k.issuer = i.issuer AND k.algorithm = $1"                          \
    "   AND ($3 OR k.key_id IS NULL OR k.key_id = $2)"                                                       \
    "  LEFT JOIN opigno.token_secret AS s ON s.token_key_id = k.token_key_id"
/* Each key costs a verification. */
#define BEST_KEYS " ORDER BY k.key_id IS NULL, k.token_key_id DESC LIMIT 8"

/* alg, kid, whether there is no kid, iss */
constexpr Oid key_types[] = {TEXTOID, TEXTOID, BOOLOID, TEXTOID};
constinit pg::Statement select_by_issuer(ISSUER_AND_KEY " WHERE i.issuer = $4" BEST_KEYS, key_types);
constinit pg::Statement select_without_issuer(ISSUER_AND_KEY " WHERE NOT i.requires_iss" BEST_KEYS,
                                              {key_types, 3});

enum Column { app_column = 1, audience, user_claim, operator_claim, operator_value, leeway, key };

/* Returns nothing for what is not base64url, or not text in the encoding of the database. */
std::optional<std::string_view> decode_text(std::string_view part)
{
    const std::optional<std::string_view> bytes = decode_base64url(part);
    return bytes.has_value() ? texts::from_utf8(*bytes) : std::nullopt;
}

std::uint64_t select_keys(const Header &header, const std::optional<std::string_view> &issuer)
{
    const Datum values[] = {CStringGetTextDatum(word_of(header.algorithm)),
                            PointerGetDatum(pg::make_text(header.key_id.value_or(std::string_view()))),
                            BoolGetDatum(!header.key_id.has_value()),
                            PointerGetDatum(pg::make_text(issuer.value_or(std::string_view())))};
    return issuer.has_value() ? select_by_issuer.read_committed(values)
                              : select_without_issuer.read_committed(values);
}

std::optional<std::string_view> text_column(Column column, std::uint64_t row)
{
    const std::optional<Datum> value = pg::nullable_column(column, row);
    return value.has_value() ? std::optional<std::string_view>(pg::view(DatumGetTextPP(*value)))
                             : std::nullopt;
}

/* Finds the row whose key has made the signature. */
const char *find_signer(std::uint64_t rows, Algorithm algorithm, const Compact &parts, std::uint64_t &signer)
{
    const std::optional<std::string_view> signature = decode_base64url(parts.signature);
    if (!signature.has_value())
        return "the signature is not base64url";
    if (rows == 0)
        return "the issuer is not registered";
    bool is_any = false;
    for (signer = 0; signer < rows; ++signer) {
        const std::optional<std::string_view> bytes = text_column(key, signer);
        is_any = is_any || bytes.has_value();
        if (bytes.has_value() && verify(algorithm, *bytes, parts.signed_text, *signature))
            return nullptr;
    }
    return is_any ? "no registered key has made the signature"
                  : "the issuer has no key with this \"alg\" and \"kid\"";
}

double seconds_now()
{
    constexpr std::int64_t seconds_to_epoch =
        std::int64_t{POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE} * SECS_PER_DAY;
    return static_cast<double>(GetCurrentTimestamp()) / static_cast<double>(USECS_PER_SEC) +
           static_cast<double>(seconds_to_epoch);
}

const char *check_claims(std::string_view text, std::uint64_t row, JwtClaims &claims)
{
    const pg::Names names = pg::names_of(DatumGetArrayTypeP(pg::column(audience, row)));
    const Rules rules{{names.begin(), names.size()},
                      *text_column(user_claim, row),
                      text_column(operator_claim, row),
                      text_column(operator_value, row),
                      static_cast<double>(DatumGetInt32(pg::column(leeway, row))),
                      seconds_now()};
    Claims read;
    if (const char *reason = read_claims(text, rules, read); reason != nullptr)
        return reason;
    if (read.user.has_value())
        claims.user_uuid = pg::make_text(*read.user);
    claims.is_operator = read.is_operator;
    if (const std::optional<Datum> app = pg::nullable_column(app_column, row); app.has_value())
        claims.app_id = DatumGetInt32(*app);
    return nullptr;
}

const char *flaw_of(std::string_view token, JwtClaims &claims)
{
    Compact parts{};
    if (const char *reason = split(token, parts); reason != nullptr)
        return reason;
    const std::optional<std::string_view> header_text = decode_text(parts.header);
    const std::optional<std::string_view> claims_text = decode_text(parts.claims);
    if (!header_text.has_value() || !claims_text.has_value())
        return "the header or the claims are not base64url of text in the encoding of the database";
    Header header{};
    if (const char *reason = read_header(*header_text, header); reason != nullptr)
        return reason;
    std::optional<std::string_view> issuer;
    if (const char *reason = read_issuer(*claims_text, issuer); reason != nullptr)
        return reason;
    std::uint64_t signer = 0;
    const std::uint64_t rows = select_keys(header, issuer);
    if (const char *reason = find_signer(rows, header.algorithm, parts, signer); reason != nullptr)
        return reason;
    return check_claims(*claims_text, signer, claims);
}

} // namespace

const char *read_jwt(std::string_view token, JwtClaims &claims)
{
    if (!has_libcrypto)
        return "This build of opigno_profiles has no libcrypto, and verifies no JWT.";
    const char *flaw = flaw_of(token, claims);
    return flaw == nullptr ? nullptr : psprintf("The JWT is refused: %s.", flaw);
}

} // namespace opigno::jwt
