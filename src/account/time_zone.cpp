#include "account/time_zone.hpp"

#include "pg/spi.hpp"
#include "pg/text.hpp"
#include "pg/vector.hpp"

#include <algorithm>

namespace opigno::account {

namespace {

constinit pg::Statement select_names("SELECT z.name FROM pg_timezone_names AS z");

using Names = pg::Vector<std::string_view>;

/*
 * The names of IANA's zones and links are AREA/LOCATION, or one of the old names without an area, to
 * which IANA adds none. A server's folder has further files, which browsers do not know: copies in
 * the folders posix and right, localtime, posixrules, and Factory, the zone of an unset clock.
 */
constexpr std::string_view areas[] = {"Africa",    "America", "Antarctica", "Arctic", "Asia", "Atlantic",
                                      "Australia", "Brazil",  "Canada",     "Chile",  "Etc",  "Europe",
                                      "Indian",    "Mexico",  "Pacific",    "US"};
constexpr std::string_view old_names[] = {
    "CET",       "CST6CDT", "Cuba",    "EET",   "EST",       "EST5EDT",   "Egypt",    "Eire",     "GB",
    "GB-Eire",   "GMT",     "GMT+0",   "GMT-0", "GMT0",      "Greenwich", "HST",      "Hongkong", "Iceland",
    "Iran",      "Israel",  "Jamaica", "Japan", "Kwajalein", "Libya",     "MET",      "MST",      "MST7MDT",
    "NZ",        "NZ-CHAT", "Navajo",  "PRC",   "PST8PDT",   "Poland",    "Portugal", "ROC",      "ROK",
    "Singapore", "Turkey",  "UCT",     "UTC",   "Universal", "W-SU",      "WET",      "Zulu"};

template <std::size_t N> bool contains(const std::string_view (&names)[N], std::string_view name)
{
    return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

bool is_iana_name(std::string_view name)
{
    const std::size_t slash = name.find('/');
    return slash == std::string_view::npos ? contains(old_names, name)
                                           : contains(areas, name.substr(0, slash));
}

Names *read_names()
{
    return pg::with_spi([&](MemoryContext) {
        const std::uint64_t rows = select_names.read_latest(nullptr);
        MemoryContext context =
            AllocSetContextCreateInternal(TopMemoryContext, "opigno time zones", ALLOCSET_START_SMALL_SIZES);
        MemoryContext before = MemoryContextSwitchTo(context);
        auto *sorted = static_cast<Names *>(palloc(sizeof(Names)));
        *sorted = Names();
        for (std::uint64_t row = 0; row < rows; ++row) {
            const std::string_view name = pg::view(DatumGetTextPP(pg::column(1, row)));
            if (is_iana_name(name))
                sorted->push_back(pg::view(pg::make_text(name)));
        }
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
