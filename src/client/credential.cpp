#include "client/credential.hpp"

#include "pg/hash.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <span>

namespace opigno::client {

namespace {

constexpr std::string_view digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::uint64_t base = digits.size();

using RandomBits = std::array<std::uint32_t, 8>;

constexpr std::size_t random_digits = 43; /* 62^43 > 2^256 */
constexpr std::size_t checksum_digits = 6;

/* Writes the number in base 62 with leading zeros. limbs: the number, the most significant limb
 * first. Sets it to 0. */
void write_digits(std::span<std::uint32_t> limbs, std::span<char> out)
{
    for (std::size_t at = out.size(); at-- > 0;) {
        std::uint64_t rest = 0;
        for (std::uint32_t &limb : limbs) {
            const std::uint64_t value = rest << 32U | limb;
            limb = static_cast<std::uint32_t>(value / base);
            rest = value % base;
        }
        out[at] = digits[rest];
    }
}

using Checksum = std::array<char, checksum_digits>;

Checksum checksum_of(std::string_view value)
{
    pg_crc32 sum = 0;
    INIT_TRADITIONAL_CRC32(sum);
    COMP_TRADITIONAL_CRC32(sum, value.data(), static_cast<pg_crc32>(value.size()));
    FIN_TRADITIONAL_CRC32(sum);
    Checksum written{};
    write_digits({&sum, 1}, written);
    return written;
}

} // namespace

text *make_credential(std::string_view prefix)
{
    RandomBits random{};
    if (!pg_strong_random(random.data(), sizeof random))
        ereport(ERROR, errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not generate random values"));
    std::array<char, 64> buffer{};
    char *const body = std::copy(prefix.begin(), prefix.end(), buffer.begin());
    write_digits(random, {body, random_digits});
    const std::size_t length = prefix.size() + random_digits;
    const Checksum checksum = checksum_of({buffer.data(), length});
    std::copy(checksum.begin(), checksum.end(), body + random_digits);
    return pg::make_text({buffer.data(), length + checksum_digits});
}

bool is_credential(std::string_view value, std::string_view prefix)
{
    if (value.size() != prefix.size() + random_digits + checksum_digits || !value.starts_with(prefix))
        return false;
    const std::string_view signed_part = value.substr(0, value.size() - checksum_digits);
    const Checksum checksum = checksum_of(signed_part);
    return value.substr(signed_part.size()) == std::string_view(checksum.data(), checksum.size());
}

bytea *hash_of(std::string_view value)
{
    auto *hash = static_cast<bytea *>(palloc(VARHDRSZ + PG_SHA256_DIGEST_LENGTH));
    SET_VARSIZE(hash, VARHDRSZ + PG_SHA256_DIGEST_LENGTH);
    pg_cryptohash_ctx *context = pg_cryptohash_create(PG_SHA256);
    if (pg_cryptohash_init(context) < 0 ||
        pg_cryptohash_update(context, reinterpret_cast<const uint8 *>(value.data()), value.size()) < 0 ||
        pg_cryptohash_final(context, reinterpret_cast<uint8 *>(VARDATA(hash)), PG_SHA256_DIGEST_LENGTH) < 0)
        elog(ERROR, "could not compute SHA-256: %s", pg_cryptohash_error(context));
    pg_cryptohash_free(context);
    return hash;
}

} // namespace opigno::client
