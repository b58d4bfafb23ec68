/* Errors in JSON answers. */
#pragma once

#include "pg/error.hpp"
#include "json/value/writer.hpp"

#include <span>

namespace opigno::json {

/* Whether errors have the member "hint". */
enum class Hints { LeftOut, Shown };

/*
 * Writes the member `errors`: a list of {"ordinal", "user_id", "app_id", "code", "path", "message",
 * "hint"}. The first three members and the hint are there if they apply to the error. The path of
 * an error of an entry points into the entry.
 */
void write_errors(Writer &out, std::span<const pg::Error> errors, Hints hints = Hints::LeftOut);

/* Writes one element of that list. */
void write_error(Writer &out, const pg::Error &error, Hints hints);

/*
 * Writes errors as Open edX does: {"field_errors": {name: {"developer_message", "user_message"}}}.
 * The name is that of a member of the request; an error deeper in the request has its path instead.
 * An error of the whole request is written alone, without field_errors.
 */
void write_field_errors(Writer &out, std::span<const pg::Error> errors);

} // namespace opigno::json
