/* JSON Pointers: RFC 6901. */
#pragma once

#include "pg/postgres.hpp"

#include <string_view>

namespace opigno::pg {

/* Appends "/name", with ~ and / in the name escaped. */
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

/* The pointer to a member of the whole document. */
inline const char *pointer_to(std::string_view member)
{
    StringInfoData pointer;
    initStringInfo(&pointer);
    append_member(&pointer, member);
    return pointer.data;
}

/* The name of that member; nullptr where the pointer leads further down, or to the whole document. */
inline const char *member_at(std::string_view pointer)
{
    if (pointer.empty() || pointer.find('/', 1) != std::string_view::npos)
        return nullptr;
    StringInfoData name;
    initStringInfo(&name);
    for (std::size_t at = 1; at < pointer.size(); ++at) {
        if (pointer[at] != '~') {
            appendStringInfoChar(&name, pointer[at]);
            continue;
        }
        ++at;
        appendStringInfoChar(&name, pointer[at] == '0' ? '~' : '/');
    }
    return name.data;
}

} // namespace opigno::pg
