/* What Open edX's routes of retirement have in common: their errors, and who they are about. */
#pragma once

#include "gateway/body.hpp"
#include "pg/array.hpp"

namespace opigno::gateway {

/* Makes a text the answer, as a JSON string: so Open edX says what is wrong with a retirement. */
void answer_with_text(Answer &answer, int status, const char *text);

/* Makes {"message": ...} the answer. */
void answer_with_message(Answer &answer, int status, const char *message);

/* Appends the texts as Python writes a list of them. */
void append_list(StringInfo out, const pg::Names &texts);

/* Takes "username". Returns nullptr if it is missing, null or empty, and makes 404 the answer. Raises the
 * errors of the body. */
text *take_username(Exchange &exchange, Members &members, pg::Errors &errors);

/* Returns the strings in a list. Adds an error for each element of another type. */
pg::Names strings_in(const JsonbValue &list, const char *member, pg::Errors &errors);

enum class Step { Any, Erasure };

/*
 * Whether the retirement of this user is in a state in which a step of that kind runs. If it is not, the
 * answer says so. Raises PT404 if there is no retirement; one of a user whose name differs in the case
 * of letters does not count.
 */
bool is_in_step(Exchange &exchange, const text *username, Step step);

} // namespace opigno::gateway
