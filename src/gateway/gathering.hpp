/* Reads of several shards: each shard gets the request or a part of it, and their answers become one. */
#pragma once

#include "gateway/route.hpp"

namespace opigno::gateway {

/* The order of the elements in an answer. */
enum class Order {
    User,     /* by the user, in pages of a size that the parameter limit says */
    Creation, /* by the time of creation, and then by number; limit is optional */
    Names,    /* as the request names the users */
};

struct Gathering {
    std::string_view pattern;
    std::string_view key; /* the member of an element that is the user, or the time of its creation */
    Order order;
    bool is_limited = true;
};

static_assert(std::is_trivially_destructible_v<Gathering>);

/*
 * Reads headers, target and route into the exchange, which has the method. Returns nullptr if the request
 * is no read that several shards answer. Raises 22023 if the headers are no object.
 */
const Gathering *read_gathering(Exchange &exchange, std::string_view target, Jsonb *headers);

} // namespace opigno::gateway
