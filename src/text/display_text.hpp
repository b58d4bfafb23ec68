/* Texts that are shown to people: display names, names of apps and of fields, descriptions. */
#pragma once

#include "pg/error.hpp"

#include <string_view>

namespace opigno::texts {

/* A display text has 1 to 255 characters, not all of them white space. */
enum class DisplayTextFlaw { None, TooLong, NotUnicode, Blank };

DisplayTextFlaw flaw_of_display_text(std::string_view value);

/* What follows the name of a member in a message: "must not be blank". nullptr for None. */
const char *words_of(DisplayTextFlaw flaw);

/* The value. One error (22023) unless it is a display text or NULL. */
text *checked_display_text(text *value, const char *member, pg::Errors &errors);

/* The value. One error (22023) where it has more than 10,000 bytes: lists show descriptions whole. */
text *checked_description(text *value, pg::Errors &errors);

} // namespace opigno::texts
