/* Going through the entries of a body. */
#pragma once

#include "bulk/progress.hpp"
#include "json/text/entry_splitter.hpp"

namespace opigno::bulk {

struct Read {
    std::int64_t received; /* how many entries there were */
    const char *flaw;      /* what ended the body too soon, or nullptr */
};

/* Calls take(ordinal, entry) for each entry, in memory of its own. list: as for the splitter. */
template <typename Take>
Read for_each_entry(std::string_view body, std::string_view list, Progress &progress, Take take)
{
    constexpr int report_after = 256;
    json::EntrySplitter splitter(body, list, [] { CHECK_FOR_INTERRUPTS(); });
    MemoryContext of_entry =
        AllocSetContextCreateInternal(CurrentMemoryContext, "opigno entry", ALLOCSET_DEFAULT_SIZES);
    std::int64_t received = 0;
    std::string_view entry;
    while (splitter.next(entry)) {
        CHECK_FOR_INTERRUPTS();
        MemoryContext before = MemoryContextSwitchTo(of_entry);
        take(++received, entry);
        MemoryContextSwitchTo(before);
        MemoryContextReset(of_entry);
        if (received % report_after == 0)
            progress.read(splitter.position(), received);
    }
    MemoryContextDelete(of_entry);
    progress.read(splitter.position(), received);
    return {received, splitter.flaw()};
}

} // namespace opigno::bulk
