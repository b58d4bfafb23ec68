#include "pg/fault.hpp"

#include <algorithm>
#include <cstring>

namespace opigno::pg {

namespace {

/* "/3/displayName": entry 4's member; RFC 6901 escapes ~ and / inside a name. */
const char *json_pointer(std::int64_t ordinal, const char *member)
{
    StringInfoData path;
    initStringInfo(&path);
    if (ordinal > 0)
        appendStringInfo(&path, "/" INT64_FORMAT, ordinal - 1);
    if (member == nullptr)
        return path.data;
    appendStringInfoChar(&path, '/');
    for (const char *at = member; *at != '\0'; ++at) {
        if (*at == '~')
            appendStringInfoString(&path, "~0");
        else if (*at == '/')
            appendStringInfoString(&path, "~1");
        else
            appendStringInfoChar(&path, *at);
    }
    return path.data;
}

} // namespace

void Faults::add(int sqlstate, const char *member, const char *format, ...)
{
    StringInfoData message;
    initStringInfo(&message);
    for (;;) {
        va_list arguments;
        va_start(arguments, format);
        const int missing = appendStringInfoVA(&message, format, arguments);
        va_end(arguments);
        if (missing == 0)
            break;
        enlargeStringInfo(&message, missing);
    }
    faults_.push_back({sqlstate, ordinal_, json_pointer(ordinal_, member), message.data, nullptr});
}

void Faults::hint(const char *sentence)
{
    faults_[faults_.size() - 1].hint = sentence;
}

void Faults::sort()
{
    std::sort(faults_.begin(), faults_.end(), [](const Fault &left, const Fault &right) {
        if (left.ordinal != right.ordinal)
            return left.ordinal < right.ordinal;
        const int order = std::strcmp(left.path, right.path);
        return order != 0 ? order < 0 : std::strcmp(left.message, right.message) < 0;
    });
}

void Faults::raise() const
{
    if (faults_.empty())
        return;
    StringInfoData others;
    initStringInfo(&others);
    const char *hint = nullptr;
    for (const Fault &fault : faults_) {
        if (hint == nullptr)
            hint = fault.hint;
        if (&fault != faults_.begin())
            appendStringInfo(&others, "%sAlso: %s.", others.len > 0 ? "\n" : "", fault.message);
    }
    const Fault &first = faults_[0];
    ereport(ERROR, errcode(first.sqlstate), errmsg_internal("%s", first.message),
            others.len > 0 ? errdetail_internal("%s", others.data) : 0,
            hint != nullptr ? errhint("%s", hint) : 0);
}

} // namespace opigno::pg
