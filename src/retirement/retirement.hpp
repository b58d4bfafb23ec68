/*
 * What the functions of the process share: its rows, its locks and the lists of users in arguments.
 * Locks are taken in this order: the states, then retirements, then users, each in the byte order of
 * the users. A retirement is begun under the lock of its user, who has none then. Called between
 * SPI_connect and SPI_finish as the owner; user uuids are canonical.
 */
#pragma once

#include "identity/access.hpp"
#include "identity/outcome.hpp"
#include "pg/array.hpp"
#include "pg/error.hpp"
#include "pg/vector.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>

namespace opigno::retirement {

/* The columns of get_retirement. */
#define RETIREMENT_ROW                                                                                       \
    "r.retirement_id, r.user_uuid::text, r.user_context_id, r.retired_uuid, r.was_active,"                   \
    " r.current_state::text, r.last_state::text, r.created_at, r.updated_at"

/* A retirement that is locked until the transaction ends. */
struct Retirement {
    std::int64_t retirement_id;
    text *user_uuid;
    text *retired_uuid; /* nullptr before the erasure */
    bool was_active;
    std::string_view state;
    std::int64_t responses_size; /* bytes */

    /* What the audit trail names: not the user whose data is erased. */
    [[nodiscard]] const text *audited_uuid() const
    {
        return retired_uuid == nullptr ? user_uuid : retired_uuid;
    }
};

static_assert(std::is_trivially_destructible_v<Retirement>);

/* Waits for other sessions that hold the row. Raises 23503 if the user has no retirement. */
Retirement lock_retirement(text *user_uuid);

/* Locks the user, deactivates it if it is active, and returns whether it was. */
bool deactivate_user(text *user_uuid);

/* The users of an argument, sorted by their bytes. */
struct Users {
    pg::Vector<text *> uuids;

    [[nodiscard]] Datum array() const;
};

static_assert(std::is_trivially_destructible_v<Users>);

/* Adds errors (22023) if the argument is NULL, and for elements that are wrong or given twice. */
Users users_of(FunctionCallInfo fcinfo, int argument_number, const char *member, pg::Errors &errors);

/* The first column of the rows in SPI_tuptable as a bigint[]. */
Datum column_of_numbers(std::uint64_t rows);

/* Reads the argument max_rows. Adds an error (22023) if it is negative. */
std::int64_t row_limit(FunctionCallInfo fcinfo, int argument_number, pg::Errors &errors);

/* Records one change of a user's retirement in the audit trail. */
void record(const identity::Caller &caller, identity::Outcome outcome, const text *user_uuid,
            const char *subject);

} // namespace opigno::retirement
