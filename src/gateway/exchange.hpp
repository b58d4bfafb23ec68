/* One HTTP request and its answer. */
#pragma once

#include "gateway/http/headers.hpp"
#include "gateway/http/target.hpp"
#include "pg/jsonb.hpp"
#include "pg/text.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>

namespace opigno::gateway {

inline constexpr const char *json_type = "application/json";

struct Answer {
    MemoryContext memory = CurrentMemoryContext; /* in which the answer outlives SPI and errors */
    int status = 200;
    const char *media_type = json_type;
    Parameters headers;
    Datum body = 0; /* a value of type text or json; 0 is none */

    /* name: a constant. value: is copied, and appended to the value that the header has already. */
    void header(const char *name, std::string_view value);
    /* Copies a body that is in SPI's memory: each statement makes that memory current. */
    void keep_body();
};

static_assert(std::is_trivially_destructible_v<Answer>);

struct Route;

struct Exchange {
    std::string_view method;
    Target target;
    const Route *route = nullptr;          /* nullptr: none was found yet */
    std::optional<std::int64_t> client_id; /* of the request that the route has begun */
    Headers headers;
    const bytea *given_body;               /* nullptr is none */
    pg::Vector<std::string_view> captures; /* the values of the route's :names, in order */
    /* The client wants no content in the answer to a write: Prefer: return=minimal (RFC 7240). */
    bool wants_minimal_answer;
    Answer *answer;
};

static_assert(std::is_trivially_destructible_v<Exchange>);

/* Whether a request with this method writes nothing. */
inline bool is_read(std::string_view method)
{
    return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

/*
 * Raises an error that becomes an answer with this status. The SQLSTATE is PT and the status, as
 * PostgREST understands it. message: a constant, in PostgreSQL's style.
 */
[[noreturn]] void refuse(int status, const char *message);

/* Returns a captured value as an argument of an SQL function. */
inline Datum captured_text(const Exchange &exchange, std::size_t number)
{
    return PointerGetDatum(pg::make_text(exchange.captures[number]));
}

/* Leaves out the content of an answer to a write if the client wants that. Content that is not the
 * written resource stays: only the answer with the resource has an ETag. */
void make_minimal(Exchange &exchange);

/* Makes an answer of Open edX the body. The status is 400 if it says what is wrong. */
void answer_with_errors(Answer &answer, Datum json);

/* Returns the captured value as an app_id. Raises PT404 if it is no integer. */
std::int32_t captured_app(const Exchange &exchange, std::size_t number);

} // namespace opigno::gateway
