#include "json/text/json_text.hpp"

#include "json/text/text_writer.hpp"
#include "json/value/server_document.hpp"

namespace opigno::json {

namespace {

#ifdef OPIGNO_WITH_SIMDJSON

/* A longer text could come to more than jsonb holds, and would take much memory to read: the server's
 * business. */
constexpr std::size_t max_size = std::size_t{8} << 20U;

/* What the pure code needs of the server for texts. */
struct TextMemory {
    static void poll() { CHECK_FOR_INTERRUPTS(); }

    static char *write_number(char *to, std::string_view text)
    {
        char *token = pnstrdup(text.data(), text.size());
        auto *made = DatumGetNumeric(DirectFunctionCall3(numeric_in, CStringGetDatum(token),
                                                         ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
        const std::size_t size = VARSIZE(made);
        std::memcpy(to, made, size);
        pfree(made);
        pfree(token);
        return to + size;
    }

    /* nullptr where the database's encoding has no such character, or a long one. */
    static char *write_character(char *to, std::uint32_t point)
    {
        const int encoding = GetDatabaseEncoding();
        if (encoding == PG_UTF8)
            return write_utf8(to, point);
        const Oid conversion = FindDefaultConversionProc(PG_UTF8, encoding);
        if (!OidIsValid(conversion))
            return nullptr;
        char source[5] = {};
        constexpr int room = 4 * MAX_CONVERSION_GROWTH + 1;
        unsigned char made[room] = {};
        const auto length = static_cast<int>(write_utf8(source, point) - source);
        if (pg_do_encoding_conversion_buf(conversion, PG_UTF8, encoding,
                                          reinterpret_cast<unsigned char *>(source), length, made, room,
                                          true) < length)
            return nullptr;
        constexpr std::size_t max_character = 4; /* no escape is shorter */
        const std::size_t size = std::strlen(reinterpret_cast<char *>(made));
        if (size == 0 || size > max_character)
            return nullptr;
        std::memcpy(to, made, size);
        return to + size;
    }
};

/* Memory that each text needs for a while, kept for the next one. Nothing owns it, so errors may jump past.
 */
char *scratch(std::size_t size)
{
    constexpr std::size_t least = std::size_t{1} << 16U;
    constexpr std::size_t kept = std::size_t{1} << 22U;
    static char *memory = nullptr;
    static std::size_t capacity = 0;
    if (size > capacity || (capacity > kept && size <= kept)) {
        if (memory != nullptr)
            pfree(memory);
        memory = nullptr;
        capacity = 0;
        const std::size_t wanted = std::max(least, std::bit_ceil(size));
        memory = static_cast<char *>(MemoryContextAllocHuge(TopMemoryContext, wanted));
        capacity = wanted;
    }
    return memory;
}

/* nullptr: the text is wrong, or it takes the server to tell. */
Jsonb *read_fast(std::string_view text)
{
    Structure structure{};
    if (text.size() > max_size || !opigno_find_json_structure(text.data(), text.size(), &structure))
        return nullptr;
    const std::size_t nodes = nodes_of(structure.count);
    const bool has_escapes = std::memchr(text.data(), '\\', text.size()) != nullptr;
    char *memory = scratch(2 * nodes * sizeof(TextNode) + (has_escapes ? text.size() : 0));
    auto *open = reinterpret_cast<TextNode *>(memory);
    TextMemory server;
    TextPlan<TextMemory> plan(
        text, structure,
        {open, open + nodes, has_escapes ? reinterpret_cast<char *>(open + 2 * nodes) : nullptr}, server);
    if (!plan.make())
        return nullptr;
    auto *result = static_cast<Jsonb *>(palloc(VARHDRSZ + plan.room()));
    finish(result, TextWriter<TextMemory>(server).write(VARDATA(result), plan.root()));
    return result;
}

#else

Jsonb *read_fast(std::string_view /*text*/)
{
    return nullptr;
}

#endif

} // namespace

Jsonb *read_json(std::string_view text)
{
    Jsonb *result = read_fast(text);
    return result != nullptr ? result : read_json_by_server(text);
}

Jsonb *try_read_json(std::string_view text, Unreadable &why)
{
    Jsonb *result = read_fast(text);
    return result != nullptr ? result : try_read_json_by_server(text, why);
}

} // namespace opigno::json
