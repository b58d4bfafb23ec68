/* Coercion of literals: of values that are written in a document or in the schema. */
#pragma once

#include "gateway/graphql/input.hpp"

namespace opigno::graphql {

/* Reads literals of a valid document. */
class LiteralReader {
  public:
    /* variables: nullptr where the document cannot have any. most: bytes of JSON text, since a short
     * literal can have a large variable many times. */
    LiteralReader(const Variables *variables, std::size_t most) : variables_(variables), most_(most) {}

    Input read(TypeReference type, const Value &value);
    /* A default value of the schema: a number, true, false, a name, or a string without escapes. */
    static Input read_default(const InputValue &declared);

    /* nullptr, or what is wrong with a value that was read. */
    [[nodiscard]] const char *fault() const { return fault_; }
    /* What is left of `most`. */
    [[nodiscard]] std::size_t left() const { return most_; }

  private:
    Input leaf(const Type &type, const Value &value);
    Input variable(TypeReference type, const Value &value);
    void write(json::Writer &out, TypeReference type, const Value &value);
    void write_object(json::Writer &out, const Type &type, const Value &value);
    void write_untyped(json::Writer &out, const Value &value);
    std::string_view text_of(const Value &value);
    bool is_full(const json::Writer &out);
    Input made(const json::Writer &out);

    const Variables *variables_;
    std::size_t most_;
    const char *fault_ = nullptr;
};

static_assert(std::is_trivially_destructible_v<LiteralReader>);

} // namespace opigno::graphql
