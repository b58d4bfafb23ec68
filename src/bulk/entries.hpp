/* Going through the entries of a body. */
#pragma once

#include "bulk/errors.hpp"
#include "pg/jsonb.hpp"
#include "json/text/entry_splitter.hpp"
#include "json/text/json_text.hpp"

#include <cstdint>
#include <string_view>

namespace opigno::bulk {

/*
 * Calls take(ordinal, text, end) for each entry, in memory of its own: its place from 1, its text, and where
 * in the body it ends. list: the member of the body that holds the entries. Gives what ended the body too
 * soon, or nullptr.
 */
template <typename Take> const char *for_each_entry(std::string_view body, std::string_view list, Take take)
{
    json::EntrySplitter splitter(body, list);
    MemoryContext of_entry =
        AllocSetContextCreateInternal(CurrentMemoryContext, "opigno entry", ALLOCSET_DEFAULT_SIZES);
    std::int64_t ordinal = 0;
    std::string_view text;
    while (splitter.next(text)) {
        CHECK_FOR_INTERRUPTS();
        MemoryContext before = MemoryContextSwitchTo(of_entry);
        take(++ordinal, text, splitter.position());
        MemoryContextSwitchTo(before);
        MemoryContextReset(of_entry);
    }
    MemoryContextDelete(of_entry);
    return splitter.flaw();
}

/* The JSON value of an entry in the current memory context, or nullptr and an error. */
template <typename Entry> Jsonb *parse_entry(std::string_view text, const Entry &entry, Errors &errors)
{
    pg::Error why{};
    Jsonb *value = json::try_read_json(text, why);
    if (value == nullptr)
        errors.add(entry.error(why.sqlstate, "", why.message));
    return value;
}

} // namespace opigno::bulk
