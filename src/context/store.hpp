/* Writing and reading one user context. Called between SPI_connect and SPI_finish. */
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
    TimestampTz created_at;
    TimestampTz updated_at;
};

static_assert(std::is_trivially_destructible_v<Row>);

/* Under the caller's snapshot and as the caller; nothing: there is none that the caller may see. */
std::optional<Row> read_row(text *user_uuid);

/* The same as the result of a set-returning function. */
void return_row(FunctionCallInfo fcinfo, text *user_uuid);

/* As the isolation level shows it by now, and as the owner, for who is about to write. */
std::optional<Row> read_latest_row(text *user_uuid);

/* Unchanged, Updated or Created, and the row; Missing: there is none, and the change lacks what creating one
 * takes. */
struct Written {
    Outcome outcome;
    std::optional<Row> row;
};

/*
 * Changes what is given of an existing context, or creates it if the change is complete. A row that would not
 * change is not written. by_request: within what the current request may do (authority.hpp), which is checked
 * under the lock of the row.
 */
Written write(const Change &change, bool by_request);

} // namespace opigno::context
