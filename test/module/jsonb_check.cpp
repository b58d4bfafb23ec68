/*
 * What test/suites/merge_patch.t needs in the server: the checker of src/json, documents as bytes
 * and the other way round, documents that are damaged, and random ones.
 */
#include "pg/encoding.hpp"
#include "pg/jsonb.hpp"
#include "pg/number.hpp"
#include "pg/result.hpp"
#include "pg/text.hpp"

#include "random_json.hpp"
#include "json/value/jsonb_check.hpp"
#include "json/value/jsonb_format.hpp"

extern "C" {
#include <access/detoast.h>

PG_MODULE_MAGIC;
}

namespace {

using namespace opigno;

std::string_view container_of(const void *varlena)
{
    return {VARDATA(varlena), VARSIZE(varlena) - VARHDRSZ};
}

void *varlena_of(std::string_view bytes)
{
    auto *made = static_cast<struct varlena *>(palloc(bytes.size() + VARHDRSZ));
    SET_VARSIZE(made, bytes.size() + VARHDRSZ);
    std::copy(bytes.begin(), bytes.end(), VARDATA(made));
    return made;
}

/* Offsets of the bytes that are no content: headers, entries and paddings, of all containers within. */
void find_structure(const char *document, const char *container, pg::Vector<std::uint32_t> &found)
{
    const auto add = [&](const char *from, const char *to) {
        for (; from < to; ++from)
            found.push_back(static_cast<std::uint32_t>(from - document));
    };
    const std::uint32_t header = json::word(container);
    const std::uint32_t children =
        (header & json::count_mask) * ((header & json::object_flag) != 0 ? 2U : 1U);
    const json::Entries entries(container, children);
    add(container, entries.data());
    for (std::uint32_t child = 0; child < children; ++child) {
        const json::Value value = entries.value(child);
        add(entries.data() + entries.start(child), value.bytes.data());
        if (value.type == json::container_type)
            find_structure(document, value.bytes.data(), found);
    }
}

const test::Node *random_target(std::int64_t seed, std::int64_t number, test::RandomJson &random)
{
    random = test::RandomJson(static_cast<std::uint64_t>(seed) * 0x100000001B3U +
                              static_cast<std::uint64_t>(number));
    return random.document();
}

text *printed(const test::Node *node, std::int64_t number)
{
    StringInfoData out;
    initStringInfo(&out);
    test::Printer(static_cast<std::uint64_t>(number), &out).print(node);
    return cstring_to_text_with_len(out.data, out.len);
}

} // namespace

/* jsonb_flaw(jsonb) text: the rule of the format that is broken, or NULL. */
OPIGNO_FUNCTION(jsonb_flaw)
{
    const char *flaw = json::format_flaw(container_of(PG_GETARG_JSONB_P(0)));
    if (flaw == nullptr)
        PG_RETURN_NULL();
    PG_RETURN_TEXT_P(cstring_to_text(flaw));
}

/* jsonb_to_bytes(jsonb) bytea: the container, without the header of the value. */
OPIGNO_FUNCTION(jsonb_to_bytes)
{
    PG_RETURN_BYTEA_P(varlena_of(container_of(PG_GETARG_JSONB_P(0))));
}

/* jsonb_from_bytes(bytea) jsonb: whatever the bytes are; only to be shown to jsonb_flaw unless it accepts
 * them. */
OPIGNO_FUNCTION(jsonb_from_bytes)
{
    PG_RETURN_POINTER(varlena_of(container_of(PG_GETARG_BYTEA_P(0))));
}

/* jsonb_damaged(jsonb, seed bigint) bytea: one bit of its structure is another. */
OPIGNO_FUNCTION(jsonb_damaged)
{
    void *damaged = varlena_of(container_of(PG_GETARG_JSONB_P(0)));
    test::Random random(static_cast<std::uint64_t>(PG_GETARG_INT64(1)));
    pg::Vector<std::uint32_t> structure;
    find_structure(VARDATA(damaged), VARDATA(damaged), structure);
    char &byte = VARDATA(damaged)[structure[random.below(static_cast<std::uint32_t>(structure.size()))]];
    byte = static_cast<char>(byte ^ (1 << random.below(8)));
    PG_RETURN_POINTER(damaged);
}

/* jsonb_storage(jsonb) text: how the argument came. */
OPIGNO_FUNCTION(jsonb_storage)
{
    auto *value = static_cast<struct varlena *>(static_cast<void *>(DatumGetPointer(PG_GETARG_DATUM(0))));
    const char *storage = "plain";
    if (VARATT_IS_EXTERNAL_ONDISK(value)) {
        struct varatt_external pointer;
        VARATT_EXTERNAL_GET_POINTER(pointer, value);
        storage = VARATT_EXTERNAL_GET_EXTSIZE(pointer) < static_cast<uint32>(pointer.va_rawsize) - VARHDRSZ
                      ? "external compressed"
                      : "external";
    } else if (VARATT_IS_COMPRESSED(value)) {
        storage = "compressed";
    } else if (VARATT_IS_SHORT(value)) {
        storage = "short";
    }
    PG_RETURN_TEXT_P(cstring_to_text(storage));
}

/* random_target(seed bigint, number bigint) text, and random_patch of the same: a pair. */
OPIGNO_FUNCTION(random_target)
{
    test::RandomJson random(0);
    PG_RETURN_TEXT_P(
        printed(random_target(PG_GETARG_INT64(0), PG_GETARG_INT64(1), random), PG_GETARG_INT64(1)));
}

OPIGNO_FUNCTION(random_patch)
{
    test::RandomJson random(0);
    const test::Node *target = random_target(PG_GETARG_INT64(0), PG_GETARG_INT64(1), random);
    PG_RETURN_TEXT_P(printed(random.patch(target), ~PG_GETARG_INT64(1)));
}
