/*
 * Splits the body of a bulk request into its entries without reading them: {"profiles": [...]}, a bare array,
 * or lines (NDJSON). What an entry is good for its reader says; here it only ends where its brackets and
 * strings do. Pure: knows no PostgreSQL.
 */
#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>

namespace opigno::json {

class EntrySplitter {
  public:
    /* list: the member of the document that holds the entries. poll is called at least every 64 kB. */
    EntrySplitter(std::string_view body, std::string_view list, void (*poll)())
        : body_(body), poll_(poll), next_poll_(poll_after)
    {
        begin(list);
    }

    /* False at the end, and at a flaw. */
    bool next(std::string_view &entry)
    {
        if (is_done_ || flaw_ != nullptr)
            return false;
        return is_lines_ ? next_line(entry) : next_element(entry);
    }

    /* What ends the body too soon, or nullptr. */
    [[nodiscard]] const char *flaw() const { return flaw_; }
    /* How many bytes were gone through. */
    [[nodiscard]] std::size_t position() const { return at_; }

  private:
    static constexpr std::size_t poll_after = 65536;

    void begin(std::string_view list)
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

    /* Goes behind the bracket that opens the list, if the body begins as the document does. */
    bool is_document(std::string_view list)
    {
        const std::size_t start = at_;
        if (take('{') && take('"') && body_.size() - at_ >= list.size() &&
            part(at_, at_ + list.size()) == list) {
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

    /* As substr(), which could throw. */
    [[nodiscard]] std::string_view part(std::size_t from, std::size_t to) const
    {
        return {body_.data() + from, to - from};
    }

    /* The character behind white space. */
    bool take(char wanted)
    {
        skip_space();
        if (!is_at(wanted))
            return false;
        ++at_;
        return true;
    }
    [[nodiscard]] bool is_at(char wanted) const { return at_ < body_.size() && body_[at_] == wanted; }
    void skip_space()
    {
        while (at_ < body_.size() && is_space(body_[at_])) {
            ++at_;
            check_poll();
        }
    }
    static bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

    void check_poll()
    {
        if (at_ < next_poll_)
            return;
        next_poll_ = at_ + poll_after;
        poll_();
    }

    bool next_line(std::string_view &entry)
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

    bool next_element(std::string_view &entry)
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

    void end_list()
    {
        is_done_ = true;
        if (is_document_ && !take('}'))
            flaw_ = "the document has other members than its list";
        skip_space();
        if (flaw_ == nullptr && at_ < body_.size())
            flaw_ = "something follows the list of entries";
    }

    /* False where the body ends first. */
    bool skip_value()
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
    bool skip_scalar()
    {
        while (at_ < body_.size() && body_[at_] != ',' && body_[at_] != ']' && !is_space(body_[at_])) {
            ++at_;
            check_poll();
        }
        return true;
    }
    bool skip_string()
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

    /* To this character, or the end. */
    void go_to(char wanted)
    {
        while (at_ < body_.size()) {
            const std::size_t some = body_.size() - at_ < poll_after ? body_.size() - at_ : poll_after;
            const void *found = std::memchr(body_.data() + at_, wanted, some);
            if (found != nullptr) {
                at_ = static_cast<std::size_t>(static_cast<const char *>(found) - body_.data());
                return;
            }
            at_ += some;
            check_poll();
        }
    }

    std::string_view body_;
    void (*poll_)();
    std::size_t at_ = 0;
    std::size_t next_poll_;
    const char *flaw_ = nullptr;
    bool is_lines_ = false;
    bool is_document_ = false;
    bool is_first_ = true;
    bool is_done_ = false;
};

} // namespace opigno::json
