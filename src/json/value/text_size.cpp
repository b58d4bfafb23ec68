#include "json/value/text_size.hpp"

#include "json/value/jsonb_format.hpp"
#include "json/value/small_vector.hpp"

#include <algorithm>

namespace opigno::json {

namespace {

std::uint16_t half_word(const char *at)
{
    std::uint16_t value = 0;
    std::memcpy(&value, at, sizeof value);
    return value;
}

/* The decimal digits before the point. digits: those of numeric, each of which is four decimal
 * ones; weight: the number of them between the first one and the point. */
std::uint32_t integer_digits(std::int32_t weight, std::string_view digits)
{
    if (weight < 0 || digits.empty())
        return 1;
    const std::uint16_t first = half_word(digits.data());
    return 4 * static_cast<std::uint32_t>(weight) + 1 + static_cast<std::uint32_t>(first >= 10) +
           static_cast<std::uint32_t>(first >= 100) + static_cast<std::uint32_t>(first >= 1000);
}

constexpr std::uint64_t every_byte = 0x0101010101010101;

constexpr bool has_zero(std::uint64_t bytes)
{
    return ((bytes - every_byte) & ~bytes & (every_byte * 0x80)) != 0;
}

/* Whether one of eight bytes is written as an escape: a control character, a quote or a backslash. */
constexpr bool have_escape(std::uint64_t bytes)
{
    const std::uint64_t control = (bytes - every_byte * 0x20) & ~bytes & (every_byte * 0x80);
    return control != 0 || has_zero(bytes ^ every_byte * '"') || has_zero(bytes ^ every_byte * '\\');
}

/* The bytes that an escape adds to the character's own byte: \n adds one, \u0001 adds five. */
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

std::uint32_t added_for_eight(std::uint64_t bytes)
{
    std::uint32_t added = 0;
    for (; bytes != 0; bytes >>= 8U)
        added += added_for(static_cast<unsigned char>(bytes));
    return added;
}

/* The bytes that escapes add to a string. */
std::uint64_t added_for(std::string_view string)
{
    constexpr std::uint64_t blanks = every_byte * ' ';
    std::uint64_t added = 0;
    const char *at = string.data();
    const char *end = at + string.size();
    for (; end - at >= 8; at += 8)
        if (const std::uint64_t bytes = two_words(at); have_escape(bytes))
            for (int place = 0; place < 8; ++place)
                added += added_for(static_cast<unsigned char>(at[place]));
    std::uint64_t rest = blanks;
    copy_bytes(reinterpret_cast<char *>(&rest), at, string.size() % 8);
    return have_escape(rest) ? added + added_for_eight(rest) : added;
}

/* Whole: measure the whole document; otherwise only its numbers. */
template <bool Whole> class TextMeasure {
  public:
    TextSize measure(const char *root)
    {
        begin(root);
        while (!frames_.empty()) {
            if (const char *inner = take_values(frames_.back()); inner != nullptr)
                begin(inner);
            else
                frames_.pop_back();
        }
        return size_;
    }

  private:
    /* A container that is being measured. */
    struct Frame {
        const char *container;
        std::uint32_t count; /* of its entries */
        std::uint32_t at;    /* the next one, and where it starts */
        std::uint32_t start;
    };

    void begin(const char *container)
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

    /* Measures values up to a container within this one, and returns that; nullptr: all are
     * measured. */
    const char *take_values(Frame &frame)
    {
        const Entries entries(frame.container, frame.count);
        const char *data = entries.data();
        while (frame.at < frame.count) {
            poll();
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
            poll();
            size += added_for(std::string_view(string.data(), poll_after));
        }
        return size + added_for(string);
    }

    SmallVector<Frame, 16> frames_;
    TextSize size_;
};

static_assert(std::is_trivially_destructible_v<TextMeasure<true>>);

} // namespace

TextSize text_size(const char *container)
{
    return TextMeasure<true>().measure(container);
}

TextSize text_size_of_numbers(const char *container)
{
    return TextMeasure<false>().measure(container);
}

std::uint32_t size_of_number(std::string_view numeric)
{
    constexpr unsigned special = 0xC000;
    constexpr unsigned is_short = 0x8000;
    const unsigned header = half_word(numeric.data() + 4);
    const bool has_short_header = (header & is_short) != 0;
    std::uint32_t scale = 0;
    std::int32_t weight = 0;
    bool is_negative = false;
    if ((header & special) == special) {
        return header == 0xF000 ? 9 : header == 0xD000 ? 8 : 3; /* -Infinity, Infinity, NaN */
    } else if (has_short_header) {
        scale = header >> 7U & 0x3FU;
        weight = static_cast<std::int32_t>(header & 0x3FU) - static_cast<std::int32_t>(header & 0x40U);
        is_negative = (header & 0x2000U) != 0;
    } else {
        scale = header & 0x3FFFU;
        weight = static_cast<std::int16_t>(half_word(numeric.data() + 6));
        is_negative = (header & 0x4000U) != 0;
    }
    const char *digits = numeric.data() + (has_short_header ? 6 : 8);
    const char *end = numeric.data() + numeric.size();
    return static_cast<std::uint32_t>(is_negative) +
           integer_digits(weight, {digits, static_cast<std::size_t>(end - digits)}) +
           (scale > 0 ? 1 + scale : 0);
}

} // namespace opigno::json
