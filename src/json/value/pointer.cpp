#include "json/value/pointer.hpp"

namespace opigno::json {

void append_member(StringInfo pointer, std::string_view name)
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
