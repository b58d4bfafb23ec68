/*
 * libFuzzer over the reader of tokens, without signatures: each input is a token whose first two
 * parts may also be plain JSON, so that the fuzzer need not find base64url.
 *   fuzz_jwt --write_seeds=FOLDER      makes a corpus to start from
 *   fuzz_jwt FOLDER                    runs until it finds something
 */
#include "client/jwt/base64url.hpp"
#include "client/jwt/claims.hpp"
#include "client/jwt/compact.hpp"
#include "client/jwt/document.hpp"
#include "client/jwt/jwk.hpp"
#include "fuzz/host.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

namespace {

using namespace opigno;

constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string encoded(std::string_view bytes)
{
    std::string text;
    unsigned bits = 0;
    unsigned count = 0;
    for (const char byte : bytes) {
        bits = bits << 8U | static_cast<unsigned char>(byte);
        for (count += 8; count >= 6; count -= 6)
            text += digits[bits >> (count - 6) & 63U];
    }
    if (count > 0)
        text += digits[bits << (6 - count) & 63U];
    return text;
}

void check(bool holds, const char *law)
{
    if (holds)
        return;
    std::fprintf(stderr, "broken: %s\n", law);
    std::abort();
}

void read_token_claims(std::string_view text)
{
    constexpr std::string_view audience[] = {"a"};
    std::optional<std::string_view> issuer;
    if (jwt::read_issuer(text, issuer) != nullptr)
        return;
    jwt::Claims claims;
    const jwt::Rules rules{audience, "/sub", "/roles", "op", 60, 1000};
    const jwt::Rules later{audience, "/sub", "/roles", "op", 60, 1e12};
    if (jwt::read_claims(text, rules, claims) == nullptr) {
        check(jwt::find_member(text, "exp").has_value(), "a token without exp is refused");
        check(jwt::find_member(text, "aud").has_value(), "a token without aud is refused");
        check(!claims.is_operator || jwt::find_member(text, "roles").has_value(),
              "an operator has the claim");
    }
    check(jwt::read_claims(text, later, claims) != nullptr, "every token expires");
    jwt::find_value(text, "/a/0/b~1/-");
}

void read_parts(std::string_view header_text, std::string_view claims_text)
{
    jwt::Header header{};
    if (jwt::read_header(header_text, header) == nullptr)
        check(!jwt::find_member(header_text, "crit").has_value(), "crit is refused");
    read_token_claims(claims_text);
    jwt::Jwk jwk{};
    if (jwt::check_object(claims_text) == nullptr && jwt::read_jwk(claims_text, jwk) == nullptr)
        check(!jwt::find_member(claims_text, "d").has_value(), "a private key is refused");
}

void write_seeds(const std::string &folder)
{
    const std::string header = R"({"alg":"ES256","typ":"at+jwt","kid":"\u0061"})";
    const std::string claims =
        R"({"iss":"i","sub":"u","aud":["a"],"exp":2e3,"nbf":0,"iat":1.5,"roles":["op"],"a":[{"b/":{"-":1}}]})";
    const std::string key = R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
                            R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","use":"sig"})";
    const std::string okp =
        R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})";
    const std::string tokens[] = {
        header + "." + claims + ".AA", encoded(header) + "." + encoded(claims) + ".AA",
        R"({"alg":"none"}.{}.)",       R"({"alg":"RS256","crit":["b64"],"b64":false}.{"exp":"1"}.AA)",
        "{}." + key + ".AA",           "{}." + okp + ".AA"};
    int number = 0;
    for (const std::string &token : tokens)
        std::ofstream(folder + "/token" + std::to_string(number++), std::ios::binary) << token;
}

} // namespace

extern "C" int LLVMFuzzerInitialize(int *count, char ***arguments)
{
    constexpr std::string_view option = "--write_seeds=";
    for (int at = 1; at < *count; ++at) {
        const std::string_view argument((*arguments)[at]);
        if (argument.substr(0, option.size()) == option) {
            write_seeds(std::string(argument.substr(option.size())));
            std::exit(0);
        }
    }
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const test::Arena arena;
    const std::string_view token(reinterpret_cast<const char *>(data), size);
    const std::size_t border = token.find("}.{");
    if (border != std::string_view::npos)
        read_parts(token.substr(0, border + 1), token.substr(border + 2, token.rfind('}') - border - 1));
    jwt::Compact parts{};
    if (jwt::split(token, parts) != nullptr)
        return 0;
    const std::optional<std::string_view> header = jwt::decode_base64url(parts.header);
    const std::optional<std::string_view> claims = jwt::decode_base64url(parts.claims);
    if (header.has_value())
        check(encoded(*header) == parts.header, "each part has one encoding");
    if (header.has_value() && claims.has_value())
        read_parts(*header, *claims);
    return 0;
}
