#include "json/text/text_scanner.hpp"

#include <cstring>

namespace opigno::json {

void TextScanner::skip_space()
{
    while (at_ < text_.size() && is_space(text_[at_])) {
        ++at_;
        check_poll();
    }
}

bool TextScanner::take(char wanted)
{
    skip_space();
    if (!is_at(wanted))
        return false;
    ++at_;
    return true;
}

void TextScanner::check_poll()
{
    if (at_ < next_poll_)
        return;
    next_poll_ = at_ + poll_after;
    poll_();
}

bool TextScanner::skip_value()
{
    if (is_at_end())
        return false;
    if (is_at('{') || is_at('['))
        return skip_container();
    return is_at('"') ? skip_string() : skip_scalar();
}

bool TextScanner::skip_container()
{
    std::size_t depth = 0;
    while (!is_at_end()) {
        const char c = text_[at_];
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

bool TextScanner::skip_scalar()
{
    while (!is_at_end() && !is_at(',') && !is_at(']') && !is_at('}') && !is_space(text_[at_])) {
        ++at_;
        check_poll();
    }
    return true;
}

bool TextScanner::skip_string()
{
    const std::size_t start = at_++;
    for (;;) {
        go_to('"');
        if (is_at_end())
            return false;
        std::size_t before = at_++;
        check_poll();
        while (text_[before - 1] == '\\' && before - 1 > start)
            --before;
        if ((at_ - 1 - before) % 2 == 0)
            return true;
    }
}

bool TextScanner::read_string(std::string_view &spelled)
{
    const std::size_t start = at_ + 1;
    if (!is_at('"') || !skip_string())
        return false;
    spelled = part(start, at_ - 1);
    return true;
}

void TextScanner::go_to(char wanted)
{
    while (!is_at_end()) {
        const std::size_t size = text_.size() - at_ < poll_after ? text_.size() - at_ : poll_after;
        const void *found = std::memchr(text_.data() + at_, wanted, size);
        if (found != nullptr) {
            at_ = static_cast<std::size_t>(static_cast<const char *>(found) - text_.data());
            return;
        }
        at_ += size;
        check_poll();
    }
}

} // namespace opigno::json
