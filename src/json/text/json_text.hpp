/*
 * One document of JSON text as jsonb: the bytes, or the refusal, of text::jsonb. Text is the server's:
 * valid in the database's encoding, without a byte 0. What comes is in the current memory context.
 * docs/decisions/0010-json-text.md says how, and what it costs.
 */
#pragma once

#include "pg/postgres.hpp"

#include <string_view>
#include <type_traits>

namespace opigno::json {

/* Raises what text::jsonb raises. */
Jsonb *read_json(std::string_view text);

/* Why text is no jsonb. */
struct Unreadable {
    int sqlstate;        /* of text::jsonb, as ERRCODE_... packs it */
    const char *message; /* constant, and so free of the text */
};

static_assert(std::is_trivially_destructible_v<Unreadable>);

/*
 * nullptr and why, where text::jsonb raises for the text's sake. What is none of the text's business is
 * raised: a cancel, want of memory, a stack that is full before the text is looked at.
 */
Jsonb *try_read_json(std::string_view text, Unreadable &why);

/* The same two by the server's own reader alone. */
Jsonb *read_json_by_server(std::string_view text);
Jsonb *try_read_json_by_server(std::string_view text, Unreadable &why);

} // namespace opigno::json
