/*
 * The only object that may use the C++ runtime (docs/decisions/0010-json-text.md). No exception can
 * leave it: simdjson is compiled without exceptions, and allocates without throwing.
 */
#include "json/text/structure.hpp"

#ifdef OPIGNO_WITH_SIMDJSON

#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>

#include <algorithm>
#include <bit>

namespace {

constexpr std::size_t least_capacity = std::size_t{1} << 16U;
constexpr std::size_t kept_capacity = std::size_t{1} << 20U; /* takes 4 MB of memory */

/* Never destroyed: it lives as long as the backend. */
simdjson::internal::dom_parser_implementation *parser = nullptr;

bool make_parser(std::size_t capacity)
{
    std::unique_ptr<simdjson::internal::dom_parser_implementation> made;
    if (simdjson::get_active_implementation()->create_dom_parser_implementation(capacity, 1, made) !=
        simdjson::SUCCESS)
        return false;
    parser = made.release();
    return true;
}

/* Grows in powers of two. The memory that a huge text needed is not kept for small ones. */
bool has_capacity(std::size_t size)
{
    const std::size_t capacity = std::max(least_capacity, std::bit_ceil(size));
    if (parser == nullptr)
        return make_parser(capacity);
    const bool is_huge = parser->capacity() > kept_capacity && capacity <= kept_capacity;
    return (parser->capacity() >= capacity && !is_huge) || parser->allocate(capacity, 1) == simdjson::SUCCESS;
}

} // namespace

bool opigno_find_json_structure(const char *text, std::size_t size, struct opigno_json_structure *found)
{
    if (!has_capacity(size) || parser->stage1(reinterpret_cast<const std::uint8_t *>(text), size,
                                              simdjson::stage1_mode::regular) != simdjson::SUCCESS)
        return false;
    found->offsets = parser->structural_indexes.get();
    found->count = parser->n_structural_indexes;
    return true;
}

#endif
