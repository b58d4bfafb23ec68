#include "pg/version.hpp"

namespace opigno::pg {

void check_version(const char *what, std::int64_t version, std::optional<std::int64_t> expected)
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
