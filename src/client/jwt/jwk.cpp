#include "client/jwt/jwk.hpp"

#include "client/jwt/base64url.hpp"
#include "client/jwt/document.hpp"

namespace opigno::jwt {

namespace {

constexpr const char *not_base64url = "has a member that is not base64url";

std::optional<std::string_view> string_member(std::string_view text, std::string_view name)
{
    const std::optional<std::string_view> value = find_member(text, name);
    return value.has_value() ? string_of(*value) : std::nullopt;
}

/* Returns the bytes of a member in base64url. */
std::optional<std::string_view> bytes_member(std::string_view text, std::string_view name)
{
    const std::optional<std::string_view> value = string_member(text, name);
    return value.has_value() ? decode_base64url(*value) : std::nullopt;
}

bool has_private_member(std::string_view text)
{
    for (const std::string_view name : {"d", "p", "q", "dp", "dq", "qi", "oth"})
        if (find_member(text, name).has_value())
            return true;
    return false;
}

const char *check_use(std::string_view text)
{
    const std::optional<std::string_view> use = find_member(text, "use");
    if (use.has_value() && string_of(*use) != "sig")
        return "is not for signatures: \"use\" is not \"sig\"";
    const std::optional<std::string_view> operations = find_member(text, "key_ops");
    if (operations.has_value() && !has_string(*operations, "verify"))
        return "is not for signatures: \"key_ops\" has no \"verify\"";
    return nullptr;
}

const char *read_rsa(std::string_view text, Jwk &jwk)
{
    const std::optional<std::string_view> modulus = bytes_member(text, "n");
    const std::optional<std::string_view> exponent = bytes_member(text, "e");
    return modulus.has_value() && exponent.has_value() ? key_of_rsa(*modulus, *exponent, jwk.key)
                                                       : not_base64url;
}

const char *read_curve(std::string_view text, Jwk &jwk)
{
    const std::optional<std::string_view> curve = string_member(text, "crv");
    if (curve != "P-256" && curve != "P-384")
        return "is on a curve other than P-256 and P-384";
    const std::optional<std::string_view> x = bytes_member(text, "x");
    const std::optional<std::string_view> y = bytes_member(text, "y");
    return x.has_value() && y.has_value()
               ? key_of_curve(curve == "P-256" ? KeyKind::P256 : KeyKind::P384, *x, *y, jwk.key)
               : not_base64url;
}

const char *read_octet_pair(std::string_view text, Jwk &jwk)
{
    if (string_member(text, "crv") != "Ed25519")
        return "is on a curve other than Ed25519";
    const std::optional<std::string_view> x = bytes_member(text, "x");
    return x.has_value() ? key_of_ed25519(*x, jwk.key) : not_base64url;
}

const char *read_secret(std::string_view text, Jwk &jwk)
{
    const std::optional<std::string_view> secret = bytes_member(text, "k");
    if (!secret.has_value())
        return not_base64url;
    jwk.secret = *secret;
    return nullptr;
}

const char *read_kind(std::string_view text, Jwk &jwk)
{
    const std::optional<std::string_view> type = string_member(text, "kty");
    if (type == "oct") {
        jwk.kind = KeyKind::Secret;
        return read_secret(text, jwk);
    }
    if (type != "RSA" && type != "EC" && type != "OKP")
        return "has a \"kty\" other than RSA, EC, OKP and oct";
    const char *flaw = type == "RSA"  ? read_rsa(text, jwk)
                       : type == "EC" ? read_curve(text, jwk)
                                      : read_octet_pair(text, jwk);
    jwk.kind = jwk.key.kind;
    return flaw;
}

} // namespace

const char *read_jwk(std::string_view text, Jwk &jwk)
{
    jwk = Jwk{};
    if (has_private_member(text)) {
        jwk.is_private = true;
        return "is a private key";
    }
    if (const std::optional<std::string_view> key_id = find_member(text, "kid"); key_id.has_value()) {
        jwk.key_id = string_of(*key_id);
        if (!jwk.key_id.has_value())
            return "has a \"kid\" that is not a string";
    }
    if (const char *flaw = check_use(text); flaw != nullptr)
        return flaw;
    const std::optional<std::string_view> word = find_member(text, "alg");
    if (word.has_value()) {
        jwk.algorithm = algorithm_of(string_of(*word).value_or(std::string_view()));
        if (!jwk.algorithm.has_value())
            return "has an \"alg\" that is not supported";
    }
    if (const char *flaw = read_kind(text, jwk); flaw != nullptr)
        return flaw;
    return jwk.algorithm.has_value() && kind_of(*jwk.algorithm) != jwk.kind
               ? "has an \"alg\" for keys of another kind"
               : nullptr;
}

} // namespace opigno::jwt
