/* JSON Pointers: RFC 6901. */
#pragma once

#include "pg/postgres.hpp"

#include <string_view>

namespace opigno::json {

/* "/name", with ~ and / in the name escaped. */
inline void append_member(StringInfo pointer, std::string_view name)
{
    appendStringInfoChar(pointer, '/');
    for (const char c : name) {
        if (c == '~')
            appendStringInfoString(pointer, "~0");
        else if (c == '/')
            appendStringInfoString(pointer, "~1");
        else
            appendStringInfoChar(pointer, c);
    }
}

} // namespace opigno::json
