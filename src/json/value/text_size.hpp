/*
 * How long the text is that jsonb_out makes of a document, without making it. Pure: knows no PostgreSQL.
 */
#pragma once

#include "json/text/number_text.hpp"
#include "json/value/small_vector.hpp"

namespace opigno::json {

struct TextSize {
    std::uint64_t bytes = 0;
    std::uint32_t longest_number = 0; /* characters; 0: there is no number */
};

namespace escapes {

constexpr std::uint64_t every_byte = 0x0101010101010101;

constexpr bool has_zero(std::uint64_t bytes)
{
    return ((bytes - every_byte) & ~bytes & (every_byte * 0x80)) != 0;
}

/* Whether one of these eight bytes is written as an escape: a control character, a quote or a backslash. */
constexpr bool are_in(std::uint64_t bytes)
{
    const std::uint64_t control = (bytes - every_byte * 0x20) & ~bytes & (every_byte * 0x80);
    return control != 0 || has_zero(bytes ^ every_byte * '"') || has_zero(bytes ^ every_byte * '\\');
}

/* How many bytes an escape adds to a byte's own: \n, or \u0001. */
constexpr std::uint32_t added_for(unsigned char c)
{
    switch (c) {
    case '"':
    case '\\':
    case '\b':
    case '\f':
    case '\n':
    case '\r':
    case '\t':
        return 1;
    default:
        return c < ' ' ? 5 : 0;
    }
}

inline std::uint32_t added_for_eight(std::uint64_t bytes)
{
    std::uint32_t added = 0;
    for (; bytes != 0; bytes >>= 8U)
        added += added_for(static_cast<unsigned char>(bytes));
    return added;
}

/* How many bytes escapes add to a string. */
inline std::uint64_t added_for(std::string_view string)
{
    constexpr std::uint64_t blanks = every_byte * ' ';
    std::uint64_t added = 0;
    const char *at = string.data();
    const char *end = at + string.size();
    for (; end - at >= 8; at += 8)
        if (const std::uint64_t bytes = two_words(at); are_in(bytes))
            for (int place = 0; place < 8; ++place)
                added += added_for(static_cast<unsigned char>(at[place]));
    std::uint64_t rest = blanks;
    copy_bytes(reinterpret_cast<char *>(&rest), at, string.size() % 8);
    return are_in(rest) ? added + added_for_eight(rest) : added;
}

} // namespace escapes

/* Measures one document. */
template <typename Memory> class TextMeasure {
  public:
    explicit TextMeasure(Memory &memory) : memory_(memory), frames_(memory) {}

    /* container: the root's. */
    TextSize measure(const char *container) { return go_through<true>(container); }

    /* The same as far as bytes of numbers go: the text of all else is at most max_growth times as long as it.
     */
    TextSize measure_numbers(const char *container) { return go_through<false>(container); }

    static constexpr std::uint64_t max_growth = 6;

  private:
    /* A container that is gone through. */
    struct Frame {
        const char *container;
        std::uint32_t count; /* of its entries */
        std::uint32_t at;    /* the next one, and where it starts */
        std::uint32_t start;
    };

    template <bool Whole> TextSize go_through(const char *root)
    {
        size_ = {};
        begin<Whole>(root);
        while (!frames_.empty()) {
            if (const char *inner = take_values<Whole>(frames_.back()); inner != nullptr)
                begin<Whole>(inner);
            else
                frames_.pop_back();
        }
        return size_;
    }

    template <bool Whole> void begin(const char *container)
    {
        const std::uint32_t header = word(container);
        const std::uint32_t count = header & count_mask;
        const bool is_object = (header & object_flag) != 0;
        const Entries entries(container, is_object ? 2 * count : count);
        const std::uint32_t first = is_object ? count : 0;
        const std::uint32_t start = entries.start(first);
        if constexpr (Whole) {
            constexpr std::uint64_t separator = 2; /* a comma and a blank, a colon and a blank */
            constexpr std::uint64_t around = 2;    /* brackets, quotes */
            if ((header & scalar_flag) == 0)
                size_.bytes += around + (count > 0 ? separator * (count - 1) : 0);
            if (is_object)
                size_.bytes += (around + separator) * count + size_of_bytes({entries.data(), start});
        }
        frames_.add() = {container, entries.count(), first, start};
    }

    /* Up to a container within this one, which it gives; nullptr: up to the end. */
    template <bool Whole> const char *take_values(Frame &frame)
    {
        const Entries entries(frame.container, frame.count);
        const char *data = entries.data();
        while (frame.at < frame.count) {
            memory_.poll();
            const std::uint32_t entry = entries[frame.at];
            const std::uint32_t start = frame.start;
            const std::uint32_t end = entries.end(frame.at, start);
            ++frame.at;
            frame.start = end;
            switch (type_of(entry)) {
            case container_type:
                return data + aligned(start);
            case numeric_type:
                take_number({data + aligned(start), end - aligned(start)});
                break;
            case string_type:
                if constexpr (Whole)
                    size_.bytes += 2 + size_of_bytes({data + start, end - start});
                break;
            default:
                if constexpr (Whole)
                    size_.bytes += type_of(entry) == false_type ? 5 : 4; /* else true or null */
            }
        }
        return nullptr;
    }

    void take_number(std::string_view numeric)
    {
        const std::uint32_t size = size_of_number(numeric);
        size_.bytes += size;
        size_.longest_number = std::max(size_.longest_number, size);
    }

    std::uint64_t size_of_bytes(std::string_view string)
    {
        constexpr std::size_t poll_after = 65536;
        std::uint64_t size = string.size();
        for (; string.size() > poll_after; string.remove_prefix(poll_after)) {
            memory_.poll();
            size += escapes::added_for(std::string_view(string.data(), poll_after));
        }
        return size + escapes::added_for(string);
    }

    Memory &memory_;
    SmallVector<Frame, 16, Memory> frames_;
    TextSize size_;
};

} // namespace opigno::json
