#include "training/progress_rules.hpp"

#include "json/merge/merge_patch.hpp"
#include "json/value/document_limit.hpp"
#include "json/value/reader.hpp"

#include <cstring>

namespace opigno::training {

const char *const status_goes_back = "the status would go back";
const char *const hint_of_decrease = "If that is meant, pass allow_decrease => true.";

namespace {

constexpr int digits_of_progress = 2; /* after the point */
constexpr const char *words[] = {"not_started", "in_progress", "failed", "passed"};

int compare(Numeric left, Datum right)
{
    return DatumGetInt32(DirectFunctionCall2(numeric_cmp, NumericGetDatum(left), right));
}

bool is_positive(Datum number)
{
    return compare(int64_to_numeric(0), number) < 0;
}

/* Any order of all documents will do. */
bool is_greater(const Jsonb *left, const Jsonb *right)
{
    if (VARSIZE(left) != VARSIZE(right))
        return VARSIZE(left) > VARSIZE(right);
    return std::memcmp(left, right, VARSIZE(left)) > 0;
}

/* A report of the same time wins by the greater value, so that order does not matter. */
template <typename IsGreater>
bool wins(TimestampTz reported_at, const std::optional<TimestampTz> &stored_at, IsGreater exceeds)
{
    return !stored_at.has_value() || reported_at > *stored_at || (reported_at == *stored_at && exceeds());
}

bool goes_back(Status from, Status to)
{
    const bool restarts = from == Status::Failed && to == Status::InProgress;
    return to < from && !restarts;
}

/* Sets a time that is later than the stored one. Returns whether it is. */
bool raise(std::optional<TimestampTz> &stored, TimestampTz at)
{
    if (stored.has_value() && *stored >= at)
        return false;
    stored = at;
    return true;
}

/* Before a status is reported, progress tells it. */
void derive_status(State &state)
{
    if (!state.status_reported_at.has_value())
        state.status = is_positive(state.progress) ? Status::InProgress : Status::NotStarted;
}

/* Sets a member and its time. Returns whether one of them has changed. is_same: whether the value is
 * the stored one. */
template <typename Value>
bool set(Value &member, std::optional<TimestampTz> &member_at, Value given, TimestampTz at, bool is_same)
{
    const bool changes = !is_same || member_at != at;
    if (!is_same)
        member = given;
    member_at = at;
    return changes;
}

bool set_status(const Report &report, State &state)
{
    return set(state.status, state.status_reported_at, *report.status, report.reported_at,
               state.status == *report.status);
}

bool set_score(const Report &report, State &state)
{
    return set(state.score, state.score_reported_at, NumericGetDatum(report.score), report.reported_at,
               state.score != Datum{0} && compare(report.score, state.score) == 0);
}

bool set_details(const Report &report, State &state)
{
    return set(state.details, state.details_reported_at, JsonbPGetDatum(report.details), report.reported_at,
               state.details != Datum{0} && json::is_same(report.details, DatumGetJsonbP(state.details)));
}

/* Applies all members of the report as they are. */
Effect overwrite(const Report &report, State &state)
{
    bool changes = raise(state.reported_at, report.reported_at);
    if (report.status.has_value())
        changes |= set_status(report, state);
    if (report.score != nullptr)
        changes |= set_score(report, state);
    if (report.details != nullptr)
        changes |= set_details(report, state);
    if (report.progress != nullptr) {
        changes |= raise(state.decreased_at, report.reported_at);
        if (compare(report.progress, state.progress) != 0) {
            changes = true;
            state.progress = NumericGetDatum(report.progress);
        }
    }
    derive_status(state);
    return changes ? Effect::Changed : Effect::Unchanged;
}

/* The report that would turn back the other one is the one that is left out, also if it is newer. */
void combine_status(const State &other, State &state)
{
    if (!other.status_reported_at.has_value())
        return;
    const bool is_newer = wins(*other.status_reported_at, state.status_reported_at,
                               [&] { return other.status > state.status; });
    const bool is_taken =
        !state.status_reported_at.has_value() ||
        (is_newer ? !goes_back(state.status, other.status) : goes_back(other.status, state.status));
    if (!is_taken)
        return;
    state.status = other.status;
    state.status_reported_at = other.status_reported_at;
}

/* Whether all reports of a state are up to this time. */
bool ends_by(const State &state, const std::optional<TimestampTz> &time)
{
    return time.has_value() && (!state.reported_at.has_value() || *state.reported_at <= *time);
}

/* A decrease holds against the progress of older reports. */
void combine_progress(const State &other, State &state)
{
    if (ends_by(other, state.decreased_at))
        return;
    if (ends_by(state, other.decreased_at) || compare(DatumGetNumeric(other.progress), state.progress) > 0)
        state.progress = other.progress;
}

bool is_same_number(Datum left, Datum right)
{
    return left == Datum{0} || right == Datum{0} ? left == right : compare(DatumGetNumeric(left), right) == 0;
}

bool is_same_document(Datum left, Datum right)
{
    return left == Datum{0} || right == Datum{0} ? left == right
                                                 : json::is_same(DatumGetJsonbP(left), DatumGetJsonbP(right));
}

} // namespace

const char *word_of(Status status)
{
    return words[static_cast<std::size_t>(status)];
}

std::optional<Status> status_of(std::string_view word)
{
    for (std::size_t at = 0; at < std::size(words); ++at)
        if (word == words[at])
            return static_cast<Status>(at);
    return std::nullopt;
}

State new_state()
{
    State state;
    state.progress = DirectFunctionCall2(numeric_round, NumericGetDatum(int64_to_numeric(0)),
                                         Int32GetDatum(digits_of_progress));
    return state;
}

Effect apply(const Report &report, State &state)
{
    if (report.allow_decrease)
        return overwrite(report, state);
    const TimestampTz at = report.reported_at;
    if (report.status.has_value() && state.status_reported_at.has_value() && at > *state.status_reported_at &&
        goes_back(state.status, *report.status))
        return Effect::Refused;
    bool changes = false;
    if (report.status.has_value() &&
        wins(at, state.status_reported_at, [&] { return *report.status > state.status; }))
        changes |= set_status(report, state);
    if (report.score != nullptr &&
        wins(at, state.score_reported_at, [&] { return compare(report.score, state.score) > 0; }))
        changes |= set_score(report, state);
    if (report.details != nullptr && wins(at, state.details_reported_at, [&] {
            return is_greater(report.details, DatumGetJsonbP(state.details));
        }))
        changes |= set_details(report, state);
    if (report.progress != nullptr && (!state.decreased_at.has_value() || at > *state.decreased_at) &&
        compare(report.progress, state.progress) > 0) {
        state.progress = NumericGetDatum(report.progress);
        changes = true;
    }
    changes |= raise(state.reported_at, at);
    derive_status(state);
    return changes ? Effect::Changed : Effect::Unchanged;
}

void combine(const State &other, State &state)
{
    state.is_enrolled = state.is_enrolled || other.is_enrolled;
    combine_status(other, state);
    if (other.score != Datum{0} && other.score_reported_at.has_value() &&
        wins(*other.score_reported_at, state.score_reported_at,
             [&] { return compare(DatumGetNumeric(other.score), state.score) > 0; })) {
        state.score = other.score;
        state.score_reported_at = other.score_reported_at;
    }
    if (other.details != Datum{0} && other.details_reported_at.has_value() &&
        wins(*other.details_reported_at, state.details_reported_at,
             [&] { return is_greater(DatumGetJsonbP(other.details), DatumGetJsonbP(state.details)); })) {
        state.details = other.details;
        state.details_reported_at = other.details_reported_at;
    }
    combine_progress(other, state);
    if (other.decreased_at.has_value())
        raise(state.decreased_at, *other.decreased_at);
    if (other.reported_at.has_value())
        raise(state.reported_at, *other.reported_at);
    derive_status(state);
}

bool is_same(const State &left, const State &right)
{
    return left.is_enrolled == right.is_enrolled && left.status == right.status &&
           is_same_number(left.progress, right.progress) && is_same_number(left.score, right.score) &&
           is_same_document(left.details, right.details) && left.reported_at == right.reported_at &&
           left.status_reported_at == right.status_reported_at &&
           left.score_reported_at == right.score_reported_at &&
           left.details_reported_at == right.details_reported_at && left.decreased_at == right.decreased_at;
}

std::optional<Status> checked_status(std::string_view word, pg::Errors &errors)
{
    const std::optional<Status> status = status_of(word);
    if (!status.has_value())
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "status",
                   "\"status\" must be one of \"%s\", \"%s\", \"%s\", \"%s\"", words[0], words[1], words[2],
                   words[3]);
    return status;
}

/* The range is checked before rounding: 100.001 is more than 100. */
Numeric checked_progress(Numeric given, pg::Errors &errors)
{
    if (!numeric_is_nan(given) && compare(given, NumericGetDatum(int64_to_numeric(0))) >= 0 &&
        compare(given, NumericGetDatum(int64_to_numeric(100))) <= 0)
        return DatumGetNumeric(
            DirectFunctionCall2(numeric_round, NumericGetDatum(given), Int32GetDatum(digits_of_progress)));
    errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "progress", "\"progress\" must be a number from 0 to 100");
    return nullptr;
}

Numeric checked_score(Numeric given, pg::Errors &errors)
{
    if (numeric_is_nan(given) || numeric_is_inf(given)) {
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "score", "\"score\" must be a finite number");
        return nullptr;
    }
    JsonbValue number{};
    number.type = jbvNumeric;
    number.val.numeric = given;
    if (json::is_too_long(number)) {
        errors.add(ERRCODE_PROGRAM_LIMIT_EXCEEDED, "score", "\"score\" has more than %u characters",
                   json::max_number);
        return nullptr;
    }
    return DatumGetNumeric(DirectFunctionCall1(numeric_trim_scale, NumericGetDatum(given)));
}

void check_details(Jsonb *details, std::int64_t max_size, pg::Errors &errors)
{
    const JsonbValue root = json::root_of(details);
    if (!json::is_object(root)) {
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "details", "\"details\" must be an object, not %s",
                   json::type_of(root));
        return;
    }
    if (const json::Excess excess = json::excess_of(details, max_size); excess != json::Excess::None)
        errors.add(ERRCODE_PROGRAM_LIMIT_EXCEEDED, "details", "%s", json::message_of(excess, max_size));
}

void check_time(TimestampTz reported_at, TimestampTz now, pg::Errors &errors)
{
    if (TIMESTAMP_NOT_FINITE(reported_at)) {
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "reported_at", "\"reported_at\" must be a finite time");
    } else if (reported_at > now + USECS_PER_MINUTE) {
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "reported_at",
                   "\"reported_at\" is more than a minute ahead of the server's clock");
        errors.hint("Set the clock of the reporting system.");
    }
}

} // namespace opigno::training
