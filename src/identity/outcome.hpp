/* What a write did to a row, and the word for it in results, the audit trail and the answers of
 * loads. */
#pragma once

#include <cstddef>
#include <iterator>

namespace opigno::identity {

enum class Outcome {
    Unchanged,
    Created,
    Updated,
    Replaced,
    Merged,
    Deleted,
    Skipped, /* the row existed, and the caller wanted to keep existing rows */
    Missing, /* there was no row to change or delete */
    Granted,
    Revoked,
    CreatedOrUpdated, /* a load did both */
};

inline constexpr std::size_t outcomes = static_cast<std::size_t>(Outcome::CreatedOrUpdated) + 1;

constexpr const char *word_of(Outcome outcome)
{
    constexpr const char *words[] = {"unchanged", "created", "updated",           "replaced",
                                     "merged",    "deleted", "skipped",           "missing",
                                     "granted",   "revoked", "created or updated"};
    static_assert(std::size(words) == outcomes);
    return words[static_cast<std::size_t>(outcome)];
}

/* Whether a row was written. */
constexpr bool is_change(Outcome outcome)
{
    return outcome != Outcome::Unchanged && outcome != Outcome::Skipped && outcome != Outcome::Missing;
}

} // namespace opigno::identity
