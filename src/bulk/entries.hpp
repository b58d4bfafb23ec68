/* Loops over the entries of a body, and parses one entry. */
#pragma once

#include "bulk/errors.hpp"
#include "pg/jsonb.hpp"
#include "json/text/entry_splitter.hpp"
#include "json/text/json_text.hpp"

#include <cstdint>
#include <string_view>

namespace opigno::bulk {

/*
 * Calls take(ordinal, text, end) for each entry. Each call has a memory context of its own.
 * Ordinals start at 1; `end` is the offset in the body where the entry ends. list: the member of
 * the body that holds the entries. Returns what is malformed in the body, or nullptr.
 */
template <typename Take> const char *for_each_entry(std::string_view body, std::string_view list, Take take)
{
    json::EntrySplitter splitter(body, list);
    MemoryContext entry_context =
        AllocSetContextCreateInternal(CurrentMemoryContext, "opigno entry", ALLOCSET_DEFAULT_SIZES);
    std::int64_t ordinal = 0;
    std::string_view text;
    while (splitter.next(text)) {
        CHECK_FOR_INTERRUPTS();
        MemoryContext before = MemoryContextSwitchTo(entry_context);
        take(++ordinal, text, splitter.position());
        MemoryContextSwitchTo(before);
        MemoryContextReset(entry_context);
    }
    MemoryContextDelete(entry_context);
    return splitter.flaw();
}

/* Parses an entry in the current memory context. If the JSON is invalid, adds an error and returns
 * nullptr. */
template <typename Entry> Jsonb *parse_entry(std::string_view text, const Entry &entry, Errors &errors)
{
    pg::Error why{};
    Jsonb *value = json::try_read_json(text, why);
    if (value == nullptr)
        errors.add(entry.error(why.sqlstate, "", why.message));
    return value;
}

} // namespace opigno::bulk
