#include "context/activation.hpp"

#include "pg/spi.hpp"

namespace opigno::context {

namespace {

constexpr Oid key_type[] = {TEXTOID};
constinit pg::Statement select_retirement("SELECT 1 FROM opigno.retirement AS r"
                                          " WHERE r.user_uuid = $1 AND r.current_state <> 'ABORTED'",
                                          key_type);

constexpr Oid keys_type[] = {TEXTARRAYOID};
constinit pg::BatchStatement select_retirements("SELECT i.n FROM unnest($1) WITH ORDINALITY AS i (uuid, n)"
                                                " JOIN opigno.retirement AS r ON r.user_uuid = i.uuid"
                                                " WHERE r.current_state <> 'ABORTED'",
                                                keys_type);

} // namespace

bool is_in_retirement(text *user_uuid)
{
    const Datum key = PointerGetDatum(user_uuid);
    return select_retirement.read_committed(&key) > 0;
}

pg::Vector<bool> are_in_retirement(Datum user_uuids, std::size_t size)
{
    pg::Vector<bool> result;
    for (std::size_t at = 0; at < size; ++at)
        result.push_back(false);
    const std::uint64_t found = select_retirements.read_committed(&user_uuids);
    for (std::uint64_t row = 0; row < found; ++row)
        result[static_cast<std::size_t>(DatumGetInt64(pg::column(1, row)) - 1)] = true;
    return result;
}

void add_in_retirement(const char *member, pg::Errors &errors)
{
    errors.add(ERRCODE_WRONG_STATE, member, "the user is being retired");
    errors.hint("opigno.cancel_retirement() activates the user again while the retirement is in state "
                "PENDING.");
}

} // namespace opigno::context
