/* Requests to several shards: each shard gets the request or a part of it, and their answers become one. */
#pragma once

#include "gateway/route.hpp"

namespace opigno::gateway {

/* How several answers become one. */
enum class Combination {
    User,      /* lists by user, in pages of a size that the parameter limit says */
    Creation,  /* lists by the time of creation, and then by number; limit is optional */
    Reports,   /* the same for reports, of which each shard shows one only once */
    Names,     /* lists in the order in which the target names the users */
    UserLists, /* objects whose members are lists of users; the body names the users */
    Sum,       /* objects whose members are numbers */
    Found,     /* one shard has what the request is about */
};

struct Gathering {
    std::string_view method; /* GET: and HEAD */
    std::string_view pattern;
    std::string_view key;    /* the member of an element that is the user, or the time of its creation */
    std::string_view number; /* for Creation: the member that is a number */
    Combination combination;
    bool is_limited = false; /* for Creation: by the parameter limit */
};

static_assert(std::is_trivially_destructible_v<Gathering>);

/*
 * Reads headers, target and route into the exchange, which has the method. Returns nullptr if the request
 * is none that several shards answer. Raises 22023 if the headers are no object.
 */
const Gathering *read_gathering(Exchange &exchange, std::string_view target, Jsonb *headers);

} // namespace opigno::gateway
