#include "schema/active.hpp"

#include "identity/access.hpp"
#include "pg/catalog.hpp"
#include "pg/invalidation.hpp"
#include "pg/spi.hpp"
#include "pg/text.hpp"
#include "schema/draft.hpp"

#include <iterator>

namespace opigno::schema {

namespace {

constexpr Oid key_types[] = {INT4OID, TEXTOID};
constinit pg::Statement select_active(
    "SELECT s.version, s.mode = 'enforce', s.draft, s.assert_formats, s.apply_defaults, s.schema"
    " FROM opigno.app_schema AS s WHERE s.app_id = $1 AND s.document_kind = $2 AND s.mode <> 'off'",
    key_types);

/* An unused slot has the generation 0. */
struct Slot {
    std::uint64_t generation;
    std::uint64_t cache_generation;
    std::int32_t app_id;
    Active active; /* has the kind */
};

constinit Slot slots[1024] = {};

Oid table = InvalidOid;

/* Changes with each announcement. */
std::uint64_t generation = 1;

void forget(Datum /*argument*/, Oid changed)
{
    if (changed == table || changed == InvalidOid)
        ++generation;
}

ActiveSchema schema_in(std::uint64_t row)
{
    json::schema::Options options;
    options.draft = draft_of(pg::view(DatumGetTextPP(pg::column(3, row))));
    options.asserts_formats = DatumGetBool(pg::column(4, row));
    return {DatumGetInt64(pg::column(1, row)), DatumGetBool(pg::column(5, row)),
            &compiled(DatumGetJsonbP(pg::column(6, row)), options)};
}

Active read(Oid function, DocumentKind kind, std::int32_t app_id)
{
    return identity::as_owner_of(function, [&]() {
        const Datum key[] = {Int32GetDatum(app_id), PointerGetDatum(pg::make_text(word_of(kind)))};
        const auto rows = select_active.read_newest(table, key);
        Active active;
        active.kind = kind;
        for (std::uint64_t row = 0; row < rows; ++row)
            (DatumGetBool(pg::column(2, row)) ? active.enforced : active.tried) = schema_in(row);
        return active;
    });
}

void note_use(const ActiveSchema &schema)
{
    if (schema.compiled != nullptr)
        touch(*schema.compiled);
}

} // namespace

const Active &active_schemas(Oid function, DocumentKind kind, std::int32_t app_id)
{
    const auto number = static_cast<std::uint32_t>(app_id) * 2 + static_cast<std::uint32_t>(kind);
    Slot &slot = slots[number % std::size(slots)];
    if (slot.generation != generation || slot.cache_generation != cache_generation() ||
        slot.app_id != app_id || slot.active.kind != kind) {
        slot.generation = 0;
        table = get_relname_relid("app_schema", get_func_namespace(function));
        const std::uint64_t before = generation; /* reading can receive announcements */
        const Active active = read(function, kind, app_id);
        slot = {before, cache_generation(), app_id, active};
    }
    note_use(slot.active.enforced);
    note_use(slot.active.tried);
    return slot.active;
}

void watch_schemas()
{
    CacheRegisterRelcacheCallback(forget, Datum{0});
}

} // namespace opigno::schema
