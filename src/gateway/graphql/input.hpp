/* The values of variables and arguments, after coercion to the types that the schema declares. */
#pragma once

#include "gateway/graphql/ast.hpp"
#include "gateway/graphql/schema.hpp"
#include "pg/jsonb.hpp"
#include "pg/vector.hpp"
#include "json/value/writer.hpp"

#include <optional>
#include <span>

namespace opigno::graphql {

enum class InputKind : std::uint8_t { Absent, Null, Boolean, Number, String, Json };

struct Input {
    InputKind kind = InputKind::Absent;
    /* In the database's encoding. Boolean: true or false. Number: its digits. String: the string,
     * the ID or the name of the enum value. Json: JSON text. */
    std::string_view text = {};
    const JsonbValue *document = nullptr; /* Json: the value instead of the text; may be nullptr */

    [[nodiscard]] bool is_given() const { return kind != InputKind::Absent && kind != InputKind::Null; }
    [[nodiscard]] bool is_true() const { return kind == InputKind::Boolean && text == "true"; }
};

static_assert(std::is_trivially_destructible_v<Input>);

/* The number whose digits a string has, for BigInt. Nothing: it is another string. */
std::optional<Input> number_in(std::string_view digits);

/* Writes the value as JSON; null for one that is absent. */
void write_input(json::Writer &out, const Input &input);

/* Returns the value as jsonb. Raises what text::jsonb raises. */
Jsonb *to_jsonb(const Input &input);

/* The variables of an operation. */
class Variables {
  public:
    Variables(const Schema &schema, const Definition &operation) : schema_(schema), operation_(operation) {}

    /* given: an object, or nullptr. Returns the errors of all variables. */
    Errors read(const JsonbValue *given);

    [[nodiscard]] const Input &value_of(std::string_view name) const;
    [[nodiscard]] const Schema &schema() const { return schema_; }

  private:
    const Schema &schema_;
    const Definition &operation_;
    pg::Vector<Input> values_;
};

static_assert(std::is_trivially_destructible_v<Variables>);

/* The most bytes of JSON text that the literals of a document can become. */
inline constexpr std::size_t max_made = 16UL * 1024 * 1024;

/*
 * Returns the values of the declared arguments, in their order. Sets `fault` to a message if a value
 * is null or missing that must not be, is too large, or contains a character that the database cannot
 * store. left: of max_made; takes from it what is made here.
 */
std::span<const Input> read_arguments(std::span<const InputValue> declared, const Chain<Value> &given,
                                      const Variables &variables, std::size_t &left, const char *&fault);

} // namespace opigno::graphql
