/*
 * Moves over the values of a JSON text without checking them: the end of a value is found by its
 * brackets and strings. Does not depend on PostgreSQL.
 */
#pragma once

#include "json/value/host.hpp"

#include <string_view>
#include <type_traits>

namespace opigno::json {

constexpr bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

class TextScanner {
  public:
    /* Calls poll at least every 64 kB. */
    explicit TextScanner(std::string_view json_text, void (*poll)() = json::poll)
        : text_(json_text), poll_(poll), next_poll_(poll_after)
    {
    }

    [[nodiscard]] std::size_t position() const { return at_; }
    void move_to(std::size_t position) { at_ = position; }
    [[nodiscard]] bool is_at_end() const { return at_ == text_.size(); }
    [[nodiscard]] bool is_at(char wanted) const { return !is_at_end() && text_[at_] == wanted; }
    [[nodiscard]] bool is_at(std::string_view wanted) const
    {
        return part(at_, text_.size()).starts_with(wanted);
    }

    /* Does what substr() does, which could throw. */
    [[nodiscard]] std::string_view part(std::size_t from, std::size_t to) const
    {
        return {text_.data() + from, to - from};
    }

    void skip_space();
    /* Moves past white space, and past the character if it follows. */
    bool take(char wanted);
    /* Moves to the character, or to the end. */
    void go_to(char wanted);
    /* Moves past a value. Returns false if the text ends first. */
    bool skip_value();
    /* Reads a string at the position, without its quotes. Returns false if there is none. */
    bool read_string(std::string_view &spelled);

  private:
    static constexpr std::size_t poll_after = 65536;

    void check_poll();
    bool skip_container();
    bool skip_string();
    bool skip_scalar();

    std::string_view text_;
    void (*poll_)();
    std::size_t at_ = 0;
    std::size_t next_poll_;
};

static_assert(std::is_trivially_destructible_v<TextScanner>);

/* Calls visit(spelled name, value) for each member of an object, or until it returns false. The text
 * is valid JSON. */
template <typename Visit> void each_member_text(std::string_view text, Visit visit)
{
    TextScanner scanner(text);
    if (!scanner.take('{'))
        return;
    do {
        scanner.skip_space();
        std::string_view name;
        if (!scanner.read_string(name))
            return;
        scanner.take(':');
        scanner.skip_space();
        const std::size_t start = scanner.position();
        scanner.skip_value();
        const std::string_view value = scanner.part(start, scanner.position());
        if constexpr (std::is_void_v<decltype(visit(name, value))>)
            visit(name, value);
        else if (!visit(name, value))
            return;
    } while (scanner.take(','));
}

/* Calls visit(element) for each element of an array. The text is valid JSON. */
template <typename Visit> void each_element_text(std::string_view text, Visit visit)
{
    TextScanner scanner(text);
    if (!scanner.take('[') || scanner.take(']'))
        return;
    do {
        scanner.skip_space();
        const std::size_t start = scanner.position();
        scanner.skip_value();
        visit(scanner.part(start, scanner.position()));
    } while (scanner.take(','));
}

} // namespace opigno::json
