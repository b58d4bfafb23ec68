/* Reads and writes one user context. Called between SPI_connect and SPI_finish. */
#pragma once

#include "context/change.hpp"
#include "identity/outcome.hpp"
#include "pg/array.hpp"
#include "pg/spi.hpp"
#include "pg/time.hpp"

namespace opigno::context {

using identity::Outcome;

/* A user context as it is stored, in SPI's memory: the columns of get_user_context. */
struct Row {
    text *uuid;
    std::int64_t id;
    text *display_name;
    bool is_active;
    ArrayType *scope;
    std::int64_t version;
    TimestampTz created_at;
    TimestampTz updated_at;
};

static_assert(std::is_trivially_destructible_v<Row>);

/* Reads the row with the rights and the snapshot of the caller. Returns nothing if the caller sees
 * no such row. */
std::optional<Row> read_row(text *user_uuid);

/* Makes the same row the result of a set-returning function. */
void return_row(FunctionCallInfo fcinfo, text *user_uuid);

/* Reads the row as the owner with a new snapshot, as the isolation level allows, for writes. */
std::optional<Row> read_latest_row(text *user_uuid);

/* The outcome is Unchanged, Updated or Created, with the row; or Missing if there is no row and the
 * change cannot create one; or there is no row after an error. */
struct Written {
    Outcome outcome;
    std::optional<Row> row;
};

/*
 * Changes the given members of an existing user context, or creates the user context if the change
 * can. Does not write a row that would not change. by_request: check, with the row locked, that the
 * current request may make the change (authority.hpp). Adds an error if the stored version is not the
 * expected one (PT412), the change would activate a user who is being retired (PT409), or a user with
 * the uuid was retired (23505).
 */
Written write(const Change &change, const Spelling &spelling, bool by_request, pg::Errors &errors);

} // namespace opigno::context
