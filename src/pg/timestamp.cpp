#include "pg/timestamp.hpp"

#include "pg/jsonb.hpp"
#include "pg/subtransaction.hpp"
#include "pg/time.hpp"

#include <algorithm>

namespace opigno::pg {

namespace {

/* Reads digits of a text one after the other. */
class Digits {
  public:
    explicit Digits(std::string_view given) : text_(given) {}

    /* A number of `size` digits; sets is_good to false if there is none. */
    int number(std::size_t size)
    {
        int value = 0;
        for (std::size_t at = 0; at < size; ++at) {
            const char digit = next();
            is_good = is_good && digit >= '0' && digit <= '9';
            value = value * 10 + (digit - '0');
        }
        return value;
    }
    bool skip(char expected)
    {
        if (at_ >= text_.size() || text_[at_] != expected)
            return false;
        ++at_;
        return true;
    }
    void require(char expected) { is_good = skip(expected) && is_good; }
    [[nodiscard]] bool is_at_end() const { return at_ == text_.size(); }
    [[nodiscard]] bool is_at_digit() const
    {
        return at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9';
    }

    bool is_good = true;

  private:
    char next() { return at_ < text_.size() ? text_[at_++] : '?'; }

    std::string_view text_;
    std::size_t at_ = 0;
};

static_assert(std::is_trivially_destructible_v<Digits>);

/* Reads the form that JSON has mostly, 2030-01-31T10:20:30.123456Z or with +01:00 at the end, without
 * a subtransaction. Returns nothing for all others, also for valid ones. */
std::optional<TimestampTz> utc_timestamp_of(std::string_view text)
{
    constexpr int microsecond_digits = 6;
    Digits digits(text);
    const int year = digits.number(4);
    digits.require('-');
    const int month = digits.number(2);
    digits.require('-');
    const int day = digits.number(2);
    digits.require('T');
    const int hour = digits.number(2);
    digits.require(':');
    const int minute = digits.number(2);
    digits.require(':');
    const int second = digits.number(2);
    std::int64_t microseconds = 0;
    if (digits.skip('.')) {
        int places = 0;
        for (; places < microsecond_digits && digits.is_at_digit(); ++places)
            microseconds = microseconds * 10 + digits.number(1);
        digits.is_good = digits.is_good && places > 0;
        for (; places < microsecond_digits; ++places)
            microseconds *= 10;
    }
    int offset = 0;
    if (!digits.skip('Z')) {
        const int sign = digits.skip('-') ? -1 : 1;
        if (sign > 0)
            digits.require('+');
        const int hours = digits.number(2);
        digits.require(':');
        const int minutes = digits.number(2);
        digits.is_good = digits.is_good && hours < 15 && minutes < MINS_PER_HOUR;
        offset = sign * (hours * MINS_PER_HOUR + minutes);
    }
    if (!digits.is_good || !digits.is_at_end() || year < 1 || month < 1 || month > MONTHS_PER_YEAR ||
        day < 1 || day > day_tab[isleap(year) ? 1 : 0][month - 1] || hour >= HOURS_PER_DAY ||
        minute >= MINS_PER_HOUR || second >= SECS_PER_MINUTE)
        return std::nullopt;
    const std::int64_t days = date2j(year, month, day) - POSTGRES_EPOCH_JDATE;
    return days * USECS_PER_DAY + (hour * MINS_PER_HOUR + minute - offset) * USECS_PER_MINUTE +
           second * USECS_PER_SEC + microseconds;
}

static_assert(max_timestamp_text == MAXDATELEN);

/* Writes a number of `size` digits, and returns their end. */
char *write_digits(char *at, int value, int size)
{
    for (int place = size - 1; place >= 0; --place, value /= 10)
        at[place] = static_cast<char>('0' + value % 10);
    return at + size;
}

char *write_after(char *at, char separator, int value)
{
    *at = separator;
    return write_digits(at + 1, value, 2);
}

/* The fraction has no zeros at its end. */
char *write_fraction(char *at, int microseconds)
{
    if (microseconds == 0)
        return at;
    *at++ = '.';
    at = write_digits(at, microseconds, 6);
    while (at[-1] == '0')
        --at;
    return at;
}

} // namespace

std::string_view utc_text(TimestampTz time, char (&text)[max_timestamp_text + 1])
{
    constexpr int utc = 0;
    constexpr int max_year = 9999;
    std::int64_t days = time / USECS_PER_DAY;
    std::int64_t rest = time % USECS_PER_DAY;
    if (rest < 0) {
        rest += USECS_PER_DAY;
        --days;
    }
    int year = 0;
    int month = 0;
    int day = 0;
    if (!TIMESTAMP_NOT_FINITE(time))
        j2date(static_cast<int>(days) + POSTGRES_EPOCH_JDATE, &year, &month, &day);
    if (year < 1 || year > max_year)
        return JsonEncodeDateTime(text, TimestampTzGetDatum(time), TIMESTAMPTZOID, &utc);
    const int second = static_cast<int>(rest / USECS_PER_SEC);
    char *at = write_digits(text, year, 4);
    at = write_after(at, '-', month);
    at = write_after(at, '-', day);
    at = write_after(at, 'T', second / SECS_PER_HOUR);
    at = write_after(at, ':', second / SECS_PER_MINUTE % MINS_PER_HOUR);
    at = write_after(at, ':', second % SECS_PER_MINUTE);
    at = write_fraction(at, static_cast<int>(rest % USECS_PER_SEC));
    constexpr std::string_view offset = "+00:00";
    std::copy(offset.begin(), offset.end(), at);
    return {text, static_cast<std::size_t>(at - text) + offset.size()};
}

std::optional<TimestampTz> timestamp_of(std::string_view text)
{
    constexpr std::size_t longest = 64;
    if (text.size() > longest)
        return std::nullopt;
    std::optional<TimestampTz> time = utc_timestamp_of(text);
    if (time.has_value())
        return time;
    in_subtransaction(
        [&] {
            time = DatumGetTimestampTz(
                DirectFunctionCall3(timestamptz_in, CStringGetDatum(pnstrdup(text.data(), text.size())),
                                    ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
            return true;
        },
        [](const ErrorData &error) {
            return ERRCODE_TO_CATEGORY(error.sqlerrcode) == ERRCODE_DATA_EXCEPTION;
        });
    return time;
}

} // namespace opigno::pg
