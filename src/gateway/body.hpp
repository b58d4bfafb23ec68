/* The content of a request. */
#pragma once

#include "gateway/route.hpp"
#include "pg/error.hpp"

namespace opigno::gateway {

/* Raises PT413 if the body is too large, and PT415 if its Content-Type is not that of the route. */
void check_body(Exchange &exchange, const Route &route);

/* Returns the body in the database's encoding. Raises PT400 if it is not UTF-8 or contains NUL. */
std::string_view body_text(const Exchange &exchange);

/* The members of a JSON object in the body, which are taken one by one. */
class Members {
  public:
    /* Adds errors if the body is no object or if a member comes twice. Raises the error of malformed
     * JSON. */
    Members(const Exchange &exchange, pg::Errors &errors);

    /* Returns a member, which must be there if `required`, and nullptr otherwise. */
    const JsonbValue *take(std::string_view name, bool required = true);
    std::int32_t integer(std::string_view name);
    /* Returns nullptr for a member that is missing or null. */
    text *string(std::string_view name, bool required = true);
    /* Return nothing for a member that is missing or null. A number is a numeric. */
    std::optional<Datum> number(std::string_view name);
    std::optional<bool> flag(std::string_view name);
    std::optional<std::int32_t> optional_integer(std::string_view name);

    /* Returns the first member that was not taken. */
    [[nodiscard]] std::optional<std::string_view> unknown() const;

    /* Adds an error for each member that was not taken, and raises all errors. */
    void finish();

  private:
    const JsonbValue *take_given(std::string_view name, jbvType type, const char *wanted);

    struct Member {
        std::string_view name;
        JsonbValue value;
        bool is_taken;
    };

    pg::Vector<Member> members_;
    pg::Errors &errors_;
};

static_assert(std::is_trivially_destructible_v<Members>);

void define_body_settings();

} // namespace opigno::gateway
