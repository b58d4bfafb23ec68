/* What mutations answer: errors, and a response or null. */
#pragma once

#include "gateway/fields/types.hpp"
#include "json/text/text_scanner.hpp"

namespace opigno::fields {

struct Outcome {
    std::string_view errors = "[]";      /* JSON text: the violations */
    const SPITupleTable *rows = nullptr; /* the response is the first row; nullptr: null */
    std::string_view answer = {};        /* JSON text: the answer of a bulk function */
};

static_assert(std::is_trivially_destructible_v<Outcome>);

/*
 * Runs a mutation in a subtransaction, and makes its outcome the value of the field. An error that
 * is about the request becomes a violation, and undoes what this mutation has written. mutate: gets
 * an Outcome to fill.
 */
void run_mutation(Resolution &resolution, void (*mutate)(Resolution &resolution, Outcome &outcome));

/* Resolvers of the members "errors" and "response" of an outcome. */
void write_violations(const graphql::Execution &execution, const graphql::PlanField &field,
                      const Object &object, json::Writer &out);
void resolve_response(Resolution &resolution);

/* Returns a member of a JSON object as JSON text; "null" if it is missing. */
std::string_view member_of(std::string_view object, std::string_view name);

/* The argument expectedVersion; nothing if it is not given. BigInt takes any value: raises 22023 for one
 * that is no integer. */
std::optional<std::int64_t> version_of(const graphql::Input &input);

/* Raises 22023 for an argument that is a time without an offset. */
void check_time(const graphql::Input &input, const char *argument);

} // namespace opigno::fields
