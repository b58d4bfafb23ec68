/* Texts that are shown to people: display names, names of apps and of fields, descriptions. */
#pragma once

#include "pg/error.hpp"

#include <string_view>

namespace opigno::texts {

/* A display text has 1 to 255 characters, at least one of them visible, and no bidirectional control
 * character, which could make it look like another text. */
enum class DisplayTextFlaw { None, TooLong, NotUnicode, Blank, Bidirectional };

DisplayTextFlaw flaw_of_display_text(std::string_view value);

/* The same for the name of something that may be stored already, and must stay usable: it has 1 to
 * 255 characters, not all of them white space. */
DisplayTextFlaw flaw_of_stored_name(std::string_view value);

/* Returns the text that follows the member's name in a message, as "must not be blank"; nullptr for
 * None. */
const char *words_of(DisplayTextFlaw flaw);

/* Return the value. Add an error (22023) unless the value is such a text or nullptr. */
text *checked_display_text(text *value, const char *member, pg::Errors &errors);
text *checked_stored_name(text *value, const char *member, pg::Errors &errors);

/* Returns the value. Adds an error (22023) if it has more than 10,000 bytes: lists of apps and
 * fields contain the whole descriptions. */
text *checked_description(text *value, pg::Errors &errors);

} // namespace opigno::texts
