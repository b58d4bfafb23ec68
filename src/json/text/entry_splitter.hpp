/*
 * Splits the body of a bulk request into its entries without parsing them. The body is {"profiles":
 * [...]}, a bare array, or lines (NDJSON). A byte order mark at its head is skipped. The end of an
 * entry is found by its brackets and strings; the entry itself may be invalid JSON. Does not depend
 * on PostgreSQL.
 */
#pragma once

#include "json/text/text_scanner.hpp"

#include <string_view>
#include <type_traits>

namespace opigno::json {

/* What is malformed in a body. */
struct BodyFlaw {
    enum class Kind {
        None,
        Body,       /* outside of the entries */
        Entry,      /* in the entry after the last one that was read */
        SplitEntry, /* that entry is not on one line */
        SecondList, /* the member that holds the entries is there twice; no reason, as below */
        OtherList,  /* the document has one member, another list than that of the entries */
        NoList      /* the member that holds the entries is no list */
    };
    Kind kind = Kind::None;
    const char *reason = nullptr; /* constant */
    std::size_t at = 0;           /* the offset of the byte */
};

static_assert(std::is_trivially_destructible_v<BodyFlaw>);

/* Found: the body says itself what it is. Lines: each line that is not blank is an entry, whatever is in it.
 */
enum class BodyForm { Found, Lines };

class EntrySplitter {
  public:
    /* list: the member of the document that holds the entries. Calls poll at least every 64 kB. */
    EntrySplitter(std::string_view body, std::string_view list, void (*poll)() = json::poll,
                  BodyForm form = BodyForm::Found);

    /* Returns false at the end, and at a flaw. */
    bool next(std::string_view &entry);

    [[nodiscard]] const BodyFlaw &flaw() const { return flaw_; }
    [[nodiscard]] bool is_lines() const { return is_lines_; }
    /* The number of bytes that have been read. */
    [[nodiscard]] std::size_t position() const { return scanner_.position(); }

  private:
    void begin();
    /* Moves to the list's first entry if the body begins as the document does. */
    bool is_document();
    bool is_list(std::string_view name, std::size_t start);
    bool next_line(std::string_view &entry);
    /* Whether the entry in the line [start, end) goes on in the next line. */
    bool goes_on(std::size_t start, std::size_t end);
    bool next_element(std::string_view &entry);
    bool find_element();
    void end_list();
    bool end_document();
    bool fail(BodyFlaw::Kind kind, const char *reason, std::size_t at);

    TextScanner scanner_;
    std::string_view list_;
    BodyFlaw flaw_;
    bool is_lines_;
    bool may_go_on_; /* an entry that goes on in the next line is a flaw */
    bool is_document_ = false;
    bool is_first_ = true;
    bool is_done_ = false;
};

static_assert(std::is_trivially_destructible_v<EntrySplitter>);

} // namespace opigno::json
