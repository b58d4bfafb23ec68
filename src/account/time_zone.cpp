#include "account/time_zone.hpp"

#include "pg/spi.hpp"
#include "pg/text.hpp"
#include "pg/vector.hpp"

#include <algorithm>

namespace opigno::account {

namespace {

constinit pg::Statement select_names("SELECT z.name FROM pg_timezone_names AS z");

using Names = pg::Vector<std::string_view>;

Names *read_names()
{
    return pg::with_spi([&](MemoryContext) {
        const std::uint64_t rows = select_names.read_latest(nullptr);
        MemoryContext context =
            AllocSetContextCreateInternal(TopMemoryContext, "opigno time zones", ALLOCSET_START_SMALL_SIZES);
        MemoryContext before = MemoryContextSwitchTo(context);
        auto *sorted = static_cast<Names *>(palloc(sizeof(Names)));
        *sorted = Names();
        for (std::uint64_t row = 0; row < rows; ++row)
            sorted->push_back(pg::view(DatumGetTextPCopy(pg::column(1, row))));
        MemoryContextSwitchTo(before);
        std::sort(sorted->begin(), sorted->end());
        return sorted;
    });
}

/*
 * Each backend reads the names once, which takes about ten milliseconds because the server reads a
 * file for each zone. pg_tzset() would be faster, but it caches every name that it accepts forever,
 * so user input could fill the memory.
 */
const Names &names()
{
    static const Names *cached = nullptr;
    if (cached == nullptr)
        cached = read_names();
    return *cached;
}

} // namespace

bool is_time_zone(std::string_view name)
{
    const Names &known = names();
    return std::binary_search(known.begin(), known.end(), name);
}

} // namespace opigno::account
