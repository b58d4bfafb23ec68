#include "json/text/entry_splitter.hpp"

#include "json/text/string_text.hpp"
#include "json/text/syntax_error.hpp"

namespace opigno::json {

EntrySplitter::EntrySplitter(std::string_view body, std::string_view list, void (*poll)(), BodyForm form)
    : scanner_(body, poll), list_(list), is_lines_(form == BodyForm::Lines), may_go_on_(!is_lines_)
{
    if (!is_lines_)
        begin();
}

bool EntrySplitter::next(std::string_view &entry)
{
    if (is_done_ || flaw_.kind != BodyFlaw::Kind::None)
        return false;
    return is_lines_ ? next_line(entry) : next_element(entry);
}

void EntrySplitter::begin()
{
    if (scanner_.is_at(byte_order_mark))
        scanner_.move_to(byte_order_mark.size());
    if (scanner_.take('['))
        return;
    is_document_ = is_document();
    is_lines_ = !is_document_;
}

bool EntrySplitter::is_document()
{
    const std::size_t start = scanner_.position();
    std::string_view name;
    if (scanner_.take('{')) {
        scanner_.skip_space();
        const std::size_t name_at = scanner_.position();
        if (scanner_.read_string(name) && scanner_.take(':') && is_list(name, name_at))
            return true;
    }
    scanner_.move_to(start);
    return false;
}

/* name: of the document's first member, whose value follows. A body that has nothing but another
 * list is no entry. */
bool EntrySplitter::is_list(std::string_view name, std::size_t start)
{
    if (unescaped(name) == list_)
        return scanner_.take('[') || fail(BodyFlaw::Kind::NoList, nullptr, start);
    scanner_.skip_space();
    if (!scanner_.is_at('[') || !scanner_.skip_value() || !scanner_.take('}'))
        return false;
    scanner_.skip_space();
    return scanner_.is_at_end() && fail(BodyFlaw::Kind::OtherList, nullptr, start);
}

bool EntrySplitter::next_line(std::string_view &entry)
{
    scanner_.skip_space();
    if (scanner_.is_at_end()) {
        is_done_ = true;
        return false;
    }
    const std::size_t start = scanner_.position();
    scanner_.go_to('\n');
    std::size_t end = scanner_.position();
    entry = scanner_.part(start, end);
    while (is_space(entry.back()))
        entry.remove_suffix(1);
    end = start + entry.size();
    if (may_go_on_ && entry.back() != '}' && goes_on(start, end))
        return fail(BodyFlaw::Kind::SplitEntry, "the entry does not end on its line", end);
    return true;
}

/* The next line belongs to the entry if both together are valid JSON, or would be if more
 * followed. */
bool EntrySplitter::goes_on(std::size_t start, std::size_t end)
{
    if (!find_syntax_error(scanner_.part(start, end)).is_end)
        return false;
    TextScanner ahead = scanner_;
    ahead.skip_space();
    if (ahead.is_at_end())
        return false;
    ahead.go_to('\n');
    const SyntaxError error = find_syntax_error(scanner_.part(start, ahead.position()));
    return error.reason == nullptr || error.is_end;
}

bool EntrySplitter::next_element(std::string_view &entry)
{
    if (!find_element())
        return false;
    is_first_ = false;
    const std::size_t start = scanner_.position();
    if (!scanner_.skip_value()) {
        const SyntaxError error = find_syntax_error(scanner_.part(start, scanner_.position()));
        return fail(BodyFlaw::Kind::Entry, error.reason != nullptr ? error.reason : "the entry is not closed",
                    start + error.at);
    }
    if (scanner_.position() == start)
        return fail(BodyFlaw::Kind::Body, "an entry is missing", start);
    entry = scanner_.part(start, scanner_.position());
    return true;
}

/* Moves to the next entry. Returns false if there is none, and at a flaw. */
bool EntrySplitter::find_element()
{
    if (scanner_.take(']')) {
        end_list();
        return false;
    }
    const std::size_t comma = scanner_.position();
    const bool is_separated = is_first_ || scanner_.take(',');
    if (!is_separated && !scanner_.is_at_end())
        return fail(BodyFlaw::Kind::Body, "a comma is missing between two entries", comma);
    scanner_.skip_space();
    if (scanner_.is_at_end())
        return fail(BodyFlaw::Kind::Body, "the list of entries is not closed", scanner_.position());
    return !scanner_.is_at(']') || fail(BodyFlaw::Kind::Body, trailing_comma, comma);
}

void EntrySplitter::end_list()
{
    is_done_ = true;
    if (is_document_ && !end_document())
        return;
    scanner_.skip_space();
    if (!scanner_.is_at_end())
        fail(BodyFlaw::Kind::Body, "something follows the list of entries", scanner_.position());
}

bool EntrySplitter::end_document()
{
    if (scanner_.take('}'))
        return true;
    const std::size_t comma = scanner_.position();
    if (!scanner_.take(','))
        return fail(BodyFlaw::Kind::Body, "the object that holds the list is not closed", comma);
    scanner_.skip_space();
    if (scanner_.is_at('}'))
        return fail(BodyFlaw::Kind::Body, trailing_comma, comma);
    const std::size_t start = scanner_.position();
    std::string_view name;
    if (scanner_.read_string(name))
        return unescaped(name) == list_
                   ? fail(BodyFlaw::Kind::SecondList, nullptr, start)
                   : fail(BodyFlaw::Kind::Body, "the document has other members than its list", start);
    return fail(BodyFlaw::Kind::Body, "the object that holds the list is not closed", start);
}

bool EntrySplitter::fail(BodyFlaw::Kind kind, const char *reason, std::size_t at)
{
    flaw_ = {kind, reason, at};
    return false;
}

} // namespace opigno::json
