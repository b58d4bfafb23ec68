#include "gateway/token_user.hpp"

#include "gateway/http/split.hpp"
#include "identity/access.hpp"
#include "pg/base64.hpp"
#include "pg/spi.hpp"
#include "text/encoding.hpp"
#include "json/text/json_text.hpp"
#include "json/value/reader.hpp"

namespace opigno::gateway {

namespace {

/* A JSON Pointer as an array of its names. */
#define PATH(pointer)                                                                                        \
    "ARRAY(SELECT replace(replace(p.name, '~1', '/'), '~0', '~')"                                            \
    "  FROM string_to_table(substr(" pointer ", 2), '/') AS p (name))"

/*
 * Several issuers can accept a token without iss. Their tokens name different users only if one of them
 * has the claim of another one: then the user must be in the header.
 */
constexpr Oid types[] = {JSONBOID};
constinit pg::Statement select_user(
    "SELECT min(f.user_name), bool_or(f.is_operator), bool_and(f.is_registered)"
    " FROM (SELECT CASE WHEN jsonb_typeof($1 #> c.user_path) = 'string' THEN $1 #>> c.user_path END,"
    "   coalesce(CASE WHEN c.operator_value IS NULL THEN $1 #> c.operator_path = 'true'"
    "    WHEN jsonb_typeof($1 #> c.operator_path) <> 'object'"
    "    THEN $1 #> c.operator_path ? c.operator_value END, false), c.is_registered"
    "  FROM (SELECT " PATH("i.user_claim") "," PATH(
        "i.operator_claim") ", i.operator_value, true"
                            "    FROM opigno.list_token_issuers() AS i"
                            "    WHERE i.issuer = $1 ->> 'iss' OR (NOT $1 ? 'iss' AND NOT i.requires_iss)"
                            "    UNION ALL SELECT '{sub}', NULL, NULL, false"
                            "    WHERE NOT EXISTS (SELECT FROM opigno.list_token_issuers() AS i"
                            "     WHERE i.issuer = $1 ->> 'iss' OR (NOT $1 ? 'iss' AND NOT i.requires_iss)))"
                            "   AS c (user_path, operator_path, operator_value, is_registered))"
                            "  AS f (user_name, is_operator, is_registered)"
                            " HAVING count(DISTINCT f.user_name) = 1",
    types);

/* The second of the three parts of a token: RFC 7515, section 7.1. */
std::string_view claims_part(std::string_view authorization)
{
    std::string_view token = trimmed(authorization);
    take(token, ' ');
    token = trimmed(token);
    take(token, '.');
    const std::string_view claims = take(token, '.');
    return token.empty() ? std::string_view() : claims;
}

/* base64 for base64url, which has no padding. */
std::string_view as_base64(std::string_view part)
{
    constexpr std::size_t group = 4;
    const std::size_t size = (part.size() + group - 1) / group * group;
    auto *out = static_cast<char *>(palloc(size + 1));
    for (std::size_t at = 0; at < size; ++at) {
        const char given = at < part.size() ? part[at] : '=';
        out[at] = given == '-' ? '+' : given == '_' ? '/' : given;
    }
    return {out, size};
}

/* Returns nullptr if there is no JWT. */
Jsonb *claims_of(const Headers &headers)
{
    const std::string_view part = claims_part(find_header(headers, "Authorization").value_or(""));
    constexpr std::size_t max_part = 16384; /* of a token that is accepted */
    if (part.empty() || part.size() > max_part)
        return nullptr;
    const std::optional<std::string_view> bytes = pg::decode_base64(as_base64(part));
    const std::optional<std::string_view> claims =
        bytes.has_value() ? texts::from_utf8(*bytes) : std::nullopt;
    pg::Error why{};
    Jsonb *document = claims.has_value() ? json::try_read_json(*claims, why) : nullptr;
    return document != nullptr && json::is_object(json::root_of(document)) ? document : nullptr;
}

} // namespace

TokenUser read_token_user(const Headers &headers, Oid function)
{
    Jsonb *claims = claims_of(headers);
    if (claims == nullptr)
        return {};
    MemoryContext outer = CurrentMemoryContext;
    return identity::as_owner_of(function, [&] {
        const Datum value = JsonbPGetDatum(claims);
        if (select_user.read(&value) == 0)
            return TokenUser{};
        MemoryContext before = MemoryContextSwitchTo(outer);
        const TokenUser user{pg::view(DatumGetTextPCopy(pg::column(1))), DatumGetBool(pg::column(2)),
                             DatumGetBool(pg::column(3))};
        MemoryContextSwitchTo(before);
        return user;
    });
}

} // namespace opigno::gateway
