/* A GraphQL request, and its answer. */
#pragma once

#include "gateway/graphql/limits.hpp"
#include "pg/jsonb.hpp"

#include <string_view>
#include <type_traits>

namespace opigno::graphql {

struct Request {
    std::string_view query;
    const JsonbValue *variables = nullptr; /* an object, or nullptr */
    std::string_view operation_name = {};  /* empty: the only operation */
    bool may_write = true;                 /* otherwise a mutation is refused */
    /* Of the answer to a request that is executed. */
    MemoryContext memory = CurrentMemoryContext;
};

enum class Outcome {
    Executed,
    Refused,  /* the request has errors, and the answer no member "data" */
    Mutation, /* a mutation was refused because may_write is false */
};

struct Answer {
    Datum json = 0; /* a value of type json */
    Outcome outcome = Outcome::Executed;
};

static_assert(std::is_trivially_destructible_v<Request> && std::is_trivially_destructible_v<Answer>);

/* Called between SPI_connect and SPI_finish, with the rights of the caller. */
Answer answer(const Request &request);

/* The answer to a request that is refused for this reason. */
Answer refusal(const char *message);

/* The limits of documents that the settings set. */
Limits current_limits();

void define_settings();

} // namespace opigno::graphql
