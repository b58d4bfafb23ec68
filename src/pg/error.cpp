#include "pg/error.hpp"

#include "pg/pointer.hpp"

#include <algorithm>
#include <cstdarg>
#include <cstring>

namespace opigno::pg {

namespace {

/* The errors that raise() raised last. Its memory lives as long as the backend: an error can end
 * every other. */
MemoryContext raised_memory = nullptr;
std::span<const Error> raised;

void keep(std::span<const Error> errors)
{
    if (raised_memory == nullptr)
        raised_memory =
            AllocSetContextCreateInternal(TopMemoryContext, "opigno raised errors", ALLOCSET_SMALL_SIZES);
    forget_raised_errors();
    MemoryContext previous = MemoryContextSwitchTo(raised_memory);
    auto *copies = static_cast<Error *>(palloc(errors.size() * sizeof(Error)));
    for (std::size_t at = 0; at < errors.size(); ++at) {
        const Error &error = errors[at];
        copies[at] = {error.sqlstate, pstrdup(error.path), pstrdup(error.message)};
        copies[at].hint = error.hint == nullptr ? nullptr : pstrdup(error.hint);
    }
    MemoryContextSwitchTo(previous);
    raised = {copies, errors.size()};
}

std::string_view first_member(std::string_view path)
{
    return path.substr(0, path.find('/', 1));
}

bool comes_before(const Error &left, const Error &right)
{
    return first_member(left.path) < first_member(right.path);
}

} // namespace

const char *Errors::path_to(const char *member) const
{
    if (member == nullptr)
        return "";
    const char *path = pointer_to(member);
    return element_ < 0 ? path : psprintf("%s/%d", path, element_);
}

void Errors::add(int sqlstate, const char *member, const char *format, ...)
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
    errors_.push_back({sqlstate, path_to(member), pstrdup(message)});
}

void Errors::add(const Error &error)
{
    if (is_full())
        ++left_out_;
    else
        errors_.push_back(error);
}

void Errors::hint(const char *sentence)
{
    if (left_out_ == 0)
        errors_[errors_.size() - 1].hint = sentence;
}

/* An insertion sort: it is stable, and there are few errors. */
void Errors::sort()
{
    for (Error *next = errors_.begin(); next != errors_.end(); ++next)
        std::rotate(std::upper_bound(errors_.begin(), next, *next, comes_before), next, next + 1);
}

void Errors::raise() const
{
    if (errors_.empty())
        return;
    keep(all());
    StringInfoData others;
    initStringInfo(&others);
    const std::size_t shown = std::min(errors_.size(), max_in_detail + 1);
    for (std::size_t at = 1; at < shown; ++at)
        appendStringInfo(&others, "%sAlso: %s.", at > 1 ? "\n" : "", errors_[at].message);
    if (const std::size_t more = errors_.size() - shown + left_out_; more > 0)
        appendStringInfo(&others, "\nAnd %zu more.", more);
    const Error *hinting = std::find_if(errors_.begin(), errors_.end(),
                                        [](const Error &error) { return error.hint != nullptr; });
    const Error &first = errors_[0];
    ereport(ERROR, errcode(first.sqlstate), errmsg_internal("%s", first.message),
            others.len > 0 ? errdetail_internal("%s", others.data) : 0,
            hinting != errors_.end() ? errhint("%s", hinting->hint) : 0);
}

void forget_raised_errors()
{
    raised = {};
    if (raised_memory != nullptr)
        MemoryContextReset(raised_memory);
}

std::span<const Error> raised_with(const ErrorData &error)
{
    const bool is_last = !raised.empty() && raised[0].sqlstate == error.sqlerrcode &&
                         std::strcmp(raised[0].message, error.message) == 0;
    return is_last ? raised : std::span<const Error>();
}

} // namespace opigno::pg
