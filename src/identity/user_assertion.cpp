#include "identity/user_assertion.hpp"

#include "pg/array.hpp"
#include "pg/base64.hpp"
#include "pg/error.hpp"
#include "pg/hash.hpp"
#include "pg/spi.hpp"
#include "pg/time.hpp"
#include "text/encoding.hpp"
#include "json/text/json_text.hpp"
#include "json/value/reader.hpp"
#include "json/value/writer.hpp"

#include <array>
#include <charconv>

namespace opigno::identity {

namespace {

constinit pg::Statement
    select_secrets("SELECT s.secret FROM opigno.shard_secret AS s ORDER BY s.created_at DESC, s.secret");

/* A load may wait for others before it sends its parts. */
constexpr std::int64_t max_age = 300 * USECS_PER_SEC;
/* How far the clock of another server may be ahead. */
constexpr std::int64_t max_difference = 60 * USECS_PER_SEC;
constexpr std::size_t max_assertion = 1048576; /* bytes */
constexpr char separator = '.';

using Mac = std::array<unsigned char, PG_SHA256_DIGEST_LENGTH>;

const uint8 *bytes_of(std::string_view value)
{
    return reinterpret_cast<const uint8 *>(value.data());
}

/* What is signed: the claims, a byte 0 and the header Authorization. */
struct Message {
    std::string_view claims;
    std::string_view authorization;
};

static_assert(std::is_trivially_destructible_v<Message>);

/* HMAC with SHA-256 (RFC 2104). */
Mac mac_of(const Message &message, std::string_view secret)
{
    constexpr std::string_view zero("\0", 1);
    Mac mac{};
    pg_hmac_ctx *context = pg_hmac_create(PG_SHA256);
    bool is_done = pg_hmac_init(context, bytes_of(secret), secret.size()) >= 0;
    for (const std::string_view part : {message.claims, zero, message.authorization})
        is_done = is_done && pg_hmac_update(context, bytes_of(part), part.size()) >= 0;
    if (!is_done || pg_hmac_final(context, mac.data(), mac.size()) < 0)
        elog(ERROR, "could not compute an HMAC: %s", pg_hmac_error(context));
    pg_hmac_free(context);
    return mac;
}

/* Takes the same time for every value. */
bool is_same(const Mac &mac, std::string_view given)
{
    if (given.size() != mac.size())
        return false;
    unsigned int difference = 0;
    for (std::size_t at = 0; at < mac.size(); ++at)
        difference |= static_cast<unsigned int>(mac[at]) ^ bytes_of(given)[at];
    return difference == 0;
}

/* Whether a server of this system has signed the message. */
bool is_signed(const Message &message, std::string_view given_mac)
{
    const std::uint64_t rows = select_secrets.read(nullptr);
    bool is_right = false;
    for (std::uint64_t row = 0; row < rows; ++row) {
        const bytea *secret = DatumGetByteaPP(pg::column(1, row));
        is_right = is_same(mac_of(message, pg::view(secret)), given_mac) || is_right;
    }
    return is_right;
}

/* What an assertion says. */
struct Claims {
    std::string_view user;
    std::int64_t issued_at = 0; /* microseconds since 2000 */
    bool is_restricted = true;
    bool names_new_user = true;
    bool acts_on_all = false;
    pg::Names scope;
};

static_assert(std::is_trivially_destructible_v<Claims>);

void add_member(std::string_view name, const JsonbValue &value, Claims &claims)
{
    const bool is_true = value.type == jbvBool && value.val.boolean;
    if (name == "user" && value.type == jbvString)
        claims.user = json::string_of(value);
    else if (name == "issued_at" && value.type == jbvString)
        std::from_chars(json::string_of(value).data(),
                        json::string_of(value).data() + json::string_of(value).size(), claims.issued_at);
    else if (name == "is_restricted")
        claims.is_restricted = is_true;
    else if (name == "names_new_user")
        claims.names_new_user = is_true;
    else if (name == "acts_on_all")
        claims.acts_on_all = is_true;
    else if (name == "scope" && json::is_array(value))
        json::each_element(value,
                           [&](const JsonbValue &scope) { claims.scope.push_back(json::string_of(scope)); });
}

/* Returns nothing if the assertion is not signed, or cannot be in this database's encoding. */
std::optional<Claims> read_claims(std::string_view assertion, std::string_view authorization)
{
    const std::size_t end = assertion.find(separator);
    if (end == std::string_view::npos || assertion.size() > max_assertion)
        return std::nullopt;
    const auto given = pg::decode_base64({assertion.data(), end});
    const auto mac = pg::decode_base64({assertion.data() + end + 1, assertion.size() - end - 1});
    if (!given.has_value() || !mac.has_value() || !is_signed({*given, authorization}, *mac))
        return std::nullopt;
    const std::optional<std::string_view> text = texts::from_utf8(*given);
    if (!text.has_value())
        return std::nullopt;
    pg::Error why{};
    Jsonb *const document = json::try_read_json(*text, why);
    if (document == nullptr || !json::is_object(json::root_of(document)))
        return std::nullopt;
    Claims claims;
    json::each_member(json::root_of(document), [&](std::string_view name, const JsonbValue &value) {
        add_member(name, value, claims);
    });
    return claims;
}

} // namespace

text *make_user_assertion(const Request &request, const text *authorization)
{
    if (select_secrets.read_latest(nullptr) == 0)
        ereport(ERROR, errcode(ERRCODE_WRONG_STATE), errmsg("this server has no secret for user assertions"),
                errhint("opigno.become_hub() makes one on the hub. The shards receive it with the other "
                        "registries."));
    const bytea *secret = DatumGetByteaPCopy(pg::column(1));
    json::Writer out;
    out.begin_object();
    out.key("user").string(pg::view(request.user_uuid));
    char issued_at[MAXINT8LEN + 1];
    pg_lltoa(GetCurrentTimestamp(), issued_at);
    out.key("issued_at").string(issued_at);
    out.key("is_restricted").boolean(request.is_restricted);
    out.key("names_new_user").boolean(request.names_new_user);
    out.key("acts_on_all").boolean(request.acts_on_all);
    out.key("scope").begin_array();
    for (const std::string_view scope : pg::names_of(request.scope))
        out.string(scope);
    out.end_array();
    out.end_object();
    const std::optional<std::string_view> claims = texts::as_utf8(out.text());
    if (!claims.has_value())
        elog(ERROR, "a name of a user or scope cannot be in UTF-8");
    const Mac mac = mac_of({*claims, pg::view(authorization)}, pg::view(secret));
    StringInfoData assertion;
    initStringInfo(&assertion);
    for (const std::string_view part :
         {pg::encode_base64(*claims), std::string_view(&separator, 1),
          pg::encode_base64({reinterpret_cast<const char *>(mac.data()), mac.size()})})
        appendBinaryStringInfo(&assertion, part.data(), static_cast<int>(part.size()));
    if (static_cast<std::size_t>(assertion.len) > max_assertion)
        ereport(ERROR, errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                errmsg("the user has too many scopes for an assertion"));
    return pg::make_text({assertion.data, static_cast<std::size_t>(assertion.len)});
}

bool add_asserted_user(Request &request, const text *authorization, const text *assertion)
{
    const std::optional<Claims> claims = read_claims(pg::view(assertion), pg::view(authorization));
    if (!claims.has_value() || claims->user != pg::view(request.user_uuid))
        return false;
    const std::int64_t age = GetCurrentTimestamp() - claims->issued_at;
    if (age > max_age || age < -max_difference)
        return false;
    request.is_asserted = true;
    request.is_restricted = claims->is_restricted;
    request.names_new_user = claims->names_new_user;
    request.acts_on_all = request.acts_on_all && claims->acts_on_all;
    request.scope = pg::make_array(claims->scope);
    return true;
}

} // namespace opigno::identity
