#include "pg/pointer.hpp"

namespace opigno::pg {

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

const char *pointer_to(std::string_view member)
{
    StringInfoData pointer;
    initStringInfo(&pointer);
    append_member(&pointer, member);
    return pointer.data;
}

const char *member_at(std::string_view pointer)
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
