#include "json/text/text_writer.hpp"

#include "json/text/host.hpp"
#include "json/text/number_text.hpp"
#include "json/value/host.hpp"
#include "json/value/jsonb_format.hpp"

namespace opigno::json {

namespace {

/* Writes the entries of one container. */
class EntryWriter {
  public:
    EntryWriter(char *entries, const char *data) : at_(entries), data_(data), start_(data) {}

    void put(std::uint32_t type, const char *end)
    {
        const auto length = static_cast<std::uint32_t>(end - (count_ % offset_stride == 0 ? data_ : start_));
        set_word(at_, type | length | (count_ % offset_stride == 0 ? has_offset : 0));
        at_ += 4;
        start_ = end;
        ++count_;
    }

  private:
    char *at_;
    const char *data_;
    const char *start_;
    std::uint32_t count_ = 0;
};

static_assert(std::is_trivially_destructible_v<EntryWriter>);

class TextWriter {
  public:
    char *write(char *at, const TextNode &root)
    {
        start_ = at;
        if ((root.kind & type_mask) == container_type)
            return write_container(at, root);
        set_word(at, array_flag | scalar_flag | 1);
        char *end = write_value(at + 8, root);
        EntryWriter(at + 4, at + 8).put(root.kind & type_mask, end);
        return end;
    }

  private:
    char *write_container(char *at, const TextNode &node)
    {
        poll();
        const bool is_object = (node.kind & has_members) != 0;
        const std::size_t step = is_object ? 2 : 1;
        set_word(at, node.size | (is_object ? object_flag : array_flag));
        char *end = at + 4 + node.size * step * 4;
        EntryWriter entries(at + 4, end);
        const TextNode *last = node.children + node.size * step;
        if (is_object)
            for (const TextNode *key = node.children; key < last; key += 2) {
                copy_bytes(end, key->bytes, key->size);
                end += key->size;
                entries.put(string_type, end);
            }
        for (const TextNode *value = node.children + step - 1; value < last; value += step) {
            end = write_value(end, *value);
            entries.put(value->kind & type_mask, end);
        }
        return end;
    }

    char *write_value(char *at, const TextNode &node)
    {
        switch (node.kind & type_mask) {
        case string_type:
            copy_bytes(at, node.bytes, node.size);
            return at + node.size;
        case numeric_type:
            at = pad(at);
            return (node.kind & by_server) != 0 ? write_number(at, {node.bytes, node.size})
                                                : write_plain_number(at, {node.bytes, node.size});
        case container_type:
            return write_container(pad(at), node);
        default:
            return at;
        }
    }

    char *pad(char *at) const
    {
        while ((at - start_) % 4 != 0)
            *at++ = 0;
        return at;
    }

    char *start_ = nullptr;
};

static_assert(std::is_trivially_destructible_v<TextWriter>);

} // namespace

char *write_text(char *at, const TextNode &root)
{
    return TextWriter().write(at, root);
}

} // namespace opigno::json
