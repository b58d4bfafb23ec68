/*
 * The reader of JSON text for fuzzer and unit tests: over a structure that is found byte by byte, in
 * buffers on the heap that are exactly as large as the contract of src/json says.
 */
#pragma once

#include "fuzz/merge_laws.hpp"
#include "fuzz/parse_text.hpp"

#include "json/text/syntax_error.hpp"
#include "json/text/text_writer.hpp"

namespace opigno::test {

/* What opigno_find_json_structure finds, but for UTF-8, which it takes for granted. */
inline std::optional<std::vector<std::uint32_t>> structure_of(std::string_view text)
{
    std::vector<std::uint32_t> found;
    bool in_scalar = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        const bool is_operator = std::string_view("{}[]:,").find(c) != std::string_view::npos;
        if (is_operator || c == '"' || (!is_space(c) && !in_scalar))
            found.push_back(static_cast<std::uint32_t>(at));
        in_scalar = !is_operator && c != '"' && !is_space(c);
        if (c != '"')
            continue;
        for (++at; at < text.size() && text[at] != '"'; ++at) {
            if (static_cast<unsigned char>(text[at]) < 0x20)
                return std::nullopt;
            if (text[at] == '\\' && static_cast<unsigned char>(text[at + 1 < text.size() ? ++at : at]) < 0x20)
                return std::nullopt;
        }
        if (at >= text.size())
            return std::nullopt;
    }
    if (found.empty())
        return std::nullopt;
    return found;
}

/* The jsonb of a text, or nothing. has_repeats: whether an object has a key twice. */
inline std::optional<std::string> read(std::string_view document, bool *has_repeats = nullptr)
{
    const Exact text(document);
    const auto offsets = structure_of(text.bytes());
    if (!offsets)
        return std::nullopt;
    const std::size_t nodes = json::nodes_of(offsets->size());
    const auto open = room_of(nodes * sizeof(json::TextNode));
    const auto closed = room_of(nodes * sizeof(json::TextNode));
    const auto strings = room_of(text.bytes().size());
    const Exact structure({reinterpret_cast<const char *>(offsets->data()), offsets->size() * 4});
    const Arena arena;
    json::TextPlan plan{};
    if (!json::plan_text(text.bytes(),
                         {reinterpret_cast<const std::uint32_t *>(structure.data()), offsets->size()},
                         {reinterpret_cast<json::TextNode *>(open.get()),
                          reinterpret_cast<json::TextNode *>(closed.get()), strings.get()},
                         plan))
        return std::nullopt;
    const auto room = room_of(plan.room);
    if (has_repeats != nullptr)
        *has_repeats = plan.has_repeats;
    const char *end = json::write_text(room.get(), plan.root);
    return std::string(static_cast<const char *>(room.get()), end);
}

/* The law that a text breaks, or nullptr. */
inline const char *broken_law_of_text(std::string_view text)
{
    bool has_repeats = false;
    const std::optional<std::string> bytes = read(text, &has_repeats);
    TextParser parser(text);
    const std::optional<Document> document = parser.parse();
    if (bytes.has_value() != document.has_value())
        return bytes ? "what is no JSON is refused" : "what is JSON is read";
    if (!bytes) /* the reader leaves valid texts to the server, too */
        return nullptr;
    const Arena arena;
    if (json::find_syntax_error(text).reason != nullptr)
        return "no error is described in what is read";
    if (has_repeats != parser.has_repeats())
        return "a key that is there twice is seen";
    if (flaw_of(*bytes) != nullptr)
        return "the checker accepts what is read";
    return *bytes == container_of(*document) ? nullptr : "the plain way comes to the same bytes";
}

} // namespace opigno::test
