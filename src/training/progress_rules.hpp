/*
 * What a report of progress changes. The newest report of each member wins, whatever the order in
 * which reports arrive, and progress is the greatest of all reports. So every order of the same
 * reports gives the same row, as long as none of them is refused.
 * docs/guide/trainings.md has the rules for users.
 */
#pragma once

#include "pg/error.hpp"
#include "pg/jsonb.hpp"
#include "pg/number.hpp"
#include "pg/time.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>

namespace opigno::training {

/* In their order: a status does not go back, but a failed training may be started again. */
enum class Status : std::int8_t { NotStarted, InProgress, Failed, Passed };

const char *word_of(Status status);
std::optional<Status> status_of(std::string_view word);

/* Whether a user with this status has completed the training, for better or worse. */
constexpr bool is_completed(Status status)
{
    return status >= Status::Failed;
}

/* A row of opigno.training_progress without its key. Numbers and details may be in the form in which
 * they are stored. */
struct State {
    bool is_enrolled = true;
    Status status = Status::NotStarted;
    Datum progress = Datum{0}; /* numeric; 0 stands for none before the first report */
    Datum score = Datum{0};    /* numeric; 0: none */
    Datum details = Datum{0};  /* jsonb; 0: none */
    std::optional<TimestampTz> reported_at;
    /* The times of the reports that gave these members. */
    std::optional<TimestampTz> status_reported_at;
    std::optional<TimestampTz> score_reported_at;
    std::optional<TimestampTz> details_reported_at;
    /* The newest report with allow_decrease and progress: older ones do not raise progress. */
    std::optional<TimestampTz> decreased_at;
};

static_assert(std::is_trivially_destructible_v<State>);

/* State of a user of whom nothing was reported. */
State new_state();

struct Report {
    std::optional<Status> status;
    Numeric progress = nullptr; /* from 0 to 100, with two digits; nullptr: not given */
    Numeric score = nullptr;    /* without zeros at the end */
    Jsonb *details = nullptr;   /* an object */
    TimestampTz reported_at = 0;
    bool allow_decrease = false;
};

static_assert(std::is_trivially_destructible_v<Report>);

enum class Effect { Unchanged, Changed, Refused };

/* Applies the report to the state. Refused: it is newer than the stored status, which would go back;
 * the state is as before. */
Effect apply(const Report &report, State &state);

/* Makes the state what it were if the reports of the other state had been of this user: of each member the
 * newest report wins, a status does not go back, and progress is the greatest. */
void combine(const State &other, State &state);

bool is_same(const State &left, const State &right);

/* The error of a report that apply() refuses (PT409). */
extern const char *const status_goes_back;
extern const char *const hint_of_decrease;

/*
 * Check members of a report, which come from an argument or from JSON. Add errors (22023, 54000), and
 * return the value as it is stored.
 */
std::optional<Status> checked_status(std::string_view word, pg::Errors &errors);
Numeric checked_progress(Numeric given, pg::Errors &errors);
Numeric checked_score(Numeric given, pg::Errors &errors);
void check_details(Jsonb *details, std::int64_t max_size, pg::Errors &errors);
/* now: the clock */
void check_time(TimestampTz reported_at, TimestampTz now, pg::Errors &errors);

} // namespace opigno::training
