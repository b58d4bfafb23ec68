/* Errors in JSON answers. */
#pragma once

#include "pg/error.hpp"
#include "json/value/writer.hpp"

#include <span>

namespace opigno::json {

/* Where the paths of errors start: at the list of entries, or at the entry that has the error. */
enum class PathsFrom { List, Entry };

/*
 * Writes the member `errors`: [{"ordinal", "user_id", "app_id", "code", "path", "message"}]. An
 * error has only those of the first three members that apply to it.
 */
void write_errors(Writer &out, std::span<const pg::Error> errors, PathsFrom from = PathsFrom::Entry);

/*
 * Writes errors as Open edX does: {"field_errors": {name: {"developer_message", "user_message"}}}.
 * The name is that of a member of the request; an error deeper in the request has its path instead.
 * An error of the whole request is written alone, without field_errors.
 */
void write_field_errors(Writer &out, std::span<const pg::Error> errors);

} // namespace opigno::json
