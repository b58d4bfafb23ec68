/* The users whom a request is about, apart from the one that it acts for. */
#pragma once

#include "gateway/shard_route.hpp"
#include "json/value/reader.hpp"

namespace opigno::gateway {

using Users = pg::Vector<std::string_view>;

/* Returns the users as they are given. Raises the errors of a body that cannot be read. A document of
 * GraphQL is not read: graphql/reach.hpp does that. */
Users users_of(const Exchange &exchange, const ShardRule &rule);

/* Raises PT409 if this server is a shard, and the user is on another one: a read would find nothing. No
 * server has a user with a name that is not valid. */
void check_user_is_here(std::string_view name);

/* The same for the user of the request, unless it is an operator's or asserted, and for the users that it is
 * about. */
void check_users_are_here(const Exchange &exchange);

/* The body as JSON, of which the last of repeated members counts; null if it is malformed. */
JsonbValue json_body(const Exchange &exchange);

/* The same, but null if a member is repeated, which the routes for users refuse. */
JsonbValue distinct_body(const Exchange &exchange);

/* Calls visit(value) for the member of the object that has the name. */
template <typename Visit> void with_member(const JsonbValue &object, std::string_view wanted, Visit visit)
{
    if (json::is_object(object))
        json::each_member(object, [&](std::string_view name, const JsonbValue &value) {
            if (name == wanted)
                visit(value);
        });
}

} // namespace opigno::gateway
