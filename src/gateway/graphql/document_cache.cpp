#include "gateway/graphql/document_cache.hpp"

#include "gateway/fields/schema.hpp"
#include "gateway/graphql/parser.hpp"
#include "gateway/graphql/site_scopes.hpp"
#include "gateway/graphql/validation.hpp"
#include "pg/hash.hpp"
#include "pg/text.hpp"
#include "pg/time.hpp"
#include "text/encoding.hpp"

#include <algorithm>
#include <iterator>

namespace opigno::graphql {

namespace {

/* The cache holds at most this many documents and bytes. */
constexpr std::size_t max_documents = 64;
constexpr std::size_t max_bytes = 4UL * 1024 * 1024;

/* What a document needs to know of the scopes of the site. */
enum class Need : std::uint8_t {
    Nothing,
    Values, /* to coerce variables, or to show the schema */
    Names,  /* to be validated */
};

struct Entry {
    MemoryContext memory = nullptr; /* nullptr: free */
    std::uint64_t hash = 0;
    std::size_t bytes = 0;
    std::uint64_t last_use = 0;
    TimestampTz used_by = 0; /* the start of the transaction that used it last */
    std::string_view query = {};
    Limits limits = {};
    Need need = Need::Nothing;
    std::uint64_t scopes = 0; /* the digest of those for which it is valid */
    Document *document = nullptr;
};

Entry entries[max_documents];
std::uint64_t clock = 0;

std::uint64_t hash_of(std::string_view query)
{
    return hash_bytes_extended(reinterpret_cast<const unsigned char *>(query.data()),
                               static_cast<int>(query.size()), 0);
}

bool is_same(const Limits &left, const Limits &right)
{
    return left.max_bytes == right.max_bytes && left.max_tokens == right.max_tokens &&
           left.max_depth == right.max_depth && left.max_aliases == right.max_aliases &&
           left.max_fields == right.max_fields;
}

/* Whether a literal can be a scope of the site: it has the form of an enum value, and is no built-in
 * scope. schema: without scopes of the site. */
bool can_name_site_scope(Value &root, const Schema &schema)
{
    const auto is_built_in = [&](std::string_view name) {
        return std::any_of(schema.types().begin(), schema.types().end(), [&](const Type *type) {
            return type->has_site_scopes && schema.find_value(*type, name) != nullptr;
        });
    };
    for (Value *value = &root; value != nullptr; value = next_value(*value, root))
        if (value->kind == ValueKind::Enum && !is_built_in(value->text))
            return true;
    return false;
}

Need need_of(const Definition &definition, const Schema &schema)
{
    Need need = Need::Nothing;
    for (const Variable &variable : definition.variables) {
        if (variable.default_value != nullptr && can_name_site_scope(*variable.default_value, schema))
            return Need::Names;
        const Type *type = schema.find_type(variable.type_name.name.text);
        if (type != nullptr && type->kind != TypeKind::Scalar)
            need = Need::Values;
    }
    for (Selection *at = definition.set->selections.first(); at != nullptr;
         at = next_selection(*at, *definition.set)) {
        for (Value &argument : at->arguments)
            if (can_name_site_scope(argument, schema))
                return Need::Names;
        if (at->name.text == "__schema" || at->name.text == "__type")
            need = Need::Values;
    }
    return need;
}

Need need_of(const Document &document)
{
    const Schema schema = fields::schema_with({});
    Need need = Need::Nothing;
    for (const Definition &definition : document.definitions)
        need = std::max(need, need_of(definition, schema));
    return need;
}

void release(Entry &entry)
{
    MemoryContextDelete(entry.memory);
    entry = {};
}

/* A trigger of the site can execute a document while another one is being executed. */
bool may_be_in_use(const Entry &entry)
{
    return entry.used_by == GetCurrentTransactionStartTimestamp();
}

void touch(Entry &entry)
{
    entry.last_use = ++clock;
    entry.used_by = GetCurrentTransactionStartTimestamp();
}

Entry *find(std::string_view query, std::uint64_t hash, const Limits &limits)
{
    auto *const found = std::find_if(std::begin(entries), std::end(entries), [&](const Entry &entry) {
        return entry.memory != nullptr && entry.hash == hash && is_same(entry.limits, limits) &&
               entry.query == query;
    });
    return found == std::end(entries) ? nullptr : found;
}

/* Frees the documents that were not used for the longest time until there is room. Returns nullptr if
 * there is none. */
Entry *make_room(std::size_t bytes)
{
    for (;;) {
        std::size_t used = 0;
        Entry *oldest = nullptr;
        Entry *free = nullptr;
        for (Entry &entry : entries) {
            used += entry.bytes;
            if (entry.memory == nullptr)
                free = &entry;
            else if (!may_be_in_use(entry) && (oldest == nullptr || entry.last_use < oldest->last_use))
                oldest = &entry;
        }
        if (free != nullptr && used + bytes <= max_bytes)
            return free;
        if (oldest == nullptr)
            return nullptr;
        release(*oldest);
    }
}

/* Makes the document one of the cache, with the memory context that it is in. */
void keep(const Entry &made)
{
    const std::size_t bytes = MemoryContextMemAllocated(made.memory, true);
    if (bytes > max_bytes / 4)
        return;
    Entry *entry = make_room(bytes);
    if (entry == nullptr)
        return;
    MemoryContextSetParent(made.memory, TopMemoryContext);
    *entry = made;
    entry->bytes = bytes;
}

std::string_view copied(std::string_view text)
{
    return {pnstrdup(text.data(), text.size()), text.size()};
}

Errors validate_now(Entry &entry, std::span<const EnumValue> site_scopes)
{
    Arena arena;
    const std::uint64_t digest = digest_of(site_scopes);
    entry.scopes = ~digest; /* if the validation is cancelled, the next use validates again */
    const Errors errors = validate(*entry.document, fields::schema_with(site_scopes), entry.limits, arena);
    if (errors.empty())
        entry.scopes = digest;
    return errors;
}

ValidDocument read(std::string_view query, std::uint64_t hash, const Limits &limits)
{
    MemoryContext before = CurrentMemoryContext;
    Entry made;
    made.memory = AllocSetContextCreateInternal(before, "GraphQL document", ALLOCSET_SMALL_SIZES);
    MemoryContextSwitchTo(made.memory);
    made.hash = hash;
    made.limits = limits;
    touch(made);
    made.query = copied(query);
    ValidDocument result;
    result.text = texts::as_utf8(made.query).value_or(made.query);
    Arena arena;
    auto *error = arena.make<Error>();
    made.document = parse(result.text, limits, arena, *error);
    if (made.document == nullptr) {
        result.errors.add(error);
    } else {
        made.need = need_of(*made.document);
        MemoryContextSwitchTo(before);
        if (made.need != Need::Nothing)
            result.site_scopes = read_site_scopes();
        result.errors = validate_now(made, result.site_scopes);
    }
    MemoryContextSwitchTo(before);
    if (!result.errors.empty())
        return result;
    result.document = made.document;
    keep(made);
    return result;
}

} // namespace

ValidDocument find_document(std::string_view query, const Limits &limits)
{
    const std::uint64_t hash = hash_of(query);
    Entry *entry = find(query, hash, limits);
    if (entry == nullptr)
        return read(query, hash, limits);
    touch(*entry);
    ValidDocument result{entry->document, {}, {}, entry->document->text};
    if (entry->need != Need::Nothing)
        result.site_scopes = read_site_scopes();
    if (entry->need == Need::Names && entry->scopes != digest_of(result.site_scopes))
        result.errors = validate_now(*entry, result.site_scopes);
    return result;
}

} // namespace opigno::graphql
