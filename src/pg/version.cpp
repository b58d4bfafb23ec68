#include "pg/version.hpp"

#include "pg/time.hpp"

#include <algorithm>

namespace opigno::pg {

namespace {

constinit std::int64_t last_version = 0; /* the highest one that first_version() must exceed */
/* 2^53. Only a trigger or a direct write can store such a version. */
constexpr std::int64_t max_version = std::int64_t{1} << 53;

} // namespace

std::int64_t first_version()
{
    constexpr std::int64_t from_1970_to_2000 =
        static_cast<std::int64_t>(POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY;
    last_version = std::max(GetCurrentTimestamp() + from_1970_to_2000, last_version + 1);
    return last_version;
}

void note_deleted_version(std::int64_t version)
{
    if (version < max_version)
        last_version = std::max(last_version, version);
}

ExpectedVersion version_argument(FunctionCallInfo fcinfo, int argument_number, Errors &errors)
{
    if (PG_ARGISNULL(argument_number))
        return std::nullopt;
    const std::int64_t version = PG_GETARG_INT64(argument_number);
    if (version < any_version) {
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "expected_version",
                   "\"expected_version\" must not be less than -1");
        errors.hint("-1 stands for any version, and 0 for none.");
    }
    return version;
}

const char *message_of_version(const char *what, std::int64_t version, std::int64_t expected)
{
    if (expected == any_version)
        return psprintf("there is no %s, one was expected", what);
    if (version == 0)
        return psprintf("there is no %s, version " INT64_FORMAT " was expected", what, expected);
    if (expected == 0)
        return psprintf("the %s has version " INT64_FORMAT ", none was expected", what, version);
    return psprintf("the %s has version " INT64_FORMAT ", not the expected " INT64_FORMAT, what, version,
                    expected);
}

void add_other_version(const char *what, std::int64_t version, std::int64_t expected, const char *member,
                       Errors &errors)
{
    errors.add(ERRCODE_OTHER_VERSION, member, "%s", message_of_version(what, version, expected));
    errors.hint(psprintf("Read the %s, decide again, and write with the version read.", what));
}

void check_version(const char *what, std::int64_t version, ExpectedVersion expected)
{
    if (is_expected(version, expected))
        return;
    Errors errors;
    add_other_version(what, version, *expected, nullptr, errors);
    errors.raise();
}

} // namespace opigno::pg
