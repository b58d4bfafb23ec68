/* Reading JSON text. */
#pragma once

#include "pg/postgres.hpp"

#include <string_view>

namespace opigno::json {

/* What is wrong with a text, free of the text itself. */
struct Unreadable {
    int sqlstate;
    const char *message;
};

/* One JSON document as jsonb; nullptr and why where it is none. */
Jsonb *try_read_json(std::string_view text, Unreadable &why);

} // namespace opigno::json
