/*
 * opigno.training_standing: what each user has completed, for the ranking. Writes of progress keep it
 * by differences, which is right also if sessions write progress of one user at the same time. A
 * standing is always written after the progress, and a load writes all of them at its end, in the
 * order of the users: so calls in transactions of their own do not deadlock.
 */
#pragma once

#include "bulk/sort.hpp"
#include "training/progress_rules.hpp"

namespace opigno::training {

/* What a change of progress adds to the user's standing. */
struct Difference {
    std::int64_t passed = 0;
    std::int64_t completed = 0;
    std::int64_t scored = 0;    /* completed trainings that have a score */
    Datum score_sum = Datum{0}; /* numeric; 0: nothing */

    [[nodiscard]] bool is_none() const
    {
        return passed == 0 && completed == 0 && scored == 0 && score_sum == Datum{0};
    }
    void add(const Difference &other);
};

static_assert(std::is_trivially_destructible_v<Difference>);

Difference difference_of(const State &before, const State &after);

/* Called between SPI_connect and SPI_finish as the owner. */
void change_standing(text *user_uuid, const Difference &difference);

/* The differences that a load collects. */
class Standings {
  public:
    void add(const text *user_uuid, const Difference &difference);
    /* Writes all. Called once, as the owner. */
    void write();

  private:
    static constexpr Oid columns_[] = {TEXTOID, INT8OID, INT8OID, INT8OID, NUMERICOID};

    bulk::Sort sort_{columns_, 1};
};

static_assert(std::is_trivially_destructible_v<Standings>);

} // namespace opigno::training
