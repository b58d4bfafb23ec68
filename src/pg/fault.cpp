#include "pg/fault.hpp"

#include <algorithm>
#include <cstdarg>
#include <cstring>

namespace opigno::pg {

namespace {

int compare_members(const char *left, const char *right)
{
    if (left == nullptr || right == nullptr)
        return static_cast<int>(left != nullptr) - static_cast<int>(right != nullptr);
    return std::strcmp(left, right);
}

bool comes_before(const Fault &left, const Fault &right)
{
    if (const int order = compare_members(left.member, right.member); order != 0)
        return order < 0;
    return left.element != right.element ? left.element < right.element
                                         : std::strcmp(left.message, right.message) < 0;
}

} // namespace

void Faults::add(int sqlstate, const char *member, const char *format, ...)
{
    if (is_full()) {
        ++left_out_;
        return;
    }
    char message[max_message];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    faults_.push_back({sqlstate, member, element_, pstrdup(message), nullptr});
}

void Faults::hint(const char *sentence)
{
    if (left_out_ == 0)
        faults_[faults_.size() - 1].hint = sentence;
}

void Faults::sort()
{
    std::sort(faults_.begin(), faults_.end(), comes_before);
}

void Faults::raise() const
{
    if (faults_.empty())
        return;
    StringInfoData others;
    initStringInfo(&others);
    const std::size_t shown = std::min(faults_.size(), max_in_detail + 1);
    for (std::size_t at = 1; at < shown; ++at)
        appendStringInfo(&others, "%sAlso: %s.", at > 1 ? "\n" : "", faults_[at].message);
    if (const std::size_t more = faults_.size() - shown + left_out_; more > 0)
        appendStringInfo(&others, "\nAnd %zu more.", more);
    const Fault *hinting = std::find_if(faults_.begin(), faults_.end(),
                                        [](const Fault &fault) { return fault.hint != nullptr; });
    const Fault &first = faults_[0];
    ereport(ERROR, errcode(first.sqlstate), errmsg_internal("%s", first.message),
            others.len > 0 ? errdetail_internal("%s", others.data) : 0,
            hinting != faults_.end() ? errhint("%s", hinting->hint) : 0);
}

} // namespace opigno::pg
