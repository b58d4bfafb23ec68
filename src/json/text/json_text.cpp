#include "json/text/json_text.hpp"

#include "json/text/string_text.hpp"
#include "json/text/text_writer.hpp"
#include "json/value/document.hpp"

#include <algorithm>

namespace opigno::json {

#ifdef OPIGNO_WITH_SIMDJSON

namespace {

/* The server reads longer texts: their jsonb could exceed its limits, and reading them takes much
 * memory. */
constexpr std::size_t max_size = std::size_t{8} << 20U;

/* Returns memory that is kept for the next text. No object owns the memory, so an error may occur
 * while it is used. */
char *scratch(std::size_t size)
{
    constexpr std::size_t min_capacity = std::size_t{1} << 16U;
    constexpr std::size_t max_kept = std::size_t{1} << 22U;
    static char *memory = nullptr;
    static std::size_t capacity = 0;
    if (size > capacity || (capacity > max_kept && size <= max_kept)) {
        if (memory != nullptr)
            pfree(memory);
        memory = nullptr;
        capacity = 0;
        const std::size_t wanted = std::max(min_capacity, std::bit_ceil(size));
        memory = static_cast<char *>(MemoryContextAllocHuge(TopMemoryContext, wanted));
        capacity = wanted;
    }
    return memory;
}

} // namespace

Jsonb *read_json_fast(std::string_view text, bool &has_repeats)
{
    Structure structure{};
    if (text.size() > max_size || !opigno_find_json_structure(text.data(), text.size(), &structure))
        return nullptr;
    const std::size_t nodes = nodes_of(structure.count);
    const bool has_escapes = find_slash(text) != nullptr;
    char *memory = scratch(2 * nodes * sizeof(TextNode) + (has_escapes ? text.size() : 0));
    auto *open = reinterpret_cast<TextNode *>(memory);
    const Workspace space{open, open + nodes,
                          has_escapes ? reinterpret_cast<char *>(open + 2 * nodes) : nullptr};
    TextPlan plan{};
    if (!plan_text(text, structure, space, plan))
        return nullptr;
    auto *result = static_cast<Jsonb *>(palloc(VARHDRSZ + plan.room));
    finish(result, write_text(VARDATA(result), plan.root));
    has_repeats = plan.has_repeats;
    return result;
}

#else

Jsonb *read_json_fast(std::string_view /*text*/, bool & /*has_repeats*/)
{
    return nullptr;
}

#endif

Jsonb *read_json(std::string_view text, bool *may_repeat)
{
    bool has_repeats = true;
    Jsonb *result = read_json_fast(text, has_repeats);
    if (may_repeat != nullptr)
        *may_repeat = has_repeats;
    return result != nullptr ? result : read_json_by_server(text);
}

Jsonb *try_read_json(std::string_view text, pg::Error &why, bool *may_repeat)
{
    bool has_repeats = true;
    Jsonb *result = read_json_fast(text, has_repeats);
    if (may_repeat != nullptr)
        *may_repeat = has_repeats;
    return result != nullptr ? result : try_read_json_by_server(text, why);
}

} // namespace opigno::json
