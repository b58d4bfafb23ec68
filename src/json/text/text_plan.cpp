#include "json/text/text_plan.hpp"

#include "json/text/number_text.hpp"
#include "json/text/string_text.hpp"
#include "json/value/host.hpp"
#include "json/value/jsonb_format.hpp"

#include <algorithm>

namespace opigno::json {

namespace {

struct TextMember {
    TextNode key;
    TextNode value;
};

static_assert(sizeof(TextMember) == 2 * sizeof(TextNode) && std::is_trivially_destructible_v<TextMember>);

class TextPlanner {
  public:
    TextPlanner(std::string_view document, const Structure &structure, const Workspace &space)
        : text_(document.data()), text_end_(document.data() + document.size()), next_(structure.offsets),
          last_(structure.offsets + structure.count), open_(space.open), closed_(space.closed),
          strings_(space.strings)
    {
    }

    bool make()
    {
        for (;;) {
            Step step = read_value();
            while (step == Step::after_value) {
                if (depth_ == 0)
                    return next_ == last_;
                step = read_after_value();
            }
            if (step == Step::refuse)
                return false;
        }
    }

    [[nodiscard]] TextPlan plan() const { return {open_[-1], room_, has_repeats_}; }

  private:
    /* At this depth the server's own reader has enough stack under every setting. */
    static constexpr std::uint32_t max_depth = 128;

    enum class Step { value, after_value, refuse };

    /* A container that is not complete yet. */
    struct Frame {
        TextNode *first;
        bool is_object;
    };

    static bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

    /* The character at the structure's next place; 0 at the end. */
    [[nodiscard]] char peek() const { return next_ == last_ ? '\0' : text_[*next_]; }
    [[nodiscard]] const char *start_of_next() const { return next_ == last_ ? text_end_ : text_ + *next_; }

    TextNode &add(std::uint32_t kind, std::size_t room)
    {
        room_ += 4 + room;
        open_->kind = kind;
        return *open_++;
    }

    Step read_value()
    {
        if (next_ == last_)
            return Step::refuse;
        const char *at = text_ + *next_++;
        switch (*at) {
        case '"':
            return read_string(at, string_type) ? Step::after_value : Step::refuse;
        case '{':
            return open_object();
        case '[':
            return open_array();
        case 't':
            return read_literal(at, "true", true_type);
        case 'f':
            return read_literal(at, "false", false_type);
        case 'n':
            return read_literal(at, "null", null_type);
        default:
            return read_number(at);
        }
    }

    Step read_after_value()
    {
        const char c = peek();
        ++next_;
        const bool is_object = frames_[depth_ - 1].is_object;
        if (c == ',')
            return !is_object || read_key() ? Step::value : Step::refuse;
        if (c == (is_object ? '}' : ']'))
            return close();
        return Step::refuse;
    }

    bool enter(bool is_object)
    {
        poll();
        if (depth_ == max_depth)
            return false;
        frames_[depth_++] = {open_, is_object};
        return true;
    }

    Step open_object()
    {
        if (!enter(true))
            return Step::refuse;
        if (peek() != '}')
            return read_key() ? Step::value : Step::refuse;
        ++next_;
        return close();
    }

    Step open_array()
    {
        if (!enter(false))
            return Step::refuse;
        if (peek() != ']')
            return Step::value;
        ++next_;
        return close();
    }

    bool read_key()
    {
        if (peek() != '"')
            return false;
        const char *at = text_ + *next_++;
        const auto place = static_cast<std::uint32_t>(open_ - frames_[depth_ - 1].first);
        if (!read_string(at, place) || peek() != ':')
            return false;
        ++next_;
        return true;
    }

    /* Between the string's last quote and the structure's next place there is only white space. */
    bool read_string(const char *quote, std::uint32_t kind)
    {
        const char *end = start_of_next() - 1;
        while (end > quote && is_space(*end))
            --end;
        if (end == quote || *end != '"')
            return false;
        const std::string_view raw(quote + 1, static_cast<std::size_t>(end - quote - 1));
        TextNode &node = add(kind, raw.size());
        node.bytes = raw.data();
        node.size = static_cast<std::uint32_t>(raw.size());
        const char *slash = strings_ == nullptr ? nullptr : find_slash(raw);
        if (slash == nullptr)
            return true;
        char *written = write_unescaped(strings_, raw, slash);
        if (written == nullptr)
            return false;
        node.bytes = strings_;
        node.size = static_cast<std::uint32_t>(written - strings_);
        strings_ = written;
        return true;
    }

    /* A number or a literal ends before white space or the structure's next place. */
    [[nodiscard]] bool ends_well(const char *end) const { return end == start_of_next() || is_space(*end); }

    Step read_literal(const char *at, std::string_view word, Type type)
    {
        if (static_cast<std::size_t>(text_end_ - at) < word.size() ||
            std::memcmp(at, word.data(), word.size()) != 0 || !ends_well(at + word.size()))
            return Step::refuse;
        add(type, 0);
        return Step::after_value;
    }

    Step read_number(const char *at)
    {
        const NumberText number = scan_number(at, text_end_);
        if (number.end == nullptr || !ends_well(number.end))
            return Step::refuse;
        const auto size = static_cast<std::uint32_t>(number.end - at);
        TextNode &node = add(numeric_type | (number.is_plain ? 0U : by_server), 3 + room_of_number(size));
        node.bytes = at;
        node.size = size;
        return Step::after_value;
    }

    /* The children leave the open nodes, and the container takes their place. */
    Step close()
    {
        const Frame &frame = frames_[--depth_];
        auto size = static_cast<std::uint32_t>(open_ - frame.first);
        const TextNode *children = closed_;
        if (frame.is_object) {
            const std::uint32_t given = size / 2;
            size = close_members(frame.first, given);
            has_repeats_ = has_repeats_ || size != given;
            closed_ += std::size_t{2} * size;
        } else {
            closed_ = std::copy(frame.first, open_, closed_);
        }
        open_ = frame.first;
        TextNode &node = add(container_type | (frame.is_object ? has_members : 0U), 3 + 4);
        node.children = children;
        node.size = size;
        return Step::after_value;
    }

    static int order(const TextNode &left, const TextNode &right)
    {
        return compare_keys({left.bytes, left.size}, {right.bytes, right.size});
    }

    /* Sorts members into the closed nodes, and returns how many there are of different keys. */
    std::uint32_t close_members(TextNode *nodes, std::uint32_t count)
    {
        constexpr std::uint32_t max_insertion_sort = 24;
        auto *from = reinterpret_cast<TextMember *>(nodes);
        auto *to = reinterpret_cast<TextMember *>(closed_);
        if (count <= max_insertion_sort)
            return insert_members(from, count, to);
        std::sort(from, from + count, [](const TextMember &left, const TextMember &right) {
            const int difference = order(left.key, right.key);
            return difference < 0 || (difference == 0 && left.key.kind < right.key.kind);
        });
        std::uint32_t kept = 0;
        for (std::uint32_t at = 0; at < count; ++at)
            if (at + 1 == count || order(from[at].key, from[at + 1].key) != 0)
                to[kept++] = from[at];
        return kept;
    }

    static std::uint32_t insert_members(const TextMember *from, std::uint32_t count, TextMember *to)
    {
        std::uint32_t kept = 0;
        for (std::uint32_t at = 0; at < count; ++at) {
            std::uint32_t place = kept;
            int difference = 1;
            while (place > 0 && (difference = order(from[at].key, to[place - 1].key)) < 0)
                --place;
            if (place > 0 && difference == 0) {
                to[place - 1] = from[at];
                continue;
            }
            std::copy_backward(to + place, to + kept, to + kept + 1);
            to[place] = from[at];
            ++kept;
        }
        return kept;
    }

    const char *text_;
    const char *text_end_;
    const std::uint32_t *next_;
    const std::uint32_t *last_;
    TextNode *open_;   /* the end of the open nodes */
    TextNode *closed_; /* the end of the closed nodes */
    char *strings_;    /* the end of the strings */
    std::size_t room_ = 8;
    std::uint32_t depth_ = 0;
    bool has_repeats_ = false;
    Frame frames_[max_depth];
};

static_assert(std::is_trivially_destructible_v<TextPlanner>);

} // namespace

bool plan_text(std::string_view text, const Structure &structure, const Workspace &space, TextPlan &plan)
{
    TextPlanner planner(text, structure, space);
    if (!planner.make())
        return false;
    plan = planner.plan();
    return true;
}

} // namespace opigno::json
