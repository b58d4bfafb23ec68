/* Where the request of a route runs in a system that is sharded by user. */
#pragma once

#include "gateway/route.hpp"

namespace opigno::gateway {

enum class Place {
    Any,   /* on every server alike */
    User,  /* on the shard of one user, or on any server if the request names none */
    Hub,   /* on the server with the registries */
    Every, /* on several shards */
};

/* Where a request says on whom it acts. */
enum class Source {
    Request,  /* only its headers name a user */
    Path,     /* a segment of the path that the pattern names :uuid, :userid or :username */
    Query,    /* a parameter that is a list with commas */
    Member,   /* a member of the body that is a string */
    Text,     /* a member of the body that is a list with commas */
    Array,    /* a member of the body that is an array of strings */
    Elements, /* a member of each object in the array that is the body */
    Document, /* arguments in a document of GraphQL */
};

struct ShardRule {
    std::string_view method;
    std::string_view pattern;
    Place place;
    Source source = Source::Request;
    std::string_view name = {};     /* of the parameter or member */
    std::string_view function = {}; /* the SQL function that does the same on all shards */
};

/* Of a route without a line in the table: the shard of the user in the path or of the request; any server
 * if nobody needs to identify; and otherwise, as most routes for operators only, every shard. */
ShardRule shard_rule_of(const Route &route);

/* Whether a segment of a pattern captures a user. */
bool captures_user(std::string_view segment);

} // namespace opigno::gateway
