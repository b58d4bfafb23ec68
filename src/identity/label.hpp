/* Names for people: display names, names of apps. */
#pragma once

#include "pg/error.hpp"
#include "pg/postgres.hpp"

namespace opigno::identity {

/* 1 to 255 characters, not all of them white space. One fault (22023) if not; NULL is none. */
text *checked_label(text *value, const char *member, pg::Faults &faults);

/* At most 10,000 bytes: everybody's lists show it. One fault (22023) if not; NULL is none. */
text *checked_description(text *value, pg::Faults &faults);

} // namespace opigno::identity
