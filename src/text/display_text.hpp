/* Texts that are shown to people: display names, names of apps and of fields, descriptions. */
#pragma once

#include "pg/error.hpp"

#include <string_view>

namespace opigno::texts {

/* A display text has 1 to 255 characters, not all of them white space. */
enum class DisplayTextFlaw { None, TooLong, NotUnicode, Blank };

DisplayTextFlaw flaw_of_display_text(std::string_view value);

/* Returns the text that follows the member's name in a message, as "must not be blank"; nullptr for
 * None. */
const char *words_of(DisplayTextFlaw flaw);

/* Returns the value. Adds an error (22023) unless the value is a display text or nullptr. */
text *checked_display_text(text *value, const char *member, pg::Errors &errors);

/* Returns the value. Adds an error (22023) if it has more than 10,000 bytes: lists of apps and
 * fields contain the whole descriptions. */
text *checked_description(text *value, pg::Errors &errors);

} // namespace opigno::texts
