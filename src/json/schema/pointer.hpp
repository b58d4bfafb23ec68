/* Writes JSON Pointers (RFC 6901). Does not depend on PostgreSQL. */
#pragma once

#include "json/value/small_vector.hpp"

#include <cstdint>
#include <string_view>

namespace opigno::json::schema {

class PointerText {
  public:
    void append(std::string_view text)
    {
        for (const char c : text)
            text_.add() = c;
    }
    void append_name(std::string_view name)
    {
        append("/");
        for (const char c : name) {
            if (c == '~')
                append("~0");
            else if (c == '/')
                append("~1");
            else
                text_.add() = c;
        }
    }
    void append_index(std::uint32_t index)
    {
        char digits[10];
        std::size_t size = 0;
        do
            digits[size++] = static_cast<char>('0' + index % 10);
        while ((index /= 10) > 0);
        append("/");
        while (size > 0)
            text_.add() = digits[--size];
    }
    [[nodiscard]] std::size_t size() const { return text_.size(); }
    /* A copy in allocate()'s memory, with a zero at its end. */
    [[nodiscard]] const char *copy() const
    {
        auto *made = static_cast<char *>(allocate(text_.size() + 1));
        for (std::size_t at = 0; at < text_.size(); ++at)
            made[at] = text_[at];
        made[text_.size()] = '\0';
        return made;
    }

  private:
    SmallVector<char, 200> text_;
};

static_assert(std::is_trivially_destructible_v<PointerText>);

} // namespace opigno::json::schema
