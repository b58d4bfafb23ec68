/* Loops over the entries of a body, and parses one entry. */
#pragma once

#include "bulk/errors.hpp"
#include "bulk/syntax.hpp"
#include "pg/jsonb.hpp"
#include "json/text/entry_splitter.hpp"
#include "json/text/json_text.hpp"
#include "json/text/repeated_members.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace opigno::bulk {

/*
 * Calls take(ordinal, text, end) for each entry. Each call has a memory context of its own.
 * Ordinals start at 1; `end` is the offset in the body where the entry ends. list: the member of
 * the body that holds the entries. Returns what is malformed in the body.
 */
template <typename Take> std::optional<pg::Error> for_each_entry(std::string_view body, std::string_view list,
                                                                 Take take,
                                                                 json::BodyForm form = json::BodyForm::Found)
{
    json::EntrySplitter splitter(body, list, json::poll, form);
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
    return error_of(splitter.flaw(), list, ordinal);
}

/* The members of entries that hold documents, in which jsonb's rule for repeated members holds. */
inline constexpr std::string_view document_members[] = {"profile_data", "patch", "field_value", "details"};

/* Parses an entry in the current memory context. If the JSON is invalid, or if members are
 * repeated, adds errors and returns nullptr. */
template <typename Entry> Jsonb *parse_entry(std::string_view text, const Entry &entry, Errors &errors)
{
    pg::Error why{};
    bool may_repeat = false;
    Jsonb *value = json::try_read_json(text, why, &may_repeat);
    if (value == nullptr)
        errors.add(entry.error(why.sqlstate, "", message_of(why, text, errors.body(), errors.offset())));
    if (value == nullptr || !may_repeat)
        return value;
    pg::Errors repeated;
    json::add_repeated_members(text, repeated, document_members);
    for (const pg::Error &error : repeated.all())
        errors.add(entry.error(error.sqlstate, error.path, error.message));
    return repeated.empty() ? value : nullptr;
}

} // namespace opigno::bulk
