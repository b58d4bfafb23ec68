/* Whom the fields of an operation are about, which decides where it runs in a sharded system. */
#pragma once

#include "gateway/graphql/request.hpp"
#include "pg/vector.hpp"

namespace opigno::graphql {

/* As the document has it: fields that @skip or @include leaves out count, too. */
struct Reach {
    bool has_user_field = false;        /* a field is about one user */
    bool has_own_field = false;         /* and names none, so that it is about the user of the request */
    bool has_hub_field = false;         /* a field writes registries */
    std::string_view list = {};         /* the SQL function of a field that is about many users */
    pg::Vector<std::string_view> users; /* that arguments name, in the database's encoding */
};

static_assert(std::is_trivially_destructible_v<Reach>);

/* Whether an argument of a field of the query or the mutation has this name and is a user. */
bool is_user_argument(std::string_view name);

/* Does not validate the document. It has no fields if it is malformed. */
Reach reach_of(const Request &request);

} // namespace opigno::graphql
