/*
 * Splits the body of a bulk request into its entries without parsing them. The body is {"profiles":
 * [...]}, a bare array, or lines (NDJSON). The end of an entry is found by its brackets and
 * strings; the entry itself may be invalid JSON. Does not depend on PostgreSQL.
 */
#pragma once

#include "json/value/host.hpp"

#include <string_view>
#include <type_traits>

namespace opigno::json {

class EntrySplitter {
  public:
    /* list: the member of the document that holds the entries. Calls poll at least every 64 kB. */
    EntrySplitter(std::string_view body, std::string_view list, void (*poll)() = json::poll);

    /* Returns false at the end, and at a flaw. */
    bool next(std::string_view &entry);

    /* What is malformed in the body, or nullptr. */
    [[nodiscard]] const char *flaw() const { return flaw_; }
    /* The number of bytes that have been read. */
    [[nodiscard]] std::size_t position() const { return at_; }

  private:
    void begin(std::string_view list);
    /* Moves to the list's first entry if the body begins as the document does. */
    bool is_document(std::string_view list);
    /* Does what substr() does, which could throw. */
    [[nodiscard]] std::string_view part(std::size_t from, std::size_t to) const;
    /* Moves past white space, and past the character if it follows. */
    bool take(char wanted);
    [[nodiscard]] bool is_at(char wanted) const;
    void skip_space();
    void check_poll();
    bool next_line(std::string_view &entry);
    bool next_element(std::string_view &entry);
    void end_list();
    /* Returns false if the body ends first. */
    bool skip_value();
    bool skip_scalar();
    bool skip_string();
    /* Moves to the character, or to the end. */
    void go_to(char wanted);

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

static_assert(std::is_trivially_destructible_v<EntrySplitter>);

} // namespace opigno::json
