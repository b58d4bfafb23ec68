/*
 * The part of a body that a shard loads. The front splits a body by users, and the parts are loaded at
 * several servers. So that their answers are about the whole body, opigno.begin_bulk_part() says before
 * the load which entries of it follow.
 */
#pragma once

#include "pg/array.hpp"
#include "json/text/entry_splitter.hpp"

#include <cstdint>
#include <type_traits>

namespace opigno::bulk {

/* Without ordinals: a whole body. */
struct Part {
    const std::int64_t *ordinals = nullptr;
    const std::int64_t *positions = nullptr; /* of the entries' first bytes in the whole body, from 1 */
    std::int64_t size = 0;                   /* number of entries */
    json::BodyForm form = json::BodyForm::Found;
    bool is_flawed = false; /* the whole body is malformed: nothing is written */

    /* number: of an entry in this part, from 1. Raises 22023 if the part ends before. */
    [[nodiscard]] std::int64_t ordinal_of(std::int64_t number) const
    {
        if (ordinals == nullptr)
            return number;
        if (number > size)
            refuse_number();
        return ordinals[number - 1];
    }
    /* at: where the entry is in this part. Returns how far that is from its place in the whole body. */
    [[nodiscard]] std::int64_t offset_of(std::int64_t number, std::int64_t at) const
    {
        return ordinals == nullptr ? 0 : positions[number - 1] - 1 - at;
    }
    /* Raises 22023 unless the part had this many entries. */
    void check_end(std::int64_t received) const
    {
        if (ordinals != nullptr && received != size)
            refuse_number();
    }

  private:
    [[noreturn]] static void refuse_number();
};

static_assert(std::is_trivially_destructible_v<Part>);

/* The next load of this transaction loads this part. Copies the arrays. It is forgotten if the current
 * subtransaction is rolled back. Raises 22023 if the arrays do not fit together. */
void set_next_part(ArrayType *ordinals, ArrayType *positions, json::BodyForm form, bool is_flawed);

/* Returns the part, and forgets it. It is valid until the end of the transaction. */
Part take_next_part();

} // namespace opigno::bulk
