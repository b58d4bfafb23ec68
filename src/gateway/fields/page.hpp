/* What pages of all kinds have in common: the objects and resolvers of connections, edges and PageInfo. */
#pragma once

#include "gateway/fields/types.hpp"

#include <cstdint>
#include <optional>

namespace opigno::fields {

inline constexpr std::int32_t default_page_size = 100;
inline constexpr std::int32_t max_page_size = 500;

/*
 * The arguments, and the rows of the page with one more, if there is one. The first column of a row is
 * its key. The object of a connection, of its PageInfo, and nothing else.
 */
struct Page {
    bool is_backward = false;
    std::int32_t size = default_page_size;
    const text *start = nullptr; /* a key; nullptr: the end of all rows */
    std::optional<bool> is_active;
    const text *scope = nullptr; /* of user contexts */
    std::int32_t app_id = 0;     /* of training profiles */
    const text *state = nullptr; /* of retirements, with the two times */
    const text *begun_from = nullptr;
    const text *begun_before = nullptr;
    const SPITupleTable *rows = nullptr;
    std::uint64_t count = 0;
    bool has_more = false;
    mutable std::optional<bool> has_others; /* on the other side, once that was read */
    /* Reads rows from a key on. */
    const SPITupleTable *(*read)(Resolution &resolution, const Page &page, bool is_backward,
                                 const text *start, std::int32_t rows) = nullptr;
};

static_assert(std::is_trivially_destructible_v<Page>);

/* The key of the cursor in an argument; nullptr without one. Raises 22023 for a text that no cursor
 * has. */
const text *start_of(const Resolution &resolution, const char *argument);

/* The argument "first"; if_null without one. Raises 22023 for a size that no page has. */
std::int32_t size_of(const Resolution &resolution, std::int32_t if_null);

/* Whether the document selects something for which the rows are read. */
bool shows_rows(const Resolution &resolution);

/* To be called for each page of retirements, which can read the whole table. Raises 54000 for too many in
 * a document. */
void count_retirement_page(graphql::Execution &execution);

/* Whether the document has erased a user. */
bool &has_erased(graphql::Execution &execution);

/* Reads the rows if they are needed. Makes the page the value of the field. */
void resolve_page(Resolution &resolution, Page &page);

} // namespace opigno::fields
