#include "schema/cache.hpp"

#include "pg/hash.hpp"
#include "pg/setting.hpp"
#include "json/merge/merge_patch.hpp"
#include "json/value/document.hpp"

#include <cstring>

namespace opigno::schema {

namespace {

struct Entry : Compiled {
    MemoryContext context;
    Entry *next;
    std::uint64_t hash;
    std::size_t size; /* bytes of memory */
    json::schema::Options options;
};

static_assert(std::is_trivially_destructible_v<Entry>);

constinit Entry *entries = nullptr;
std::size_t total_size = 0;
std::uint64_t uses = 0;
std::uint64_t forgotten = 0;
int max_kilobytes = 16384;

std::uint64_t hash_of(const Jsonb *schema)
{
    return hash_bytes_extended(reinterpret_cast<const unsigned char *>(schema),
                               static_cast<int>(VARSIZE(schema)), 0);
}

Entry *find(const Jsonb *schema, std::uint64_t hash, const json::schema::Options &options)
{
    for (Entry *entry = entries; entry != nullptr; entry = entry->next)
        if (entry->hash == hash && entry->options.draft == options.draft &&
            entry->options.asserts_formats == options.asserts_formats && json::is_same(entry->schema, schema))
            return entry;
    return nullptr;
}

/* The memory of RE2 is not PostgreSQL's. The automatons of a small pattern take up to 64 kB, those of a
 * larger one about so many bytes for each instruction of its program. */
std::size_t size_of(const json::schema::Pattern *pattern)
{
    constexpr std::size_t least = 65536;
    constexpr std::size_t bytes_of_instruction = 100;
    if (pattern == nullptr || pattern->expression == nullptr)
        return 0;
    return least + json::schema::cost_of(*pattern) * bytes_of_instruction;
}

std::size_t size_of_patterns(const json::schema::Program &program)
{
    std::size_t size = 0;
    for (const json::schema::Node &node : program.nodes) {
        if (node.string != nullptr)
            size += size_of(node.string->pattern);
        if (node.object != nullptr)
            for (const json::schema::PatternProperty &each : node.object->patterns)
                size += size_of(each.pattern);
    }
    return size;
}

[[noreturn]] void refuse(const json::schema::SchemaFaults &faults)
{
    const char *pointer = faults.empty() ? "" : faults[0].pointer;
    const char *message = faults.empty() ? "unknown error" : faults[0].message;
    ereport(ERROR, errcode(ERRCODE_FEATURE_NOT_SUPPORTED), errmsg("could not compile a stored schema"),
            errdetail_internal("At \"%s\": %s.", pointer, message),
            errhint("Another build of the extension has accepted the schema. opigno.check_profile_schema() "
                    "lists what this one refuses."));
}

Entry *compile(const Jsonb *schema, const json::schema::Options &options)
{
    auto *copy = static_cast<Jsonb *>(palloc(VARSIZE(schema)));
    std::memcpy(copy, schema, VARSIZE(schema));
    json::schema::SchemaFaults faults;
    json::schema::SchemaFaults unknown;
    const json::schema::Program *program =
        json::schema::compile(json::value_of(copy), options, faults, unknown);
    const json::schema::Rights *rights =
        program == nullptr ? nullptr : json::schema::compile_rights(*program, faults);
    if (!faults.empty())
        refuse(faults);
    auto *entry = static_cast<Entry *>(palloc0(sizeof(Entry)));
    entry->schema = copy;
    entry->program = program;
    entry->rights = rights;
    entry->options = options;
    return entry;
}

/* The context belongs to the caller's until the schema is compiled: an error frees it. */
Entry *add(const Jsonb *schema, std::uint64_t hash, const json::schema::Options &options)
{
    MemoryContext context =
        AllocSetContextCreateInternal(CurrentMemoryContext, "opigno schema", ALLOCSET_DEFAULT_SIZES);
    MemoryContext before = MemoryContextSwitchTo(context);
    Entry *entry = compile(schema, options);
    MemoryContextSwitchTo(before);
    MemoryContextSetParent(context, TopMemoryContext);
    entry->context = context;
    entry->hash = hash;
    entry->size = MemoryContextMemAllocated(context, true) + size_of_patterns(*entry->program);
    entry->next = entries;
    entries = entry;
    total_size += entry->size;
    return entry;
}

void forget(Entry **link)
{
    Entry *entry = *link;
    *link = entry->next;
    total_size -= entry->size;
    ++forgotten;
    MemoryContextDelete(entry->context);
}

/* The link to the entry that was not used for the longest time, or nullptr if there are only two. */
Entry **least_used()
{
    Entry **found = nullptr;
    std::size_t count = 0;
    for (Entry **link = &entries; *link != nullptr; link = &(*link)->next, ++count)
        if (found == nullptr || (*link)->last_use < (*found)->last_use)
            found = link;
    return count > 2 ? found : nullptr;
}

void make_room()
{
    const std::size_t limit = static_cast<std::size_t>(max_kilobytes) * 1024;
    for (Entry **link = nullptr; total_size > limit && (link = least_used()) != nullptr;)
        forget(link);
}

} // namespace

void touch(const Compiled &schema)
{
    schema.last_use = ++uses;
}

const Compiled &compiled(const Jsonb *schema, const json::schema::Options &options)
{
    const std::uint64_t hash = hash_of(schema);
    Entry *entry = find(schema, hash, options);
    const bool is_new = entry == nullptr;
    if (is_new)
        entry = add(schema, hash, options);
    touch(*entry);
    if (is_new)
        make_room();
    return *entry;
}

std::uint64_t cache_generation()
{
    return forgotten;
}

void define_cache_setting()
{
    DefineCustomIntVariable(
        "opigno_profiles.schema_cache", "Sets the memory that a session uses for compiled schemas.",
        "The two schemas that were used last are kept in any case.", &max_kilobytes, max_kilobytes, 0,
        MAX_KILOBYTES, PGC_USERSET, GUC_UNIT_KB, nullptr, nullptr, nullptr);
}

} // namespace opigno::schema
