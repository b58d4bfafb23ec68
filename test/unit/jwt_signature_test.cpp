/* Public keys and signatures: the published vectors, and the attacks that Project Wycheproof tries. */
#include "client/jwt/base64url.hpp"
#include "client/jwt/document.hpp"
#include "client/jwt/jwk.hpp"
#include "client/jwt/signature.hpp"
#include "fuzz/host.hpp"

#include <gtest/gtest.h>

#include <string>

#ifdef OPIGNO_WITH_LIBCRYPTO

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

namespace {

using namespace opigno;
using jwt::Algorithm;

constexpr std::string_view text = "header.claims";

std::string decoded(std::string_view encoded)
{
    return std::string(jwt::decode_base64url(encoded).value());
}

std::string key_of_jwk(std::string_view json)
{
    jwt::Jwk jwk{};
    EXPECT_EQ(jwt::check_object(json), nullptr);
    EXPECT_EQ(jwt::read_jwk(json, jwk), nullptr);
    return std::string(jwk.kind == jwt::KeyKind::Secret ? jwk.secret : jwt::der_of(jwk.key));
}

bool is_signed(Algorithm algorithm, const std::string &key, std::string_view signed_text,
               std::string_view signature)
{
    std::string other(signed_text);
    other.back() ^= 1;
    const bool is_valid = jwt::verify(algorithm, key, signed_text, decoded(signature));
    return is_valid && !jwt::verify(algorithm, key, other, decoded(signature));
}

/* RFC 7519 section 3.1 has the same token as RFC 7515 A.1. */
#define RFC_CLAIMS                                                                                           \
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"

TEST(Signature, Rfc7515)
{
    const test::Arena arena;
    EXPECT_TRUE(
        is_signed(Algorithm::HS256,
                  key_of_jwk(R"({"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75)"
                             R"(aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"})"),
                  "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." RFC_CLAIMS,
                  "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"));
    EXPECT_TRUE(is_signed(
        Algorithm::RS256,
        key_of_jwk(R"({"kty":"RSA","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l)"
                   R"(8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOW)"
                   R"(vG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UT)"
                   R"(o7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmo)"
                   R"(udF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"})"),
        "eyJhbGciOiJSUzI1NiJ9." RFC_CLAIMS,
        "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp"
        "5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBM"
        "Hlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI"
        "2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"));
    EXPECT_TRUE(
        is_signed(Algorithm::ES256,
                  key_of_jwk(R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
                             R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})"),
                  "eyJhbGciOiJFUzI1NiJ9." RFC_CLAIMS,
                  "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"));
}

constexpr const char *rfc_8037_key =
    R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})";
constexpr const char *rfc_8037_text = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
constexpr const char *rfc_8037_signature =
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

TEST(Signature, Rfc8037)
{
    const test::Arena arena;
    EXPECT_TRUE(is_signed(Algorithm::EdDSA, key_of_jwk(rfc_8037_key), rfc_8037_text, rfc_8037_signature));
}

// ---- keys made here ------------------------------------------------------------------------------

std::string pem_of(EVP_PKEY *key, bool is_private = false)
{
    BIO *bio = BIO_new(BIO_s_mem());
    EXPECT_EQ(is_private ? PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr)
                         : PEM_write_bio_PUBKEY(bio, key),
              1);
    char *data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    std::string pem(data, static_cast<std::size_t>(size));
    BIO_free(bio);
    return pem;
}

struct Pair {
    EVP_PKEY *key;
    std::string public_key;
    jwt::KeyKind kind{};

    explicit Pair(EVP_PKEY *made) : key(made)
    {
        jwt::PublicKey read{};
        EXPECT_EQ(jwt::key_of_pem(pem_of(key), read), nullptr);
        public_key = jwt::der_of(read);
        kind = read.kind;
    }
    ~Pair() { EVP_PKEY_free(key); }
    Pair(const Pair &) = delete;
    Pair &operator=(const Pair &) = delete;
};

const Pair &rsa()
{
    static const Pair pair(EVP_RSA_gen(2048));
    return pair;
}

const Pair &p256()
{
    static const Pair pair(EVP_EC_gen("P-256"));
    return pair;
}

const Pair &p384()
{
    static const Pair pair(EVP_EC_gen("P-384"));
    return pair;
}

const Pair &ed25519()
{
    static const Pair pair(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    return pair;
}

struct Padding {
    int kind = RSA_PKCS1_PADDING;
    int salt = 32;
    const char *mask = "SHA256";
};

std::string sign(EVP_PKEY *key, const char *digest, const Padding &padding = {})
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *options = nullptr;
    EXPECT_EQ(EVP_DigestSignInit_ex(context, &options, digest, nullptr, nullptr, key, nullptr), 1);
    if (padding.kind == RSA_PKCS1_PSS_PADDING) {
        EXPECT_EQ(EVP_PKEY_CTX_set_rsa_padding(options, padding.kind), 1);
        EXPECT_EQ(EVP_PKEY_CTX_set_rsa_mgf1_md_name(options, padding.mask, nullptr), 1);
        EXPECT_EQ(EVP_PKEY_CTX_set_rsa_pss_saltlen(options, padding.salt), 1);
    }
    unsigned char made[1024];
    std::size_t size = sizeof made;
    EXPECT_EQ(EVP_DigestSign(context, made, &size, reinterpret_cast<const unsigned char *>(text.data()),
                             text.size()),
              1);
    EVP_MD_CTX_free(context);
    return {reinterpret_cast<char *>(made), size};
}

/* r and s of a signature in DER. */
std::string raw_of(const std::string &der, int half)
{
    const auto *at = reinterpret_cast<const unsigned char *>(der.data());
    ECDSA_SIG *pair = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
    std::string raw(2 * static_cast<std::size_t>(half), '\0');
    auto *to = reinterpret_cast<unsigned char *>(raw.data());
    EXPECT_EQ(BN_bn2binpad(ECDSA_SIG_get0_r(pair), to, half), half);
    EXPECT_EQ(BN_bn2binpad(ECDSA_SIG_get0_s(pair), to + half, half), half);
    ECDSA_SIG_free(pair);
    return raw;
}

TEST(Signature, EachKeyWithItsAlgorithmOnly)
{
    const std::string secret(32, 's');
    const struct {
        Algorithm algorithm;
        const std::string &key;
        std::string signature;
    } valid[] = {{Algorithm::RS256, rsa().public_key, sign(rsa().key, "SHA256")},
                 {Algorithm::RS384, rsa().public_key, sign(rsa().key, "SHA384")},
                 {Algorithm::RS512, rsa().public_key, sign(rsa().key, "SHA512")},
                 {Algorithm::PS256, rsa().public_key,
                  sign(rsa().key, "SHA256", {RSA_PKCS1_PSS_PADDING, 32, "SHA256"})},
                 {Algorithm::ES256, p256().public_key, raw_of(sign(p256().key, "SHA256"), 32)},
                 {Algorithm::ES384, p384().public_key, raw_of(sign(p384().key, "SHA384"), 48)},
                 {Algorithm::EdDSA, ed25519().public_key, sign(ed25519().key, nullptr)}};
    for (const auto &one : valid)
        for (const auto &other : valid)
            for (const jwt::AlgorithmWord &word : jwt::algorithms)
                EXPECT_EQ(jwt::verify(word.algorithm, other.key, text, one.signature),
                          one.key == other.key && one.algorithm == word.algorithm)
                    << word.word;
    for (const auto &one : valid) {
        for (std::size_t byte = 0; byte < one.signature.size(); byte += 7) {
            std::string damaged = one.signature;
            damaged[byte] ^= 4;
            EXPECT_FALSE(jwt::verify(one.algorithm, one.key, text, damaged));
        }
        EXPECT_FALSE(jwt::verify(one.algorithm, one.key, text, ""));
        EXPECT_FALSE(jwt::verify(one.algorithm, one.key, text, one.signature + '\0'));
        EXPECT_FALSE(jwt::verify(one.algorithm, one.key, text, '\0' + one.signature));
        EXPECT_FALSE(jwt::verify(one.algorithm, one.key, text,
                                 std::string(one.signature.data(), one.signature.size() - 1)));
        EXPECT_FALSE(jwt::verify(one.algorithm, "", text, one.signature));
        EXPECT_FALSE(jwt::verify(one.algorithm, one.key + '\0', text, one.signature));
        EXPECT_FALSE(jwt::verify(one.algorithm, "damaged", text, one.signature));
    }
    EXPECT_EQ(ERR_peek_error(), 0U);
}

/* More keys than are kept. */
TEST(Signature, ManyKeys)
{
    for (int round = 0; round < 2; ++round)
        for (int number = 0; number < 40; ++number) {
            const Pair pair(EVP_EC_gen("P-256"));
            const std::string signature = raw_of(sign(pair.key, "SHA256"), 32);
            EXPECT_TRUE(jwt::verify(Algorithm::ES256, pair.public_key, text, signature));
            EXPECT_TRUE(jwt::verify(Algorithm::ES256, pair.public_key, text, signature));
            EXPECT_FALSE(jwt::verify(Algorithm::ES256, p256().public_key, text, signature));
        }
}

TEST(Signature, OfCurvesIsRawAndInRange)
{
    constexpr int half = 32;
    const std::string der = sign(p256().key, "SHA256");
    const std::string raw = raw_of(der, half);
    const std::string r(raw, 0, half);
    const std::string s(raw, half);
    const std::string zero(half, '\0');
    BIGNUM *order = nullptr;
    BN_hex2bn(&order, "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551");
    std::string n(half, '\0');
    BN_bn2binpad(order, reinterpret_cast<unsigned char *>(n.data()), half);
    /* (r, n - s) is a second valid signature: ECDSA allows it. */
    BIGNUM *other = BN_bin2bn(reinterpret_cast<const unsigned char *>(s.data()), half, nullptr);
    BN_sub(other, order, other);
    std::string negative(half, '\0');
    BN_bn2binpad(other, reinterpret_cast<unsigned char *>(negative.data()), half);
    BN_free(other);
    BN_free(order);
    const auto is_valid = [](const std::string &signature) {
        return jwt::verify(Algorithm::ES256, p256().public_key, text, signature);
    };
    EXPECT_TRUE(is_valid(r + s));
    EXPECT_TRUE(is_valid(r + negative));
    const std::string full(half, '\xFF');
    for (const std::string &bad :
         {der, zero + zero, zero + s, r + zero, n + s, r + n, n + n, full + full, s + r,
          std::string(63, '\1'), '\0' + r + s, r + s + '\0', std::string(1, '\0') + r + '\0' + s})
        EXPECT_FALSE(is_valid(bad));
    std::string one = zero;
    one.back() = 1;
    EXPECT_FALSE(is_valid(one + one));
    EXPECT_FALSE(is_valid(one + zero));
}

TEST(Signature, OfEd25519IsCanonical)
{
    const test::Arena arena;
    const std::string key = key_of_jwk(rfc_8037_key);
    std::string signature = decoded(rfc_8037_signature);
    EXPECT_TRUE(jwt::verify(Algorithm::EdDSA, key, rfc_8037_text, signature));
    /* S + L, in little-endian order */
    constexpr unsigned char order[] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
                                       0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
                                       0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};
    unsigned carry = 0;
    for (std::size_t at = 0; at < 32; ++at) {
        const unsigned sum = static_cast<unsigned char>(signature[32 + at]) + order[at] + carry;
        signature[32 + at] = static_cast<char>(sum);
        carry = sum >> 8U;
    }
    EXPECT_EQ(carry, 0U);
    EXPECT_FALSE(jwt::verify(Algorithm::EdDSA, key, rfc_8037_text, signature));
    EXPECT_FALSE(jwt::verify(Algorithm::EdDSA, key, rfc_8037_text, std::string(64, '\0')));
}

TEST(Signature, OfRsaHasItsPadding)
{
    const auto is_valid = [](Algorithm algorithm, const std::string &signature) {
        return jwt::verify(algorithm, rsa().public_key, text, signature);
    };
    const auto pss = [](int salt, const char *mask) {
        return sign(rsa().key, "SHA256", {RSA_PKCS1_PSS_PADDING, salt, mask});
    };
    EXPECT_TRUE(is_valid(Algorithm::PS256, pss(32, "SHA256")));
    EXPECT_FALSE(is_valid(Algorithm::PS256, pss(0, "SHA256")));
    EXPECT_FALSE(is_valid(Algorithm::PS256, pss(20, "SHA256")));
    EXPECT_FALSE(is_valid(Algorithm::PS256, pss(64, "SHA256")));
    EXPECT_FALSE(is_valid(Algorithm::PS256, pss(32, "SHA1")));
    /* Blocks of PKCS#1 that the key signs as they are. */
    unsigned char digest[32];
    EXPECT_EQ(EVP_Digest(text.data(), text.size(), digest, nullptr, EVP_sha256(), nullptr), 1);
    const std::string info("\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20",
                           19);
    const std::string hash(reinterpret_cast<char *>(digest), sizeof digest);
    const auto raw = [](const std::string &block) {
        EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(rsa().key, nullptr);
        unsigned char made[256];
        std::size_t size = sizeof made;
        EXPECT_EQ(block.size(), 256U);
        EXPECT_EQ(EVP_PKEY_sign_init(context), 1);
        EXPECT_EQ(EVP_PKEY_CTX_set_rsa_padding(context, RSA_NO_PADDING), 1);
        EXPECT_EQ(
            EVP_PKEY_sign(context, made, &size, reinterpret_cast<const unsigned char *>(block.data()), 256),
            1);
        EVP_PKEY_CTX_free(context);
        return std::string(reinterpret_cast<char *>(made), size);
    };
    const auto block = [&](std::size_t ones, const std::string &tail) {
        return std::string("\0\1", 2) + std::string(ones, '\xFF') + '\0' + tail +
               std::string(256 - 3 - ones - tail.size(), '\x55');
    };
    EXPECT_TRUE(is_valid(Algorithm::RS256, raw(block(202, info + hash))));
    EXPECT_FALSE(is_valid(Algorithm::RS256, raw(block(8, info + hash))));   /* garbage behind the hash */
    EXPECT_FALSE(is_valid(Algorithm::RS256, raw(block(200, info + hash)))); /* two bytes of it */
    EXPECT_FALSE(is_valid(Algorithm::RS256, raw(block(221, hash))));        /* no DigestInfo */
    const std::string no_parameters("\x30\x2f\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x04\x20",
                                    17);
    EXPECT_FALSE(is_valid(Algorithm::RS256, raw(block(202, no_parameters + hash + "xx"))));
    std::string other_type = block(202, info + hash);
    other_type[1] = 2;
    EXPECT_FALSE(is_valid(Algorithm::RS256, raw(other_type)));
    EXPECT_FALSE(is_valid(Algorithm::RS256, std::string(256, '\0')));
    EXPECT_FALSE(is_valid(Algorithm::RS256, std::string(255, '\0') + '\1'));
    EXPECT_FALSE(is_valid(Algorithm::RS256, std::string(256, '\xFF')));
}

TEST(Signature, OfASecretNeedsALongOne)
{
    EXPECT_FALSE(jwt::verify(Algorithm::HS256, "", text, std::string(32, '\0')));
    EXPECT_FALSE(jwt::verify(Algorithm::HS256, std::string(32, 's'), text, ""));
    EXPECT_FALSE(jwt::verify(Algorithm::HS256, std::string(32, 's'), text, std::string(32, '\0')));
}

// ---- keys that are refused -----------------------------------------------------------------------

const char *flaw_of_pem(EVP_PKEY *key, bool is_private = false)
{
    jwt::PublicKey read{};
    const char *flaw = jwt::key_of_pem(pem_of(key, is_private), read);
    EVP_PKEY_free(key);
    return flaw;
}

TEST(PublicKey, KindsAndSizes)
{
    EXPECT_EQ(rsa().kind, jwt::KeyKind::Rsa);
    EXPECT_EQ(p256().kind, jwt::KeyKind::P256);
    EXPECT_EQ(p384().kind, jwt::KeyKind::P384);
    EXPECT_EQ(ed25519().kind, jwt::KeyKind::Ed25519);
    EXPECT_EQ(flaw_of_pem(EVP_RSA_gen(3072)), nullptr);
    EXPECT_STREQ(flaw_of_pem(EVP_RSA_gen(1024)), "is an RSA key of less than 2048 bits");
    EXPECT_STREQ(flaw_of_pem(EVP_RSA_gen(2047)), "is an RSA key of less than 2048 bits");
    EXPECT_STREQ(flaw_of_pem(EVP_EC_gen("P-521")), "is on a curve other than P-256 and P-384");
    EXPECT_STREQ(flaw_of_pem(EVP_EC_gen("secp256k1")), "is on a curve other than P-256 and P-384");
    EXPECT_STREQ(flaw_of_pem(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519")),
                 "is not an RSA, EC or Ed25519 key");
    EXPECT_STREQ(flaw_of_pem(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED448")),
                 "is not an RSA, EC or Ed25519 key");
    EXPECT_STREQ(flaw_of_pem(EVP_EC_gen("P-256"), true), "is a private key");
    jwt::PublicKey read{};
    for (const char *pem :
         {"", "-----BEGIN PUBLIC KEY-----", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
          "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"})
        EXPECT_NE(jwt::key_of_pem(pem, read), nullptr) << pem;
    /* Behind the key, and before it. */
    EXPECT_EQ(jwt::key_of_pem("Subject: key\n" + pem_of(p256().key) + pem_of(rsa().key), read), nullptr);
    EXPECT_EQ(read.kind, jwt::KeyKind::P256);
}

TEST(PublicKey, OfEd25519HasLargeOrder)
{
    jwt::PublicKey read{};
    std::string point(32, '\0');
    EXPECT_NE(jwt::key_of_ed25519(point, read), nullptr);
    point[31] = '\x80';
    EXPECT_NE(jwt::key_of_ed25519(point, read), nullptr);
    point = std::string(32, '\0');
    point[0] = 1;
    EXPECT_NE(jwt::key_of_ed25519(point, read), nullptr);
    for (const char first : {'\xec', '\xed', '\xee'}) {
        point = std::string(32, '\xFF');
        point[0] = first;
        EXPECT_NE(jwt::key_of_ed25519(point, read), nullptr);
        point[31] = '\x7F';
        EXPECT_NE(jwt::key_of_ed25519(point, read), nullptr);
    }
    EXPECT_NE(jwt::key_of_ed25519(std::string(31, '\1'), read), nullptr);
    EXPECT_NE(jwt::key_of_ed25519(std::string(33, '\1'), read), nullptr);
}

TEST(Jwk, FlawsHaveNames)
{
    const test::Arena arena;
    const auto flaw = [](const std::string &json) {
        jwt::Jwk jwk{};
        EXPECT_EQ(jwt::check_object(json), nullptr) << json;
        const char *reason = jwt::read_jwk(json, jwk);
        return std::string(reason == nullptr ? "" : reason) + (jwk.is_private ? " (private)" : "");
    };
    const std::string curve =
        R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
        R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")";
    EXPECT_EQ(flaw(curve + "}"), "");
    EXPECT_EQ(flaw(curve + R"(,"alg":"ES256","use":"sig","key_ops":["verify"],"kid":"1","x5c":["AAAA"]})"),
              "");
    EXPECT_EQ(flaw(curve + R"(,"d":"AAAA"})"), "is a private key (private)");
    EXPECT_EQ(flaw(curve + R"(,"use":"enc"})"), "is not for signatures: \"use\" is not \"sig\"");
    EXPECT_EQ(flaw(curve + R"(,"key_ops":["sign"]})"),
              "is not for signatures: \"key_ops\" has no \"verify\"");
    EXPECT_EQ(flaw(curve + R"(,"alg":"ES384"})"), "has an \"alg\" for keys of another kind");
    EXPECT_EQ(flaw(curve + R"(,"alg":"none"})"), "has an \"alg\" that is not supported");
    EXPECT_EQ(flaw(curve + R"(,"alg":1})"), "has an \"alg\" that is not supported");
    EXPECT_EQ(flaw(curve + R"(,"kid":1})"), "has a \"kid\" that is not a string");
    /* a point that is not on the curve, one on no curve, coordinates of another size */
    EXPECT_EQ(flaw(R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
                   R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a1"})"),
              "has a member that is not base64url");
    EXPECT_EQ(flaw(R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
                   R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a4"})"),
              "is not a valid public key");
    EXPECT_EQ(flaw(R"({"kty":"EC","crv":"P-256","x":"AA","y":"AA"})"),
              "has coordinates of another size than its curve");
    EXPECT_EQ(flaw(R"({"kty":"EC","crv":"P-521","x":"AA","y":"AA"})"),
              "is on a curve other than P-256 and P-384");
    EXPECT_EQ(flaw(R"({"kty":"RSA","n":"AQAB","e":"AQAB"})"), "is an RSA key of less than 2048 bits");
    EXPECT_EQ(flaw(R"({"kty":"RSA","e":"AQAB"})"), "has a member that is not base64url");
    EXPECT_EQ(flaw(R"({"kty":"RSA","n":"AQAB==","e":"AQAB"})"), "has a member that is not base64url");
    EXPECT_EQ(flaw(R"({"kty":"RSA","n":"","e":""})"), "is an RSA key of less than 2048 bits");
    EXPECT_EQ(flaw(R"({"kty":"OKP","crv":"X25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})"),
              "is on a curve other than Ed25519");
    EXPECT_EQ(flaw(R"({"kty":"AKP"})"), "has a \"kty\" other than RSA, EC, OKP and oct");
    EXPECT_EQ(flaw("{}"), "has a \"kty\" other than RSA, EC, OKP and oct");
    EXPECT_EQ(flaw(R"({"kty":"oct","k":"AA"})"), "");
    EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST(Jwk, OfRsaHasAnOddExponent)
{
    const test::Arena arena;
    BIGNUM *modulus = nullptr;
    ASSERT_EQ(EVP_PKEY_get_bn_param(rsa().key, "n", &modulus), 1);
    std::string n(256, '\0');
    BN_bn2binpad(modulus, reinterpret_cast<unsigned char *>(n.data()), 256);
    BN_free(modulus);
    jwt::PublicKey read{};
    EXPECT_EQ(jwt::key_of_rsa(n, {"\1\0\1", 3}, read), nullptr);
    EXPECT_EQ(jwt::key_of_rsa(n, "\3", read), nullptr);
    for (const std::string &exponent :
         {std::string(), std::string("\1"), std::string("\2"), std::string(9, '\1')})
        EXPECT_NE(jwt::key_of_rsa(n, exponent, read), nullptr);
}

} // namespace

#else

TEST(Signature, NeedsLibcrypto)
{
    opigno::jwt::PublicKey key{};
    EXPECT_NE(opigno::jwt::key_of_pem("", key), nullptr);
    EXPECT_FALSE(opigno::jwt::verify(opigno::jwt::Algorithm::HS256, std::string(32, 's'), "a", "b"));
}

#endif
