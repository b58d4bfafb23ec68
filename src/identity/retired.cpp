#include "identity/retired.hpp"

#include "identity/shard.hpp"
#include "identity/user_uuid.hpp"
#include "pg/catalog.hpp"
#include "pg/citus.hpp"
#include "pg/hash.hpp"
#include "pg/relation.hpp"
#include "pg/spi.hpp"
#include "pg/text.hpp"

#include <cstring>

namespace opigno::identity {

namespace {

constinit pg::Statement select_salts("SELECT s.salt, s.algorithm FROM opigno.retirement_salt AS s"
                                     " ORDER BY s.salt_id DESC");

constexpr Oid hashes_type[] = {BYTEAARRAYOID};
constinit pg::BatchStatement
    select_retired("SELECT i.n FROM unnest($1) WITH ORDINALITY AS i (identifier_hash, n)"
                   " JOIN opigno.retired_identifier AS r ON r.identifier_hash = i.identifier_hash",
                   hashes_type);

constexpr Oid users_type[] = {TEXTARRAYOID};
constinit pg::BatchStatement delete_users("DELETE FROM opigno.user_context AS c USING unnest($1) AS i (uuid)"
                                          " WHERE c.uuid = i.uuid",
                                          users_type);

constexpr Oid column_types[] = {OIDOID, INT2OID};
constinit pg::Statement select_foreign_key("SELECT FROM pg_constraint AS c WHERE c.conrelid = $1"
                                           " AND c.contype = 'f' AND $2 = ANY (c.conkey)",
                                           column_types);

constexpr std::size_t sha1_length = 20;

std::size_t length_of(HashAlgorithm algorithm)
{
    return algorithm == HashAlgorithm::Sha1 ? sha1_length : PG_SHA256_DIGEST_LENGTH;
}

/* Who sees that an erasure has deleted a user also sees the block of the erasure's row, unless Citus keeps
 * the rows. */
bool is_anyone_retired()
{
    const Oid table = get_relname_relid("retired_identifier", get_namespace_oid("opigno", false));
    return !pg::has_no_block(table) || pg::distribution_of(table) != pg::Distribution::None;
}

Datum array_of(const pg::Vector<text *> &values)
{
    pg::ArrayColumn column;
    for (const text *value : values)
        column.add(value);
    return column.text_array();
}

} // namespace

std::optional<HashAlgorithm> hash_algorithm(std::string_view word)
{
    if (word == "sha1")
        return HashAlgorithm::Sha1;
    if (word == "sha256")
        return HashAlgorithm::Sha256;
    return std::nullopt;
}

Salts all_salts()
{
    Salts salts;
    const std::uint64_t rows = select_salts.read_committed(nullptr);
    for (std::uint64_t row = 0; row < rows; ++row) {
        const bytea *bytes = DatumGetByteaPP(pg::column(1, row));
        const auto algorithm = hash_algorithm(pg::view(DatumGetTextPP(pg::column(2, row))));
        salts.push_back(
            {{VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes)}, algorithm.value_or(HashAlgorithm::Sha256)});
    }
    return salts;
}

bytea *retired_hash(const Salt &salt, const text *user_uuid)
{
    const std::string_view lower = lower_case_utf8(user_uuid);
    const std::size_t length = length_of(salt.algorithm);
    auto *hash = static_cast<bytea *>(palloc(VARHDRSZ + length));
    SET_VARSIZE(hash, VARHDRSZ + length);
    const auto bytes = [](std::string_view view) { return reinterpret_cast<const uint8 *>(view.data()); };
    pg_cryptohash_ctx *context =
        pg_cryptohash_create(salt.algorithm == HashAlgorithm::Sha1 ? PG_SHA1 : PG_SHA256);
    if (pg_cryptohash_init(context) < 0 ||
        pg_cryptohash_update(context, bytes(salt.bytes), salt.bytes.size()) < 0 ||
        pg_cryptohash_update(context, bytes(lower), lower.size()) < 0 ||
        pg_cryptohash_final(context, reinterpret_cast<uint8 *>(VARDATA(hash)), length) < 0)
        elog(ERROR, "could not compute a hash: %s", pg_cryptohash_error(context));
    pg_cryptohash_free(context);
    pfree(const_cast<char *>(lower.data()));
    return hash;
}

text *retired_name(const bytea *hash)
{
    const std::size_t bytes = VARSIZE_ANY_EXHDR(hash);
    const std::size_t size = VARHDRSZ + retired_prefix.size() + 2 * bytes;
    auto *name = static_cast<text *>(palloc(size));
    SET_VARSIZE(name, size);
    std::memcpy(VARDATA(name), retired_prefix.data(), retired_prefix.size());
    hex_encode(VARDATA_ANY(hash), bytes, VARDATA(name) + retired_prefix.size());
    return name;
}

bool can_hold_retired_name(Oid relation, AttrNumber column)
{
    constexpr int longest = static_cast<int>(retired_prefix.size()) + 2 * PG_SHA256_DIGEST_LENGTH;
    HeapTuple tuple = SearchSysCache2(ATTNUM, ObjectIdGetDatum(relation), Int16GetDatum(column));
    if (!HeapTupleIsValid(tuple))
        return false;
    const auto *row = reinterpret_cast<const FormData_pg_attribute *>(GETSTRUCT(tuple));
    const bool is_long_enough =
        row->atttypid != UUIDOID && (row->atttypmod < 0 || row->atttypmod - VARHDRSZ >= longest);
    ReleaseSysCache(tuple);
    const Datum values[] = {ObjectIdGetDatum(relation), Int16GetDatum(column)};
    return is_long_enough && select_foreign_key.read_latest(values) == 0;
}

Hashes retired_hashes(const Salts &salts, const text *user_uuid)
{
    Hashes hashes;
    for (const Salt &salt : salts)
        hashes.push_back(retired_hash(salt, user_uuid));
    return hashes;
}

Hashes find_retired(const Salts &salts, const pg::Vector<text *> &user_uuids)
{
    Hashes found;
    Hashes hashes;
    pg::ArrayColumn column;
    for (const text *user_uuid : user_uuids) {
        found.push_back(nullptr);
        for (bytea *hash : retired_hashes(salts, user_uuid)) {
            hashes.push_back(hash);
            column.add(PointerGetDatum(hash));
        }
    }
    if (hashes.empty())
        return found;
    const Datum list = column.array(BYTEAOID, -1, false, TYPALIGN_INT);
    const std::uint64_t rows = select_retired.read_committed(&list);
    for (std::uint64_t row = 0; row < rows; ++row) {
        const auto at = static_cast<std::size_t>(DatumGetInt64(pg::column(1, row)) - 1);
        found[at / salts.size()] = hashes[at];
    }
    return found;
}

bool is_retired(const text *user_uuid)
{
    if (!is_anyone_retired())
        return false;
    pg::Vector<text *> one;
    one.push_back(const_cast<text *>(user_uuid));
    return find_retired(all_salts(), one)[0] != nullptr;
}

pg::Vector<bool> are_retired(const pg::Vector<text *> &user_uuids)
{
    pg::Vector<bool> retired;
    const bool is_possible = !user_uuids.empty() && is_anyone_retired();
    const Hashes found = is_possible ? find_retired(all_salts(), user_uuids) : Hashes();
    for (std::size_t at = 0; at < user_uuids.size(); ++at)
        retired.push_back(is_possible && found[at] != nullptr);
    return retired;
}

void take_back_users(const pg::Vector<text *> &user_uuids)
{
    const Datum list = array_of(user_uuids);
    if (!user_uuids.empty())
        delete_users.write(&list);
}

pg::Vector<bool> take_back_retired(const pg::Vector<text *> &user_uuids)
{
    for (const text *user_uuid : user_uuids)
        check_created(user_uuid);
    const pg::Vector<bool> retired = are_retired(user_uuids);
    pg::Vector<text *> taken_back;
    for (std::size_t at = 0; at < user_uuids.size(); ++at)
        if (retired[at])
            taken_back.push_back(user_uuids[at]);
    take_back_users(taken_back);
    return retired;
}

void add_retired_user(const char *member, pg::Errors &errors)
{
    errors.add(ERRCODE_UNIQUE_VIOLATION, member, "%s", belongs_to_retired_user);
    errors.hint(hint_of_retired_user);
}

} // namespace opigno::identity
