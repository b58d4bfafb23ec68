#include "training/ranking_standing.hpp"

#include "pg/array.hpp"
#include "pg/spi.hpp"
#include "pg/text.hpp"

namespace opigno::training {

namespace {

/* Citus computes each part of an expression of constants, whatever CASE says. */
#define AVERAGE(sum, number) "coalesce(trim_scale(round(" sum " / nullif(" number ", 0), 6)), 0)"
#define INSERT_STANDINGS                                                                                     \
    "INSERT INTO opigno.training_standing AS s (user_uuid, passed_trainings_number,"                         \
    "  completed_trainings_number, scored_trainings_number, score_sum, average_score) "
#define ADD_TO_STANDINGS                                                                                     \
    " ON CONFLICT (user_uuid) DO UPDATE SET"                                                                 \
    "  passed_trainings_number = s.passed_trainings_number + excluded.passed_trainings_number,"              \
    "  completed_trainings_number = s.completed_trainings_number + excluded.completed_trainings_number,"     \
    "  scored_trainings_number = s.scored_trainings_number + excluded.scored_trainings_number,"              \
    "  score_sum = trim_scale(s.score_sum + excluded.score_sum),"                                            \
    "  average_score = " AVERAGE("(s.score_sum + excluded.score_sum)",                                       \
                                 "(s.scored_trainings_number + excluded.scored_trainings_number)")
constexpr Oid types[] = {TEXTOID, INT8OID, INT8OID, INT8OID, NUMERICOID};
constinit pg::Statement add_one(INSERT_STANDINGS "VALUES ($1, $2::integer, $3::integer, $4::integer, $5,"
                                                 " " AVERAGE("$5", "$4") ")" ADD_TO_STANDINGS,
                                types);

constexpr Oid array_types[] = {TEXTARRAYOID, INT8ARRAYOID, INT8ARRAYOID, INT8ARRAYOID, NUMERICARRAYOID};
constinit pg::BatchStatement add_many(
    INSERT_STANDINGS
    "SELECT i.user_uuid, i.passed::integer, i.completed::integer, i.scored::integer, i.score_sum,"
    " " AVERAGE(
        "i.score_sum",
        "i.scored") " FROM (SELECT u.user_uuid, sum(u.passed) AS passed, sum(u.completed) AS completed,"
                    "   sum(u.scored) AS scored, sum(u.score_sum) AS score_sum"
                    "  FROM unnest($1, $2, $3, $4, $5) AS u (user_uuid, passed, completed, scored, score_sum)"
                    "  GROUP BY u.user_uuid) AS i"
                    " ORDER BY i.user_uuid COLLATE \"C\"" ADD_TO_STANDINGS,
    array_types);

Datum zero()
{
    return NumericGetDatum(int64_to_numeric(0));
}

bool has_score(const State &state)
{
    return is_completed(state.status) && state.score != Datum{0};
}

} // namespace

Difference difference_of(const State &before, const State &after)
{
    Difference difference;
    if (!is_completed(before.status) && !is_completed(after.status))
        return difference;
    const auto one_for = [](bool is_true) { return is_true ? 1 : 0; };
    difference.passed = one_for(after.status == Status::Passed) - one_for(before.status == Status::Passed);
    difference.completed = one_for(is_completed(after.status)) - one_for(is_completed(before.status));
    difference.scored = one_for(has_score(after)) - one_for(has_score(before));
    const Datum old_score = has_score(before) ? before.score : zero();
    const Datum new_score = has_score(after) ? after.score : zero();
    if (!DatumGetBool(DirectFunctionCall2(numeric_eq, old_score, new_score)))
        difference.score_sum = DirectFunctionCall2(numeric_sub, new_score, old_score);
    return difference;
}

void Difference::add(const Difference &other)
{
    passed += other.passed;
    completed += other.completed;
    scored += other.scored;
    if (score_sum == Datum{0})
        score_sum = other.score_sum;
    else if (other.score_sum != Datum{0})
        score_sum = DirectFunctionCall2(numeric_add, score_sum, other.score_sum);
}

void change_standing(text *user_uuid, const Difference &difference)
{
    if (difference.is_none())
        return;
    const Datum values[] = {PointerGetDatum(user_uuid), Int64GetDatum(difference.passed),
                            Int64GetDatum(difference.completed), Int64GetDatum(difference.scored),
                            difference.score_sum == Datum{0} ? zero() : difference.score_sum};
    if (add_one.write(values) == 0)
        pg::refuse_suppressed_write();
}

void Standings::add(const text *user_uuid, const Difference &difference)
{
    if (difference.is_none())
        return;
    const Datum values[] = {PointerGetDatum(user_uuid), Int64GetDatum(difference.passed),
                            Int64GetDatum(difference.completed), Int64GetDatum(difference.scored),
                            difference.score_sum == Datum{0} ? zero() : difference.score_sum};
    constexpr bool nulls[std::size(columns_)] = {};
    sort_.add(values, nulls);
}

void Standings::write()
{
    constexpr std::size_t batch_size = 1000;
    sort_.sort();
    bool has_row = sort_.next();
    while (has_row) {
        has_row = pg::with_spi([&](MemoryContext) {
            pg::ArrayColumn users;
            pg::ArrayColumn numbers[3];
            pg::ArrayColumn sums;
            bool has_more = true;
            for (std::size_t rows = 0; has_more && rows < batch_size; ++rows, has_more = sort_.next()) {
                users.add(pg::make_text(pg::view(DatumGetTextPP(sort_.value(0)))));
                for (int column = 0; column < 3; ++column)
                    numbers[column].add(sort_.value(column + 1));
                sums.add(NumericGetDatum(DatumGetNumericCopy(sort_.value(4))));
            }
            Datum values[std::size(array_types)] = {users.text_array()};
            for (int column = 0; column < 3; ++column)
                values[column + 1] = numbers[column].array(INT8OID, 8, true, TYPALIGN_DOUBLE);
            values[4] = sums.array(NUMERICOID, -1, false, TYPALIGN_INT);
            add_many.write(values);
            return has_more;
        });
    }
    sort_.end();
}

} // namespace opigno::training
