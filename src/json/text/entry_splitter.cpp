#include "json/text/entry_splitter.hpp"

#include <cstring>

namespace opigno::json {

namespace {

constexpr std::size_t poll_after = 65536;

bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

} // namespace

EntrySplitter::EntrySplitter(std::string_view body, std::string_view list, void (*poll)())
    : body_(body), poll_(poll), next_poll_(poll_after)
{
    begin(list);
}

bool EntrySplitter::next(std::string_view &entry)
{
    if (is_done_ || flaw_ != nullptr)
        return false;
    return is_lines_ ? next_line(entry) : next_element(entry);
}

void EntrySplitter::begin(std::string_view list)
{
    skip_space();
    if (is_at('[')) {
        ++at_;
    } else if (is_document(list)) {
        is_document_ = true;
    } else {
        is_lines_ = true;
    }
}

bool EntrySplitter::is_document(std::string_view list)
{
    const std::size_t start = at_;
    if (take('{') && take('"') && body_.size() - at_ >= list.size() && part(at_, at_ + list.size()) == list) {
        at_ += list.size();
        if (is_at('"')) {
            ++at_;
            if (take(':') && take('['))
                return true;
        }
    }
    at_ = start;
    return false;
}

std::string_view EntrySplitter::part(std::size_t from, std::size_t to) const
{
    return {body_.data() + from, to - from};
}

bool EntrySplitter::take(char wanted)
{
    skip_space();
    if (!is_at(wanted))
        return false;
    ++at_;
    return true;
}

bool EntrySplitter::is_at(char wanted) const
{
    return at_ < body_.size() && body_[at_] == wanted;
}

void EntrySplitter::skip_space()
{
    while (at_ < body_.size() && is_space(body_[at_])) {
        ++at_;
        check_poll();
    }
}

void EntrySplitter::check_poll()
{
    if (at_ < next_poll_)
        return;
    next_poll_ = at_ + poll_after;
    poll_();
}

bool EntrySplitter::next_line(std::string_view &entry)
{
    skip_space();
    if (at_ == body_.size()) {
        is_done_ = true;
        return false;
    }
    const std::size_t start = at_;
    go_to('\n');
    std::size_t end = at_;
    while (end > start && is_space(body_[end - 1]))
        --end;
    entry = part(start, end);
    return true;
}

bool EntrySplitter::next_element(std::string_view &entry)
{
    if (is_first_ ? take(']') : !take(',')) {
        if (!is_first_ && !take(']'))
            flaw_ = at_ == body_.size() ? "the list of entries is not closed"
                                        : "a comma is missing between two entries";
        else
            end_list();
        return false;
    }
    is_first_ = false;
    skip_space();
    const std::size_t start = at_;
    if (!skip_value()) {
        flaw_ = "an entry is not closed";
        return false;
    }
    if (at_ == start) {
        flaw_ = "an entry is missing";
        return false;
    }
    entry = part(start, at_);
    return true;
}

void EntrySplitter::end_list()
{
    is_done_ = true;
    if (is_document_ && !take('}'))
        flaw_ = "the document has other members than its list";
    skip_space();
    if (flaw_ == nullptr && at_ < body_.size())
        flaw_ = "something follows the list of entries";
}

bool EntrySplitter::skip_value()
{
    if (at_ == body_.size())
        return false;
    if (body_[at_] != '{' && body_[at_] != '[')
        return body_[at_] == '"' ? skip_string() : skip_scalar();
    std::size_t depth = 0;
    while (at_ < body_.size()) {
        const char c = body_[at_];
        if (c == '"') {
            if (!skip_string())
                return false;
            continue;
        }
        ++at_;
        check_poll();
        if (c == '{' || c == '[')
            ++depth;
        else if ((c == '}' || c == ']') && --depth == 0)
            return true;
    }
    return false;
}

bool EntrySplitter::skip_scalar()
{
    while (at_ < body_.size() && body_[at_] != ',' && body_[at_] != ']' && !is_space(body_[at_])) {
        ++at_;
        check_poll();
    }
    return true;
}

bool EntrySplitter::skip_string()
{
    const std::size_t start = at_++;
    for (;;) {
        go_to('"');
        if (at_ == body_.size())
            return false;
        std::size_t before = at_++;
        check_poll();
        while (body_[before - 1] == '\\' && before - 1 > start)
            --before;
        if ((at_ - 1 - before) % 2 == 0)
            return true;
    }
}

void EntrySplitter::go_to(char wanted)
{
    while (at_ < body_.size()) {
        const std::size_t size = body_.size() - at_ < poll_after ? body_.size() - at_ : poll_after;
        const void *found = std::memchr(body_.data() + at_, wanted, size);
        if (found != nullptr) {
            at_ = static_cast<std::size_t>(static_cast<const char *>(found) - body_.data());
            return;
        }
        at_ += size;
        check_poll();
    }
}

} // namespace opigno::json
