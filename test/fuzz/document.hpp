/*
 * JSON documents as trees, their canonical jsonb bytes, and RFC 7396 on trees: the plain way that
 * fuzzer and unit tests hold src/json to. It shares nothing with src/json, so that the two cannot
 * share a mistake; that its bytes are canonical is what Checker says of each, and Checker is held to
 * the server's own bytes by test/suites/merge_patch.t.
 */
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace opigno::test {

/* jsonb's order of keys: by length, then by bytes. */
struct KeyOrder {
    bool operator()(const std::string &left, const std::string &right) const
    {
        return left.size() != right.size() ? left.size() < right.size() : left < right;
    }
};

struct Document {
    enum class Kind { Null, False, True, Number, String, Array, Object };

    Kind kind = Kind::Null;
    std::string text; /* of a string or a number its bytes */
    std::vector<Document> elements;
    std::map<std::string, Document, KeyOrder> members;

    bool operator==(const Document &other) const
    {
        return kind == other.kind && text == other.text && elements == other.elements &&
               members == other.members;
    }
};

inline Document constant(Document::Kind kind)
{
    Document made;
    made.kind = kind;
    return made;
}

inline Document string(std::string bytes)
{
    Document made = constant(Document::Kind::String);
    made.text = std::move(bytes);
    return made;
}

inline std::string word_bytes(std::uint32_t word)
{
    return {reinterpret_cast<const char *>(&word), sizeof word};
}

/* The first word of a number of that size (varatt.h). */
inline std::string length_bytes(std::size_t size)
{
    const auto length = static_cast<std::uint32_t>(size);
    return word_bytes(std::endian::native == std::endian::little ? length << 2 : length);
}

inline std::string half_bytes(unsigned number)
{
    const auto half = static_cast<std::uint16_t>(number);
    return {reinterpret_cast<const char *>(&half), sizeof half};
}

/* size: with the header of four, 6 for 0, 8 for 1 to 9999, 10 and more for others. */
inline Document number(std::size_t size, char fill)
{
    Document made = constant(Document::Kind::Number);
    made.text = length_bytes(size) + std::string(size - 4, fill);
    return made;
}

inline Document array(std::vector<Document> elements)
{
    Document made = constant(Document::Kind::Array);
    made.elements = std::move(elements);
    return made;
}

inline Document object()
{
    return constant(Document::Kind::Object);
}

/* A container while it grows: its entries and its data apart. */
class Builder {
  public:
    void put(std::uint32_t type, bool aligned, const std::string &bytes)
    {
        const std::size_t start = data_.size();
        while (aligned && data_.size() % 4 != 0)
            data_ += '\0';
        data_ += bytes;
        const bool holds_offset = entries_.size() / 4 % 32 == 0;
        entries_ += word_bytes(type | (holds_offset ? 0x80000000U : 0U) |
                               static_cast<std::uint32_t>(data_.size() - (holds_offset ? 0 : start)));
    }
    [[nodiscard]] std::string container(std::uint32_t header) const
    {
        return word_bytes(header) + entries_ + data_;
    }

  private:
    std::string entries_;
    std::string data_;
};

inline std::string container_of(const Document &document);

inline void put(Builder &builder, const Document &document)
{
    switch (document.kind) {
    case Document::Kind::Null:
        builder.put(0x40000000, false, "");
        break;
    case Document::Kind::False:
        builder.put(0x20000000, false, "");
        break;
    case Document::Kind::True:
        builder.put(0x30000000, false, "");
        break;
    case Document::Kind::String:
        builder.put(0x00000000, false, document.text);
        break;
    case Document::Kind::Number:
        builder.put(0x10000000, true, document.text);
        break;
    case Document::Kind::Array:
    case Document::Kind::Object:
        builder.put(0x50000000, true, container_of(document));
        break;
    }
}

/* The bytes of a document that is an array or an object; of others as jsonb has them at the root. */
inline std::string container_of(const Document &document)
{
    Builder builder;
    if (document.kind == Document::Kind::Array) {
        for (const Document &element : document.elements)
            put(builder, element);
        return builder.container(0x40000000 | static_cast<std::uint32_t>(document.elements.size()));
    }
    if (document.kind == Document::Kind::Object) {
        for (const auto &member : document.members)
            builder.put(0x00000000, false, member.first);
        for (const auto &member : document.members)
            put(builder, member.second);
        return builder.container(0x20000000 | static_cast<std::uint32_t>(document.members.size()));
    }
    put(builder, document);
    return builder.container(0x50000000 | 1);
}

inline std::uint32_t word_at(std::string_view bytes, std::size_t at)
{
    std::uint32_t word = 0;
    std::memcpy(&word, bytes.data() + at, sizeof word);
    return word;
}

inline Document parsed(std::string_view container);

inline Document parsed_child(std::uint32_t type, std::string_view bytes)
{
    static constexpr Document::Kind kinds[] = {Document::Kind::String, Document::Kind::Number,
                                               Document::Kind::False, Document::Kind::True,
                                               Document::Kind::Null};
    if (type == 5)
        return parsed(bytes);
    Document made = constant(kinds[type]);
    made.text = bytes;
    return made;
}

/* Of a valid document: container_of(parsed(bytes)) are the bytes again if they are canonical. */
inline Document parsed(std::string_view container)
{
    const std::uint32_t header = word_at(container, 0);
    const std::size_t count = header & 0x0FFFFFFF;
    const bool is_object = (header & 0x20000000) != 0;
    const std::size_t children = is_object ? 2 * count : count;
    const std::string_view data = container.substr(4 + 4 * children);
    Document made = constant(is_object ? Document::Kind::Object : Document::Kind::Array);
    std::vector<std::string> keys;
    std::size_t start = 0;
    for (std::size_t child = 0; child < children; ++child) {
        const std::uint32_t entry = word_at(container, 4 + 4 * child);
        const std::uint32_t type = entry >> 28 & 7;
        const std::size_t end = ((entry & 0x80000000) != 0 ? 0 : start) + (entry & 0x0FFFFFFF);
        const std::size_t from = type == 1 || type == 5 ? (start + 3) / 4 * 4 : start;
        const std::string_view bytes = data.substr(from, end - from);
        if (is_object && child < count)
            keys.emplace_back(bytes);
        else if (is_object)
            made.members[keys[child - count]] = parsed_child(type, bytes);
        else
            made.elements.push_back(parsed_child(type, bytes));
        start = end;
    }
    return (header & 0x10000000) != 0 ? made.elements[0] : made;
}

inline bool is_null(const Document &document)
{
    return document.kind == Document::Kind::Null;
}

inline bool is_object(const Document *document)
{
    return document != nullptr && document->kind == Document::Kind::Object;
}

inline const Document *find(const Document &object, const std::string &key)
{
    const auto found = object.members.find(key);
    return found == object.members.end() ? nullptr : &found->second;
}

/* RFC 7396, section 2; a member that was not there before is null until it is patched. */
inline void merge_into(Document &target, const Document &patch)
{
    if (!is_object(&patch)) {
        target = patch;
        return;
    }
    if (!is_object(&target))
        target = object();
    for (const auto &[key, value] : patch.members) {
        if (is_null(value))
            target.members.erase(key);
        else
            merge_into(target.members[key], value);
    }
}

/* target: nullptr where there is none. */
inline Document merged(const Document *target, const Document &patch)
{
    Document result = target == nullptr ? Document() : *target;
    merge_into(result, patch);
    return result;
}

/* The smallest patch to the object target from source, which is no object where it is nullptr; false where
 * there is none. */
inline bool difference(const Document *source, const Document &target, Document &patch)
{
    const Document none = object();
    const Document &from = is_object(source) ? *source : none;
    patch = object();
    for (const auto &member : from.members)
        if (find(target, member.first) == nullptr)
            patch.members[member.first] = Document();
    for (const auto &[key, value] : target.members) {
        const Document *old = find(from, key);
        if (old != nullptr && *old == value)
            continue;
        if (is_null(value))
            return false;
        Document &member = patch.members[key];
        if (!is_object(&value))
            member = value;
        else if (!difference(old, value, member))
            return false;
    }
    return true;
}

} // namespace opigno::test
