#include "gateway/http/entity_tags.hpp"

#include "gateway/http/headers.hpp"

namespace opigno::gateway {

namespace {

/* Whether a tag can contain it between its quotation marks. Bytes above ASCII are allowed. */
bool is_tag_character(char given)
{
    const auto byte = static_cast<unsigned char>(given);
    return byte > 0x20 && byte != '"' && byte != 0x7F;
}

/* Returns the length of the opaque tag at the start of the text, or 0. */
std::size_t tag_length(std::string_view text)
{
    if (!text.starts_with('"'))
        return 0;
    std::size_t end = 1;
    while (end < text.size() && is_tag_character(text[end]))
        ++end;
    return end < text.size() && text[end] == '"' ? end + 1 : 0;
}

/* Moves to the next element of the list. Returns false at its end. */
bool skip_separators(std::string_view &rest)
{
    while (!rest.empty() && (rest.front() == ',' || rest.front() == ' ' || rest.front() == '\t'))
        rest.remove_prefix(1);
    return !rest.empty();
}

} // namespace

EntityTags read_entity_tags(std::string_view value)
{
    EntityTags list;
    value = trimmed(value);
    list.is_any = value == "*";
    if (list.is_any)
        return list;
    while (skip_separators(value)) {
        CHECK_FOR_INTERRUPTS();
        const bool is_weak = value.starts_with("W/");
        value.remove_prefix(is_weak ? 2 : 0);
        const std::size_t length = tag_length(value);
        list.tags.push_back({{value.data(), length}, is_weak});
        value.remove_prefix(length);
        const std::string_view after = trimmed(value);
        list.is_malformed = length == 0 || (!after.empty() && after.front() != ',');
        if (list.is_malformed)
            return list;
    }
    return list;
}

} // namespace opigno::gateway
