/* The reader of tokens without the server: base64url, the compact form, JSON, header and claims. */
#include "client/jwt/base64url.hpp"
#include "client/jwt/claims.hpp"
#include "client/jwt/compact.hpp"
#include "client/jwt/document.hpp"
#include "fuzz/host.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace {

using namespace opigno;
using jwt::Algorithm;

TEST(Base64Url, ReadsWhatTheEncoderWrites)
{
    const test::Arena arena;
    EXPECT_EQ(jwt::decode_base64url(""), "");
    EXPECT_EQ(jwt::decode_base64url("Zg"), "f");
    EXPECT_EQ(jwt::decode_base64url("Zm8"), "fo");
    EXPECT_EQ(jwt::decode_base64url("Zm9v"), "foo");
    EXPECT_EQ(jwt::decode_base64url("Zm9vYg"), "foob");
    EXPECT_EQ(jwt::decode_base64url("-_8"), "\xFB\xFF");
}

TEST(Base64Url, RefusesEverythingElse)
{
    const test::Arena arena;
    for (const char *text :
         {"Zg==", "Zm8=", "Z", "Zm9vY", "Zh", "Zm9", "Zm 9v", "Zm9v\n", "+/8", "Zm9v.", "\xC3\xA9Zg"})
        EXPECT_FALSE(jwt::decode_base64url(text).has_value()) << text;
    EXPECT_FALSE(jwt::decode_base64url(std::string_view("Zm9v\0Zg", 7)).has_value());
}

TEST(Compact, HasThreeParts)
{
    jwt::Compact parts{};
    EXPECT_EQ(jwt::split("aa.b.ccc", parts), nullptr);
    EXPECT_EQ(parts.header, "aa");
    EXPECT_EQ(parts.claims, "b");
    EXPECT_EQ(parts.signature, "ccc");
    EXPECT_EQ(parts.signed_text, "aa.b");
    for (const char *token :
         {"", ".", "..", "a", "a.b", "a.b.", ".b.c", "a..c", "a.b.c.", "a.b.c.d", "a.b.c.d.e", "...."})
        EXPECT_NE(jwt::split(token, parts), nullptr) << token;
    EXPECT_EQ(jwt::split("a.b." + std::string(jwt::max_token - 4, 'c'), parts), nullptr);
    EXPECT_NE(jwt::split("a.b." + std::string(jwt::max_token - 3, 'c'), parts), nullptr);
    EXPECT_NE(jwt::split(std::string(1000000, '.'), parts), nullptr);
}

std::string nested(std::size_t levels)
{
    return R"({"a":)" + std::string(levels - 1, '[') + std::string(levels - 1, ']') + "}";
}

TEST(Document, IsAnObjectWithoutRepeatedMembers)
{
    const test::Arena arena;
    for (const std::string &text :
         {std::string("{}"), std::string(R"( {"a": {"a": [{"a": 1}, {"a": 2}]}, "b": "a"} )"),
          std::string(R"({"a": ["b", "b"], "b": "c:", "c": "\"a\":"})"), nested(jwt::max_levels)})
        EXPECT_EQ(jwt::check_object(text), nullptr) << text;
    for (const std::string &text :
         {std::string(""), std::string("[]"), std::string("1"), std::string("{} {}"), std::string("{'a': 1}"),
          std::string(R"({"a": 1, "a": 1})"), std::string(R"({"a": 1, "\u0061": 1})"),
          std::string(R"({"x": [{"a": 1, "b": {}, "a": 1}]})"), std::string(R"({"a": 01})"),
          std::string(R"({"a": "\u0000"})"), std::string(R"({"a": "\ud800"})"),
          std::string("{\"a\": \"\x01\"}"), nested(jwt::max_levels + 1), nested(10000),
          std::string(10000, '['), std::string(10000, '{')})
        EXPECT_NE(jwt::check_object(text), nullptr) << text;
}

TEST(Document, FindsValuesByPointer)
{
    const test::Arena arena;
    constexpr std::string_view text =
        R"( {"sub": "ada", "realm": {"roles": ["user", "admin"], "a/b": {"m~n": true}, "": 5}, "n": [1]} )";
    ASSERT_EQ(jwt::check_object(text), nullptr);
    EXPECT_EQ(jwt::find_value(text, "/sub"), "\"ada\"");
    EXPECT_EQ(jwt::find_value(text, "/realm/roles/1"), "\"admin\"");
    EXPECT_EQ(jwt::find_value(text, "/realm/a~1b/m~0n"), "true");
    EXPECT_EQ(jwt::find_value(text, "/realm/"), "5");
    for (const char *pointer : {"/", "/Sub", "/realm/roles/2", "/realm/roles/01", "/realm/roles/-", "/sub/0",
                                "/n/0/0", "/realm/roles/1/", "/n/99999999999999999999"})
        EXPECT_FALSE(jwt::find_value(text, pointer).has_value()) << pointer;
    EXPECT_TRUE(jwt::is_pointer("/a~0b/~1"));
    for (const char *pointer : {"", "a", "#/a", "/~", "/~2", "/a~"})
        EXPECT_FALSE(jwt::is_pointer(pointer)) << pointer;
    EXPECT_TRUE(jwt::has_string(R"(["user", "ad\u006din"])", "admin"));
    EXPECT_FALSE(jwt::has_string(R"(["user", ["admin"], {"admin": "admin"}])", "admin"));
    EXPECT_FALSE(jwt::has_string("true", "true"));
}

const char *header_flaw(std::string_view text, jwt::Header &header)
{
    return jwt::read_header(text, header);
}

TEST(Header, NamesOneAlgorithm)
{
    const test::Arena arena;
    jwt::Header header{};
    for (const jwt::AlgorithmWord &word : jwt::algorithms) {
        EXPECT_EQ(header_flaw(std::string(R"({"alg":")") + word.word + "\"}", header), nullptr) << word.word;
        EXPECT_EQ(header.algorithm, word.algorithm);
    }
    for (const char *text :
         {R"({})", R"({"alg":"none"})", R"({"alg":"None"})", R"({"alg":"NONE"})", R"({"alg":"nOnE"})",
          R"({"alg":""})", R"({"alg":null})", R"({"alg":["RS256"]})", R"({"alg":"rs256"})",
          R"({"alg":"RS256 "})", R"({"alg":"HS384"})", R"({"alg":"ES256K"})", R"({"alg":"ES512"})",
          R"({"Alg":"RS256"})", R"({"alg":"RS256","alg":"none"})", R"({"alg":"RS256","\u0061lg":"none"})"})
        EXPECT_NE(header_flaw(text, header), nullptr) << text;
}

TEST(Header, IsAJwtWithoutExtensions)
{
    const test::Arena arena;
    jwt::Header header{};
    for (const char *rest :
         {R"("typ":"JWT")", R"("typ":"jwt")", R"("typ":"at+jwt")", R"("typ":"application/AT+JWT")",
          R"("typ":"Application/jwt")", R"("kid":"'; DROP TABLE x; --")", R"("kid":"../../dev/null")",
          R"("jku":"https://evil.example/jwks")", R"("x5u":"https://evil.example")",
          R"("jwk":{"kty":"oct","k":"AAAA"})", R"("x5c":["AAAA"])", R"("x5t":"AA")"})
        EXPECT_EQ(header_flaw(std::string(R"({"alg":"RS256",)") + rest + "}", header), nullptr) << rest;
    for (const char *rest :
         {R"("crit":[])", R"("crit":["exp"],"exp":1)", R"("crit":null)", R"("cty":"JWT")", R"("zip":"DEF")",
          R"("b64":false)", R"("typ":"JWS")", R"("typ":"application/")", R"("typ":"logout+jwt")",
          R"("typ":null)", R"("typ":1)", R"("kid":1)", R"("kid":["a"])", R"("kid":"a","kid":"b")"})
        EXPECT_NE(header_flaw(std::string(R"({"alg":"RS256",)") + rest + "}", header), nullptr) << rest;
    EXPECT_EQ(header_flaw(R"({"alg":"RS256","kid":"a\"b"})", header), nullptr);
    EXPECT_EQ(header.key_id, "a\"b");
}

/* At 1000 seconds, with 10 seconds of leeway. */
const char *flaw(const std::string &text, std::span<const std::string_view> audience = {})
{
    jwt::Claims claims;
    std::optional<std::string_view> issuer;
    const jwt::Rules rules{audience, "/sub", std::nullopt, std::nullopt, 10, 1000};
    const char *reason = jwt::read_issuer(text, issuer);
    return reason != nullptr ? reason : jwt::read_claims(text, rules, claims);
}

TEST(Claims, TimesAreNumbersInRange)
{
    const test::Arena arena;
    for (const char *text :
         {R"({"exp":1001})", R"({"exp":990.5})", R"({"exp":1e3})", R"({"exp":253402300799})",
          R"({"exp":2000,"nbf":1010,"iat":1010})", R"({"exp":2000,"nbf":0,"iat":0.0})"})
        EXPECT_EQ(flaw(text), nullptr) << text;
    for (const char *text : {"{}",
                             R"({"exp":990})",
                             R"({"exp":0})",
                             R"({"exp":-1})",
                             R"({"exp":-0})",
                             R"({"exp":"2000"})",
                             R"({"exp":null})",
                             R"({"exp":true})",
                             R"({"exp":[2000]})",
                             R"({"exp":{}})",
                             R"({"exp":253402300800})",
                             R"({"exp":1e400})",
                             R"({"exp":1e99999999999})",
                             R"({"exp":1e-400})",
                             R"({"exp":99999999999999999999999999999999999999999999999999999999999})",
                             R"({"exp":2000,"nbf":1011})",
                             R"({"exp":2000,"nbf":"0"})",
                             R"({"exp":2000,"iat":1011})",
                             R"({"exp":2000,"iat":"0"})",
                             R"({"exp":2000,"exp":3000})",
                             R"({"exp":NaN})",
                             R"({"exp":0x7d0})",
                             R"({"EXP":2000})"})
        EXPECT_NE(flaw(text), nullptr) << text;
}

TEST(Claims, AudienceIsOneOfTheIssuers)
{
    const test::Arena arena;
    constexpr std::string_view names[] = {"one", "two"};
    for (const char *aud : {R"("one")", R"("two")", R"(["three","two"])"}) {
        EXPECT_EQ(flaw(std::string(R"({"exp":2000,"aud":)") + aud + "}", names), nullptr) << aud;
        EXPECT_NE(flaw(std::string(R"({"exp":2000,"aud":)") + aud + "}"), nullptr) << aud;
    }
    for (const char *aud : {R"("three")", R"("")", R"("One")", R"("one ")", R"([])", R"(["on"])",
                            R"(["one",1])", "null", "1", R"({"one":"one"})", R"([["one"]])"})
        EXPECT_NE(flaw(std::string(R"({"exp":2000,"aud":)") + aud + "}", names), nullptr) << aud;
    EXPECT_NE(flaw(R"({"exp":2000})", names), nullptr);
    EXPECT_EQ(flaw(R"({"exp":2000})"), nullptr);
}

TEST(Claims, IssuerIsAString)
{
    const test::Arena arena;
    std::optional<std::string_view> issuer;
    EXPECT_EQ(jwt::read_issuer(R"({"iss":"https:\/\/a"})", issuer), nullptr);
    EXPECT_EQ(issuer, "https://a");
    EXPECT_NE(jwt::read_issuer(R"({"iss":1})", issuer), nullptr);
    EXPECT_NE(jwt::read_issuer(R"({"iss":null})", issuer), nullptr);
}

struct Person {
    std::optional<std::string> user;
    bool is_operator;
};

Person person(std::string_view text, std::string_view user, std::optional<std::string_view> claim,
              std::optional<std::string_view> value)
{
    jwt::Claims claims;
    EXPECT_EQ(jwt::read_claims(text, {{}, user, claim, value, 0, 0}, claims), nullptr);
    return {claims.user.has_value() ? std::optional<std::string>(*claims.user) : std::nullopt,
            claims.is_operator};
}

TEST(Claims, NameTheUserAndTheOperator)
{
    const test::Arena arena;
    constexpr std::string_view sentinel = R"({"UserID":"u1","Operator":true,"exp":1})";
    constexpr std::string_view keycloak = R"({"sub":"u2","realm_access":{"roles":["a","op"]},"exp":1})";
    Person found = person(sentinel, "/UserID", "/Operator", std::nullopt);
    EXPECT_EQ(found.user, "u1");
    EXPECT_TRUE(found.is_operator);
    EXPECT_FALSE(person(sentinel, "/UserID", std::nullopt, std::nullopt).is_operator);
    EXPECT_FALSE(person(sentinel, "/UserID", "/Operator", "true").is_operator);
    EXPECT_FALSE(person(sentinel, "/sub", "/Operator", "true").user.has_value());
    found = person(keycloak, "/sub", "/realm_access/roles", "op");
    EXPECT_EQ(found.user, "u2");
    EXPECT_TRUE(found.is_operator);
    EXPECT_FALSE(person(keycloak, "/sub", "/realm_access/roles", "o").is_operator);
    EXPECT_FALSE(person(keycloak, "/sub", "/realm_access/roles", std::nullopt).is_operator);
    EXPECT_FALSE(person(R"({"Operator":"true","exp":1})", "/sub", "/Operator", std::nullopt).is_operator);
    EXPECT_FALSE(person(R"({"Operator":1,"exp":1})", "/sub", "/Operator", std::nullopt).is_operator);
    jwt::Claims claims;
    EXPECT_NE(jwt::read_claims(R"({"sub":1,"exp":1})", {{}, "/sub", {}, {}, 0, 0}, claims), nullptr);
}

/* The largest claims of the worst kinds: nothing is quadratic. */
TEST(Claims, OfSixteenKilobytesCostLittle)
{
    const test::Arena arena;
    std::string members = "{\"exp\":2000";
    for (int number = 0; members.size() < 12000; ++number)
        members += ",\"" + std::to_string(number) + "\":0";
    std::string empty = "{\"exp\":2000,\"a\":[" + std::string(5000, ' ');
    for (int number = 0; empty.size() < 11000; ++number)
        empty += "{},";
    const auto start = std::chrono::steady_clock::now();
    for (int round = 0; round < 20; ++round) {
        EXPECT_EQ(flaw(members + "}"), nullptr);
        EXPECT_EQ(flaw(empty + "{}]}"), nullptr);
        EXPECT_NE(flaw(std::string(12000, '{')), nullptr);
        EXPECT_NE(flaw("{\"a\":\"" + std::string(12000, '\\')), nullptr);
    }
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

} // namespace
