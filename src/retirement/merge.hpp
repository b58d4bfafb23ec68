/* What moves from one user to another in a merge. Called between SPI_connect and SPI_finish as the owner,
 * with both users locked. */
#pragma once

#include "identity/access.hpp"

#include <cstdint>
#include <type_traits>

namespace opigno::retirement {

/* What becomes of data that both users have. */
enum class OnConflict { Keep, Replace, Merge };

struct Merge {
    text *from_uuid; /* the anonymous user */
    text *into_uuid; /* the known one */
    OnConflict on_conflict;
};

static_assert(std::is_trivially_destructible_v<Merge>);

/* Return the number of the known user's rows that were written. The rows of the anonymous one are
 * deleted. */
std::int64_t move_profiles(const identity::Caller &caller, const Merge &merge);
std::int64_t move_account(const Merge &merge);

struct MovedPreferences {
    std::int64_t rows;
    bool has_privacy; /* whether account_privacy is one of them, on which the account depends */
};

/* Raises 54000 for too many preferences. */
MovedPreferences move_preferences(const Merge &merge);

} // namespace opigno::retirement
