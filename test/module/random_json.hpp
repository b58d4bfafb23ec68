/* Random documents, and patches that have to do with them. All follows from the seed. */
#pragma once

#include "json_tree.hpp"

namespace opigno::test {

class RandomJson {
  public:
    explicit RandomJson(std::uint64_t seed) : random_(seed) {}

    const Node *document()
    {
        begin();
        switch (random_.below(20)) {
        case 0:
            return array(0);
        case 1:
            return scalar();
        case 2:
            return chain();
        case 3:
            max_nodes_ = 2000;
            return object(0, random_.pick(widths));
        default:
            return object(0, size());
        }
    }

    const Node *patch(const Node *target)
    {
        begin();
        const std::uint32_t what = random_.below(20);
        if (!is_object(target) || what < 2)
            return document();
        if (what < 4)
            return no_change(target);
        if (what == 4)
            return every_member(target);
        if (what == 5)
            return random_.one_in(2) ? scalar() : array(0);
        return edits(target);
    }

  private:
    static constexpr int max_depth = 6;
    static constexpr std::uint32_t widths[] = {31, 32, 33, 63, 64, 65, 200, 1000}; /* strides of entries */
    static constexpr std::string_view down = "d"; /* the key that leads into a chain */

    void begin()
    {
        nodes_ = 0;
        max_nodes_ = random_.one_in(40) ? 1500 : random_.one_in(4) ? 250 : 60;
        long_strings_ = 1; /* more only make a document slow */
    }

    // ---- values ------------------------------------------------------------------------------

    const Node *scalar()
    {
        static constexpr std::string_view constants[] = {"null", "true", "false"};
        ++nodes_;
        switch (random_.below(10)) {
        case 0:
        case 1:
            return make(Node::Kind::Literal, random_.pick(constants));
        case 2:
        case 3:
        case 4:
            return make(Node::Kind::Literal, number());
        default:
            return make(Node::Kind::String, string());
        }
    }

    std::string_view number()
    {
        // clang-format off
        static constexpr std::string_view numbers[] = {
            "0", "-0", "1", "-1", "10", "9999", "10000", "1.0", "1.00", "1.10", "0.1", "-0.001", "0.000",
            "1E5", "1.5e3", "1e-7", "1e400", "1e-400", "-1e400", "2.5e-60", "123456789.123456789",
            "12345678901234567890", "-12345678901234567890.000000001",
            "99999999999999999999999999999999999999999999999999"};
        // clang-format on
        if (random_.one_in(2))
            return psprintf("%s%u", random_.one_in(4) ? "-" : "", random_.below(1U << random_.below(31)) + 1);
        return random_.pick(numbers);
    }

    std::string_view string()
    {
        switch (random_.below(40)) {
        case 0:
            return noise(random_.below(300));
        case 1:
            return repeated('z', 100 + random_.below(200));
        case 2:
            if (long_strings_-- <= 0)
                break;
            return random_.one_in(4) ? noise(2500 + random_.below(3000))
                                     : repeated('y', 2500 + random_.below(9000));
        default:
            break;
        }
        return random_.one_in(4) ? special(random_.below(4))
                                 : repeated(static_cast<char>('a' + random_.below(26)), random_.below(6));
    }

    static std::string_view repeated(char letter, std::uint32_t length)
    {
        char *at = static_cast<char *>(palloc(length + 1));
        std::fill_n(at, length, letter);
        at[length] = '\0';
        return {at, length};
    }
    /* What no compression makes smaller by much. */
    std::string_view noise(std::uint32_t length)
    {
        char *at = static_cast<char *>(palloc(length + 1));
        std::generate_n(at, length, [this] { return static_cast<char>(' ' + random_.below(95)); });
        return {at, length};
    }
    /* Of a few characters that have to be escaped, or are more than one byte. */
    std::string_view special(std::uint32_t characters)
    {
        // clang-format off
        static constexpr std::string_view all[] = {
            "\"", "\\", "/", "\n", "\t", "\b", "\f", "\r", "\x01", "\x1F", "\x7F", " ",
            "\xC3\xA9", "e\xCC\x81", "\xC3\xBC", "\xD0\x96", "\xE4\xB8\xAD",
            "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\xEF\xBF\xBF", "\xC2\x80"};
        // clang-format on
        StringInfoData text;
        initStringInfo(&text);
        for (; characters > 0; --characters) {
            const std::string_view character = random_.pick(all);
            appendBinaryStringInfo(&text, character.data(), static_cast<int>(character.size()));
        }
        return {text.data, static_cast<std::size_t>(text.len)};
    }

    const Node *value(int depth)
    {
        if (depth > max_depth || random_.below(10) < 8)
            return scalar();
        return random_.below(5) < 3 ? object(depth, size()) : array(depth);
    }

    std::uint32_t size()
    {
        const std::uint32_t what = random_.below(100);
        const std::uint32_t size = what < 80   ? random_.below(6)
                                   : what < 95 ? 6 + random_.below(20)
                                               : random_.pick(widths);
        return nodes_ + static_cast<int>(size) > max_nodes_ ? random_.below(3) : size;
    }

    const Node *array(int depth)
    {
        Node *made = make(Node::Kind::Array);
        for (std::uint32_t elements = size(); elements > 0; --elements)
            made->members.push_back({{}, value(depth + 1)});
        return made;
    }

    // ---- objects -----------------------------------------------------------------------------

    enum class Keys { Numbered, Short, Unicode, Special, Long };

    const Node *object(int depth, std::uint32_t members)
    {
        static constexpr Keys kinds[] = {Keys::Numbered, Keys::Short, Keys::Unicode, Keys::Special,
                                         Keys::Long};
        Node *made = make(Node::Kind::Object);
        const Keys keys = members > 30 ? Keys::Numbered : random_.pick(kinds);
        const std::uint32_t first = random_.below(200);
        for (std::uint32_t member = 0; member < members; ++member)
            made->members.push_back({key(keys, first + 2 * member), value(depth + 1)});
        for (std::uint32_t at = members; at > 1; --at) /* in any order */
            std::swap(made->members[at - 1], made->members[random_.below(at)]);
        if (members > 0 && random_.one_in(5)) /* the same key twice in the text */
            made->members.push_back({made->members[random_.below(members)].key, value(depth + 1)});
        return made;
    }

    std::string_view key(Keys kind, std::uint32_t number)
    {
        static constexpr std::string_view letters[] = {"\xC3\xA9", "\xC3\xBC", "\xC3\x9F", "\xD0\x96",
                                                       "\xC3\xB1", "ab",       "zz"};
        switch (kind) {
        case Keys::Numbered:
            return psprintf("k%u", number);
        case Keys::Short:
            return repeated(static_cast<char>('a' + random_.below(3)), random_.below(6));
        case Keys::Unicode: /* all of six bytes */
            return psprintf("%s%s%s", random_.pick(letters).data(), random_.pick(letters).data(),
                            random_.pick(letters).data());
        case Keys::Special:
            return special(random_.below(3));
        case Keys::Long:
            return psprintf("%s%u", repeated('l', 120 + random_.below(3)).data(), random_.below(4));
        }
        return {};
    }

    const Node *chain()
    {
        const Node *made = object(max_depth, size());
        for (std::uint32_t level = 20 + random_.below(random_.one_in(10) ? 280 : 60); level > 0; --level) {
            Node *outer = make(Node::Kind::Object);
            outer->members.push_back({down, made});
            if (random_.one_in(2))
                outer->members.push_back({key(Keys::Short, 0), scalar()});
            made = outer;
        }
        return made;
    }

    // ---- patches -----------------------------------------------------------------------------

    const Node *edits(const Node *target)
    {
        Node *made = make(Node::Kind::Object);
        const pg::Vector<Member> members = in_order(target);
        const std::uint32_t count = random_.one_in(8) ? random_.below(20) : 1 + random_.below(4);
        for (std::uint32_t edit = 0; edit < count; ++edit) {
            if (members.empty()) {
                made->members.push_back({special(random_.below(3)), value(1)});
                continue;
            }
            const std::size_t places[] = {0, members.size() - 1, members.size() / 2,
                                          random_.below(static_cast<std::uint32_t>(members.size()))};
            const Member &member = members[random_.pick(places)];
            /* Only once into each: a chain would otherwise branch at every level. */
            if (!has(made, member.key))
                made->members.push_back(edit_of(member));
        }
        return made;
    }

    static bool has(const Node *object, std::string_view key)
    {
        return std::any_of(object->members.begin(), object->members.end(),
                           [&](const Member &member) { return member.key == key; });
    }

    Member edit_of(const Member &member)
    {
        if (is_object(member.value) && (member.key == down ? !random_.one_in(64) : !random_.one_in(4)))
            return {member.key, edits(member.value)};
        switch (random_.below(8)) {
        case 0:
        case 1:
            return {member.key, make(Node::Kind::Literal, "null")};
        case 2:
            return {member.key, member.value};
        case 3:
            return {key_beside(member.key), make(Node::Kind::Literal, "null")};
        case 4:
        case 5:
            return {key_beside(member.key), value(1)};
        default:
            return {member.key, value(1)};
        }
    }

    /* Just before or behind, at the very start or at the very end. */
    std::string_view key_beside(std::string_view key)
    {
        const bool is_ascii = !key.empty() && static_cast<signed char>(key.back()) >= ' ';
        switch (random_.below(6)) {
        case 0:
            return "";
        case 1:
            return psprintf("%s%u", repeated('~', 150).data(), random_.below(3));
        case 2:
            return is_ascii ? key.substr(0, key.size() - 1) : "a";
        case 3:
        case 4:
            if (is_ascii) {
                const std::string_view made = copy(key);
                const_cast<char &>(made.back()) = static_cast<char>(' ' + random_.below(95));
                return made;
            }
            [[fallthrough]];
        default:
            return {psprintf("%.*s%c", static_cast<int>(key.size()), key.data(),
                             ' ' + static_cast<int>(random_.below(95))),
                    key.size() + 1};
        }
    }

    const Node *no_change(const Node *target)
    {
        Node *made = make(Node::Kind::Object);
        for (const Member &member : in_order(target)) {
            if (is_object(member.value) && random_.one_in(2))
                made->members.push_back({member.key, no_change(member.value)});
            else if (random_.one_in(3) && member.value->text != "null")
                made->members.push_back(member);
        }
        return made;
    }

    const Node *every_member(const Node *target)
    {
        Node *made = make(Node::Kind::Object);
        for (const Member &member : in_order(target))
            made->members.push_back(
                {member.key, random_.one_in(3) ? make(Node::Kind::Literal, "null") : value(max_depth)});
        return made;
    }

    Random random_;
    int nodes_ = 0;
    int max_nodes_ = 0;
    int long_strings_ = 0;
};

} // namespace opigno::test
