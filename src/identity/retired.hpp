/*
 * Identifiers of retired users, which no new user may get. Only salted hashes of them are stored: a
 * hash is over the bytes of the salt and the identifier in lower case, in UTF-8, as in Open edX. The
 * tables are in src/retirement/erasure_tables.sql.
 */
#pragma once

#include "pg/array.hpp"
#include "pg/error.hpp"
#include "pg/vector.hpp"

#include <optional>
#include <string_view>
#include <type_traits>

namespace opigno::identity {

/* What stands for a retired user is this and the hash in hexadecimal. */
inline constexpr std::string_view retired_prefix = "retired__user_";

enum class HashAlgorithm { Sha1, Sha256 };

std::optional<HashAlgorithm> hash_algorithm(std::string_view word);

struct Salt {
    std::string_view bytes;
    HashAlgorithm algorithm;
};

static_assert(std::is_trivially_destructible_v<Salt>);

using Salts = pg::Vector<Salt>;
using Hashes = pg::Vector<bytea *>;

/* All functions are called between SPI_connect and SPI_finish as the owner. They see at every isolation
 * level what is committed. User uuids are canonical. */

/* The salts, the newest first. */
Salts all_salts();

bytea *retired_hash(const Salt &salt, const text *user_uuid);
text *retired_name(const bytea *hash);

/* Whether the column can have the name of a retired user: by its type and length, and no foreign key. */
bool can_hold_retired_name(Oid relation, AttrNumber column);

/* The hashes of the user uuid, one for each salt. */
Hashes retired_hashes(const Salts &salts, const text *user_uuid);

/* Returns for each user uuid the hash by which it was retired, or nullptr. */
Hashes find_retired(const Salts &salts, const pg::Vector<text *> &user_uuids);

/*
 * Whether a user with this uuid was retired. A write that creates a user asks after its INSERT, which
 * may have waited for an erasure. As long as nobody was retired this looks only at the size of a file.
 */
bool is_retired(const text *user_uuid);
pg::Vector<bool> are_retired(const pg::Vector<text *> &user_uuids);

/* Deletes users that were created just now, and whose uuids turn out to be those of retired users. */
void take_back_users(const pg::Vector<text *> &user_uuids);

/* The same for those of them that were retired. Returns for each whether it was. */
pg::Vector<bool> take_back_retired(const pg::Vector<text *> &user_uuids);

/* "the user uuid belongs to a retired user", SQLSTATE 23505, with its hint. */
inline constexpr const char *belongs_to_retired_user = "the user uuid belongs to a retired user";
inline constexpr const char *hint_of_retired_user =
    "The uuid of a retired user is not given to another one, in any letter case. Choose another uuid.";
void add_retired_user(const char *member, pg::Errors &errors);

} // namespace opigno::identity
