/*
 * How large a document may be, by its text: what jsonb holds in 10 bytes can be 131,072 of text, and so
 * more than a dump, COPY or an answer can hold. docs/decisions/0014-document-size.md has the reasons.
 */
#pragma once

#include "pg/error.hpp"

#include <cstdint>
#include <string_view>

namespace opigno::json {

inline constexpr std::uint32_t max_number = 1000;               /* characters */
inline constexpr std::int64_t max_document = JENTRY_OFFLENMASK; /* bytes */
inline constexpr std::int64_t default_of_requests = 1048576;    /* bytes */

enum class Excess { None, Number, Size };

/* What is too large in a document as it is given, whose text may have so many bytes. */
Excess excess_of(const Jsonb *given, std::int64_t max_size);
Excess excess_of(const JsonbValue &given, std::int64_t max_size);

/*
 * The same of a document that is wanted in the place of a stored one (nullptr: there is none), where what is
 * given was merged into that. Only a number that is given is too long, and only what has grown is too large:
 * else nobody could mend what is stored.
 */
Excess excess_of(const Jsonb *given, const Jsonb *wanted, const Jsonb *stored, std::int64_t max_size);

/* As an error's message, for an excess that is not None; its SQLSTATE is ERRCODE_PROGRAM_LIMIT_EXCEEDED. */
const char *message_of(Excess excess, std::int64_t max_size);

/* Adds an error (54000) unless the excess is None. hint: as below. */
void add_excess(Excess excess, std::int64_t max_size, const char *hint, pg::Errors &errors);

/* Raises 54000. hint: for a document that is too large for a request. */
void check_excess(Excess excess, std::int64_t max_size, const char *hint);

/* Whether a number is too long to be looked at. */
bool is_too_long(const JsonbValue &number);

} // namespace opigno::json
