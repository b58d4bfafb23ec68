/*
 * Reads one document of JSON text as jsonb, with the result or the error of text::jsonb. The text
 * is valid in the database's encoding and has no byte 0. Results are in the current memory context.
 * docs/decisions/0010-json-text.md says how this works and what it costs.
 */
#pragma once

#include "pg/error.hpp"
#include "pg/jsonb.hpp"

#include <string_view>

namespace opigno::json {

/*
 * Raises what text::jsonb raises. may_repeat, if it is given: is set to whether an object of the
 * text, at any depth, may have several members with the same name. add_repeated_members() finds
 * out.
 */
Jsonb *read_json(std::string_view text, bool *may_repeat = nullptr);

/*
 * Returns nullptr and the reason if text::jsonb raises an error about the text; the message is
 * constant and quotes nothing of the text. Raises all other errors: a cancel request, lack of
 * memory, a stack that is full before the text is read. may_repeat: as for read_json().
 */
Jsonb *try_read_json(std::string_view text, pg::Error &why, bool *may_repeat = nullptr);

/* The two implementations that these functions use. The fast one returns nullptr if the text is
 * malformed, or if only the server can read it. has_repeats: whether an object has several members
 * with the same name. */
Jsonb *read_json_fast(std::string_view text, bool &has_repeats);
Jsonb *read_json_by_server(std::string_view text);
Jsonb *try_read_json_by_server(std::string_view text, pg::Error &why);

} // namespace opigno::json
