/* Errors in JSON answers. */
#pragma once

#include "pg/error.hpp"
#include "json/value/writer.hpp"

#include <span>

namespace opigno::json {

/* What the paths of a list's errors point into: the list, or the entry that has the error. */
enum class PathsFrom { List, Entry };

/*
 * The member `errors`: [{"ordinal", "user_id", "app_id", "code", "path", "message"}], each with the members
 * that it has.
 */
void write_errors(Writer &out, std::span<const pg::Error> errors, PathsFrom from = PathsFrom::Entry);

/*
 * Open edX's shape of the same: {"field_errors": {name: {"developer_message", "user_message"}}}, where what
 * is no member of the request stands under its path; an error of the whole request stands alone, without
 * field_errors.
 */
void write_field_errors(Writer &out, std::span<const pg::Error> errors);

} // namespace opigno::json
