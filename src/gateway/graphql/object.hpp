/* The objects that fields are resolved for, and the values of fields. */
#pragma once

#include "gateway/graphql/type_reference.hpp"
#include "pg/spi.hpp"
#include "pg/vector.hpp"

#include <string_view>

namespace opigno::graphql {

/* An object is a row of a statement or an item of the room's own, or both. */
struct Object {
    const SPITupleTable *rows = nullptr;
    std::uint64_t row = 0;
    const void *item = nullptr;
    Layers layers = {};      /* of introspection: the layers of a type */
    std::uint32_t cell = 0;  /* the place of the parent among the parents */
    std::uint32_t place = 0; /* in the list of the cell */
    bool is_null = false;    /* an error of a field makes the object null */
};

using Objects = pg::Vector<Object>;

/* The value of a field of one object. */
struct Cell {
    bool is_null = true;
    bool has_error = false;
    std::string_view json = {}; /* of a scalar or a list of scalars */
    std::uint32_t first = 0;    /* the first of its objects */
    std::uint32_t count = 0;
};

static_assert(std::is_trivially_destructible_v<Object> && std::is_trivially_destructible_v<Cell>);

} // namespace opigno::graphql
