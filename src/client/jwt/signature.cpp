#include "client/jwt/signature.hpp"

#ifdef OPIGNO_WITH_LIBCRYPTO

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cstring>

namespace opigno::jwt {

namespace {

const unsigned char *bytes_of(std::string_view value)
{
    return reinterpret_cast<const unsigned char *>(value.data());
}

/* Drops the errors that libcrypto has queued since this object was made. Nothing can longjmp past its
 * destructor. */
class ErrorMark {
  public:
    ErrorMark() { ERR_set_mark(); }
    ~ErrorMark() { ERR_pop_to_mark(); }
    ErrorMark(const ErrorMark &) = delete;
    ErrorMark &operator=(const ErrorMark &) = delete;
};

/* Owns an object of libcrypto. */
template <typename T, void (*Free)(T *)> class Owned {
  public:
    explicit Owned(T *object) : object_(object) {}
    ~Owned() { Free(object_); }
    Owned(const Owned &) = delete;
    Owned &operator=(const Owned &) = delete;
    [[nodiscard]] T *get() const { return object_; }
    [[nodiscard]] T *release()
    {
        T *object = object_;
        object_ = nullptr;
        return object;
    }

  private:
    T *object_;
};

void free_bio(BIO *bio)
{
    BIO_free(bio);
}

using Key = Owned<EVP_PKEY, EVP_PKEY_free>;
using KeyContext = Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using DigestContext = Owned<EVP_MD_CTX, EVP_MD_CTX_free>;
using Number = Owned<BIGNUM, BN_free>;
using Parameters = Owned<OSSL_PARAM, OSSL_PARAM_free>;
using Builder = Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using Bio = Owned<BIO, free_bio>;
using Certificate = Owned<X509, X509_free>;
using Pair = Owned<ECDSA_SIG, ECDSA_SIG_free>;

// ---- keys ----------------------------------------------------------------------------------------

constexpr const char *not_valid = "is not a valid public key";
constexpr int least_bits = 2048;
constexpr int most_bits = 8192;
constexpr std::size_t ed25519_size = 32;

/*
 * The points of small order and their other encodings, without the sign bit. For such a key there
 * are signatures that are valid for every text.
 */
constexpr std::uint8_t small_order[][ed25519_size] = {
    {0},
    {1},
    {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
     0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},
    {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
     0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a},
    {0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
    {0xed, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
    {0xee, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}};

bool has_small_order(const EVP_PKEY *key)
{
    std::uint8_t point[ed25519_size] = {};
    std::size_t size = sizeof point;
    if (EVP_PKEY_get_raw_public_key(key, point, &size) != 1 || size != sizeof point)
        return true;
    point[ed25519_size - 1] &= 0x7F;
    for (const auto &bad : small_order)
        if (std::memcmp(point, bad, sizeof point) == 0)
            return true;
    return false;
}

const char *flaw_of_rsa(EVP_PKEY *key)
{
    if (EVP_PKEY_get_bits(key) < least_bits)
        return "is an RSA key of less than 2048 bits";
    if (EVP_PKEY_get_bits(key) > most_bits)
        return "is an RSA key of more than 8192 bits";
    BIGNUM *exponent = nullptr;
    if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &exponent) != 1)
        return not_valid;
    const Number owned(exponent);
    /* Larger exponents make each verification slow. */
    const bool is_good = BN_is_odd(exponent) != 0 && BN_is_one(exponent) == 0 && BN_num_bits(exponent) <= 64;
    return is_good ? nullptr : "is an RSA key with a bad exponent";
}

bool is_curve(const EVP_PKEY *key, const char *name)
{
    char group[64] = {};
    std::size_t size = 0;
    int is_explicit = 0;
    EVP_PKEY_get_int_param(key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &is_explicit);
    return is_explicit == 0 &&
           EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof group, &size) == 1 &&
           std::strcmp(group, name) == 0;
}

const char *kind_of_key(EVP_PKEY *key, KeyKind &kind)
{
    if (EVP_PKEY_is_a(key, "RSA") == 1) {
        kind = KeyKind::Rsa;
        return flaw_of_rsa(key);
    }
    if (EVP_PKEY_is_a(key, "EC") == 1) {
        kind = is_curve(key, "prime256v1") ? KeyKind::P256 : KeyKind::P384;
        return kind == KeyKind::P256 || is_curve(key, "secp384r1")
                   ? nullptr
                   : "is on a curve other than P-256 and P-384";
    }
    if (EVP_PKEY_is_a(key, "ED25519") == 1) {
        kind = KeyKind::Ed25519;
        return has_small_order(key) ? "is an Ed25519 key of small order" : nullptr;
    }
    return "is not an RSA, EC or Ed25519 key";
}

/* Checks a key and writes it as DER. */
const char *finish(EVP_PKEY *key, PublicKey &made)
{
    if (key == nullptr)
        return not_valid;
    if (const char *flaw = kind_of_key(key, made.kind); flaw != nullptr)
        return flaw;
    const KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
    if (made.kind != KeyKind::Ed25519 &&
        (context.get() == nullptr || EVP_PKEY_public_check(context.get()) != 1))
        return not_valid;
    const int size = i2d_PUBKEY(key, nullptr);
    if (size <= 0 || static_cast<std::size_t>(size) > max_key)
        return not_valid;
    unsigned char *to = made.bytes;
    made.size = static_cast<std::size_t>(i2d_PUBKEY(key, &to));
    return nullptr;
}

EVP_PKEY *key_from(const char *type, OSSL_PARAM *parameters)
{
    const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY *key = nullptr;
    if (context.get() == nullptr || parameters == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
        return nullptr;
    return key;
}

EVP_PKEY *decode(std::string_view der)
{
    const unsigned char *at = bytes_of(der);
    EVP_PKEY *key = d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size()));
    if (key != nullptr && at != bytes_of(der) + der.size()) {
        EVP_PKEY_free(key);
        return nullptr;
    }
    return key;
}

/* Never asks anybody for a password. */
int no_password(char * /*buffer*/, int /*size*/, int /*writing*/, void * /*data*/)
{
    return -1;
}

// ---- the keys that are kept ----------------------------------------------------------------------

struct Slot {
    EVP_PKEY *key;
    std::size_t size;
    KeyKind kind;
    std::uint8_t bytes[max_key];
};

constexpr std::size_t slots = 16;
Slot kept[slots];
std::size_t next_slot = 0;

/* Returns nullptr unless the key is of this kind. */
EVP_PKEY *kept_key(std::string_view der, KeyKind kind)
{
    if (der.empty() || der.size() > max_key)
        return nullptr;
    for (const Slot &slot : kept)
        if (slot.key != nullptr && slot.size == der.size() &&
            std::memcmp(slot.bytes, der.data(), der.size()) == 0)
            return slot.kind == kind ? slot.key : nullptr;
    Key key(decode(der));
    KeyKind found{};
    if (key.get() == nullptr || kind_of_key(key.get(), found) != nullptr || found != kind)
        return nullptr;
    Slot &slot = kept[next_slot++ % slots];
    EVP_PKEY_free(slot.key);
    slot.key = key.release();
    slot.kind = kind;
    slot.size = der.size();
    std::memcpy(slot.bytes, der.data(), der.size());
    return slot.key;
}

// ---- signatures ----------------------------------------------------------------------------------

bool verify_digest(EVP_PKEY *key, const char *digest, bool is_pss, std::string_view text,
                   std::string_view signature)
{
    const DigestContext context(EVP_MD_CTX_new());
    EVP_PKEY_CTX *padding = nullptr;
    if (context.get() == nullptr ||
        EVP_DigestVerifyInit_ex(context.get(), &padding, digest, nullptr, nullptr, key, nullptr) != 1)
        return false;
    if (is_pss && (EVP_PKEY_CTX_set_rsa_padding(padding, RSA_PKCS1_PSS_PADDING) != 1 ||
                   EVP_PKEY_CTX_set_rsa_mgf1_md_name(padding, digest, nullptr) != 1 ||
                   EVP_PKEY_CTX_set_rsa_pss_saltlen(padding, RSA_PSS_SALTLEN_DIGEST) != 1))
        return false;
    return EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(text),
                            text.size()) == 1;
}

/* The signature is r and s, each of the curve's size; libcrypto reads DER. */
bool verify_curve(EVP_PKEY *key, const char *digest, std::size_t half, std::string_view text,
                  std::string_view signature)
{
    if (signature.size() != 2 * half)
        return false;
    Number r(BN_bin2bn(bytes_of(signature), static_cast<int>(half), nullptr));
    Number s(BN_bin2bn(bytes_of(signature) + half, static_cast<int>(half), nullptr));
    const Pair pair(ECDSA_SIG_new());
    if (r.get() == nullptr || s.get() == nullptr || pair.get() == nullptr || BN_is_zero(r.get()) != 0 ||
        BN_is_zero(s.get()) != 0 || ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1)
        return false;
    static_cast<void>(r.release());
    static_cast<void>(s.release());
    unsigned char der[2 * 48 + 16];
    unsigned char *to = der;
    const int size = i2d_ECDSA_SIG(pair.get(), nullptr);
    if (size <= 0 || static_cast<std::size_t>(size) > sizeof der || i2d_ECDSA_SIG(pair.get(), &to) != size)
        return false;
    return verify_digest(key, digest, false, text,
                         {reinterpret_cast<const char *>(der), static_cast<std::size_t>(size)});
}

bool verify_secret(std::string_view secret, std::string_view text, std::string_view signature)
{
    unsigned char code[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    return HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), bytes_of(text), text.size(),
                code, &size) != nullptr &&
           signature.size() == size && CRYPTO_memcmp(code, signature.data(), size) == 0;
}

} // namespace

const char *key_of_pem(std::string_view pem, PublicKey &key)
{
    const ErrorMark mark;
    if (pem.find("PRIVATE KEY-----") != std::string_view::npos)
        return "is a private key";
    const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    if (bio.get() == nullptr)
        return not_valid;
    if (pem.find("-----BEGIN CERTIFICATE-----") == std::string_view::npos) {
        const Key read(PEM_read_bio_PUBKEY(bio.get(), nullptr, no_password, nullptr));
        return finish(read.get(), key);
    }
    const Certificate certificate(PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr));
    if (certificate.get() == nullptr)
        return "is not a valid certificate";
    return finish(X509_get0_pubkey(certificate.get()), key);
}

const char *key_of_rsa(std::string_view modulus, std::string_view exponent, PublicKey &key)
{
    const ErrorMark mark;
    if (modulus.size() > most_bits / 8 + 1 || exponent.size() > most_bits / 8 + 1)
        return "is an RSA key of more than 8192 bits";
    const Number n(BN_bin2bn(bytes_of(modulus), static_cast<int>(modulus.size()), nullptr));
    const Number e(BN_bin2bn(bytes_of(exponent), static_cast<int>(exponent.size()), nullptr));
    const Builder builder(OSSL_PARAM_BLD_new());
    if (n.get() == nullptr || e.get() == nullptr || builder.get() == nullptr ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1)
        return not_valid;
    const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
    const Key made(key_from("RSA", parameters.get()));
    return finish(made.get(), key);
}

const char *key_of_curve(KeyKind kind, std::string_view x, std::string_view y, PublicKey &key)
{
    const ErrorMark mark;
    const std::size_t half = kind == KeyKind::P256 ? 32 : 48;
    if (x.size() != half || y.size() != half)
        return "has coordinates of another size than its curve";
    unsigned char point[1 + 2 * 48] = {4}; /* uncompressed */
    std::memcpy(point + 1, x.data(), half);
    std::memcpy(point + 1 + half, y.data(), half);
    /* libcrypto only reads what the parameters point to. */
    auto *group = const_cast<char *>(kind == KeyKind::P256 ? "prime256v1" : "secp384r1");
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, 1 + 2 * half),
        OSSL_PARAM_construct_end()};
    const Key made(key_from("EC", parameters));
    return finish(made.get(), key);
}

const char *key_of_ed25519(std::string_view x, PublicKey &key)
{
    const ErrorMark mark;
    const Key made(EVP_PKEY_new_raw_public_key_ex(nullptr, "ED25519", nullptr, bytes_of(x), x.size()));
    return finish(made.get(), key);
}

bool verify(Algorithm algorithm, std::string_view key, std::string_view text, std::string_view signature)
{
    const ErrorMark mark;
    if (algorithm == Algorithm::HS256)
        return key.size() >= least_secret && verify_secret(key, text, signature);
    EVP_PKEY *decoded = kept_key(key, kind_of(algorithm));
    if (decoded == nullptr)
        return false;
    switch (algorithm) {
    case Algorithm::RS256:
        return verify_digest(decoded, "SHA256", false, text, signature);
    case Algorithm::RS384:
        return verify_digest(decoded, "SHA384", false, text, signature);
    case Algorithm::RS512:
        return verify_digest(decoded, "SHA512", false, text, signature);
    case Algorithm::PS256:
        return verify_digest(decoded, "SHA256", true, text, signature);
    case Algorithm::ES256:
        return verify_curve(decoded, "SHA256", 32, text, signature);
    case Algorithm::ES384:
        return verify_curve(decoded, "SHA384", 48, text, signature);
    case Algorithm::EdDSA:
        return verify_digest(decoded, nullptr, false, text, signature);
    case Algorithm::HS256:
        break;
    }
    return false;
}

} // namespace opigno::jwt

#else

namespace opigno::jwt {

namespace {

constexpr const char *no_libcrypto = "cannot be read without libcrypto";

} // namespace

const char *key_of_pem(std::string_view /*pem*/, PublicKey & /*key*/)
{
    return no_libcrypto;
}

const char *key_of_rsa(std::string_view /*modulus*/, std::string_view /*exponent*/, PublicKey & /*key*/)
{
    return no_libcrypto;
}

const char *key_of_curve(KeyKind /*kind*/, std::string_view /*x*/, std::string_view /*y*/,
                         PublicKey & /*key*/)
{
    return no_libcrypto;
}

const char *key_of_ed25519(std::string_view /*x*/, PublicKey & /*key*/)
{
    return no_libcrypto;
}

bool verify(Algorithm /*algorithm*/, std::string_view /*key*/, std::string_view /*text*/,
            std::string_view /*signature*/)
{
    return false;
}

} // namespace opigno::jwt

#endif
