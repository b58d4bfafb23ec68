/*
 * JSON as a tree in the current memory context, and its text, spelled at random. Keys and strings
 * are raw bytes until they are printed.
 */
#pragma once

#include "text/unicode.hpp"
#include "pg/vector.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>

namespace opigno::test {

/* splitmix64 */
class Random {
  public:
    explicit Random(std::uint64_t seed) : state_(seed) {}

    std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>((next() >> 32) % bound); }
    bool one_in(std::uint32_t chances) { return below(chances) == 0; }
    template <typename T, std::size_t N> const T &pick(const T (&items)[N])
    {
        return items[below(static_cast<std::uint32_t>(N))];
    }

  private:
    std::uint64_t next()
    {
        state_ += 0x9E3779B97F4A7C15;
        std::uint64_t value = state_;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    std::uint64_t state_;
};

struct Node;
struct Member {
    std::string_view key; /* of an object's */
    const Node *value;
};
struct Node {
    enum class Kind { Literal, String, Array, Object };

    Kind kind;
    std::string_view text; /* a literal as it is printed, a string's bytes */
    pg::Vector<Member> members;
};

inline Node *make(Node::Kind kind, std::string_view text = {})
{
    Node *node = static_cast<Node *>(palloc0(sizeof(Node)));
    *node = {kind, text, {}};
    return node;
}

inline std::string_view copy(std::string_view text)
{
    char *at = static_cast<char *>(palloc(text.size() + 1));
    std::copy(text.begin(), text.end(), at);
    return {at, text.size()};
}

inline bool is_object(const Node *node)
{
    return node->kind == Node::Kind::Object;
}

/* An object's members as jsonb keeps them: by length and then by bytes, of equal keys the last. */
inline pg::Vector<Member> in_order(const Node *object)
{
    pg::Vector<Member> all;
    for (const Member &member : object->members)
        all.push_back(member);
    std::stable_sort(all.begin(), all.end(), [](const Member &left, const Member &right) {
        return left.key.size() != right.key.size() ? left.key.size() < right.key.size()
                                                   : left.key < right.key;
    });
    pg::Vector<Member> unique;
    for (std::size_t at = 0; at < all.size(); ++at)
        if (at + 1 == all.size() || all[at].key != all[at + 1].key)
            unique.push_back(all[at]);
    return unique;
}

/* Text of a tree: characters spelled now this way and now that, white space here and there. */
class Printer {
  public:
    Printer(std::uint64_t seed, StringInfo out) : random_(seed), out_(out) {}

    void print(const Node *node)
    {
        space();
        switch (node->kind) {
        case Node::Kind::Literal:
            appendBinaryStringInfo(out_, node->text.data(), static_cast<int>(node->text.size()));
            break;
        case Node::Kind::String:
            string(node->text);
            break;
        case Node::Kind::Array:
            members(node, '[', ']');
            break;
        case Node::Kind::Object:
            members(node, '{', '}');
            break;
        }
        space();
    }

  private:
    void members(const Node *node, char open, char close)
    {
        appendStringInfoChar(out_, open);
        bool first = true;
        for (const Member &member : node->members) {
            if (!first)
                appendStringInfoChar(out_, ',');
            first = false;
            if (open == '{') {
                string(member.key);
                appendStringInfoChar(out_, ':');
            }
            print(member.value);
        }
        appendStringInfoChar(out_, close);
    }

    void string(std::string_view rest)
    {
        appendStringInfoChar(out_, '"');
        while (!rest.empty()) {
            const std::string_view before = rest;
            const char32_t point = texts::take_code_point(rest);
            const bool must = point < ' ' || point == '"' || point == '\\';
            if (must || random_.one_in(point < 0x7F ? 50 : 4))
                escape(point);
            else
                appendBinaryStringInfo(out_, before.data(), static_cast<int>(before.size() - rest.size()));
        }
        appendStringInfoChar(out_, '"');
    }

    void escape(char32_t point)
    {
        static constexpr std::string_view short_ones = "\"\\/\b\f\n\r\t";
        const std::size_t at =
            point < 0x80 ? short_ones.find(static_cast<char>(point)) : std::string_view::npos;
        if (at != std::string_view::npos && random_.one_in(2))
            appendStringInfo(out_, "\\%c", "\"\\/bfnrt"[at]);
        else if (point < 0x10000)
            appendStringInfo(out_, "\\u%04x", static_cast<unsigned>(point));
        else
            appendStringInfo(out_, "\\u%04X\\u%04X", static_cast<unsigned>(0xD7C0 + (point >> 10)),
                             static_cast<unsigned>(0xDC00 | (point & 0x3FF)));
    }

    void space()
    {
        if (random_.one_in(16))
            appendStringInfoChar(out_, random_.one_in(2) ? ' ' : '\n');
    }

    Random random_;
    StringInfo out_;
};

} // namespace opigno::test
