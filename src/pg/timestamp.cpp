#include "pg/timestamp.hpp"

#include "pg/subtransaction.hpp"
#include "pg/time.hpp"

namespace opigno::pg {

std::optional<TimestampTz> timestamp_of(std::string_view text)
{
    constexpr std::size_t longest = 64;
    if (text.size() > longest)
        return std::nullopt;
    std::optional<TimestampTz> time;
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
