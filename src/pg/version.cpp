#include "pg/version.hpp"

namespace opigno::pg {

ExpectedVersion version_argument(FunctionCallInfo fcinfo, int argument_number, Errors &errors)
{
    if (PG_ARGISNULL(argument_number))
        return std::nullopt;
    const std::int64_t version = PG_GETARG_INT64(argument_number);
    if (version < 0)
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "expected_version",
                   "\"expected_version\" must not be negative");
    return version;
}

void check_version(const char *what, std::int64_t version, ExpectedVersion expected)
{
    if (!expected.has_value() || *expected == version)
        return;
    ereport(ERROR, errcode(ERRCODE_OTHER_VERSION),
            version == 0 ? errmsg("there is no %s, version " INT64_FORMAT " was expected", what, *expected)
            : *expected == 0 ? errmsg("the %s has version " INT64_FORMAT ", none was expected", what, version)
                             : errmsg("the %s has version " INT64_FORMAT ", not the expected " INT64_FORMAT,
                                      what, version, *expected),
            errhint("Read the %s, decide again, and write with the version read.", what));
}

} // namespace opigno::pg
