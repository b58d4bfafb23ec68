/* The tokens of a document. Does not depend on PostgreSQL. */
#pragma once

#include "gateway/graphql/error.hpp"
#include "gateway/graphql/limits.hpp"
#include "json/value/arena.hpp"

namespace opigno::graphql {

using json::Arena;

enum class TokenKind : std::uint8_t {
    Bang,
    Dollar,
    Ampersand,
    OpenParenthesis,
    CloseParenthesis,
    Spread,
    Colon,
    Equals,
    At,
    OpenBracket,
    CloseBracket,
    OpenBrace,
    Pipe,
    CloseBrace,
    Name,
    Int,
    Float,
    String,
    BlockString,
    End,
};

struct Token {
    TokenKind kind = TokenKind::End;
    Offset at = 0;
    Offset end = 0;
    std::string_view text; /* of a string: its value; of a punctuator: empty */
};

static_assert(std::is_trivially_destructible_v<Token>);

/* As messages call it: "{" with its quotes, Name. */
std::string_view description_of(TokenKind kind);

/* Sets an error with "Syntax Error: " and the parts as its message. Returns false. */
bool fail(Error &error, Arena &arena, Offset at, std::initializer_list<std::string_view> parts);

/* Reads tokens, of which comments are none. */
class Lexer {
  public:
    Lexer(std::string_view text, Arena &arena, Error &error) : text_(text), arena_(&arena), error_(&error) {}

    /* Reads the first token behind this offset. Returns false and sets the error if it is wrong. */
    bool read(Offset from, Token &token);

  private:
    [[nodiscard]] unsigned char byte(std::size_t at) const
    {
        return at < text_.size() ? static_cast<unsigned char>(text_[at]) : 0;
    }
    [[nodiscard]] std::size_t skip_ignored(std::size_t at) const;
    [[nodiscard]] std::size_t skip_comment(std::size_t at) const;
    bool read_name(std::size_t at, Token &token) const;
    bool read_number(std::size_t at, Token &token);
    bool skip_digits(std::size_t &at);
    bool read_string(std::size_t at, Token &token);
    bool read_block_string(std::size_t at, Token &token);
    bool skip_character(std::size_t &at);
    bool fail_at(std::size_t at, std::initializer_list<std::string_view> parts);
    std::string_view quoted(std::size_t at);

    std::string_view text_;
    Arena *arena_;
    Error *error_;
};

static_assert(std::is_trivially_destructible_v<Lexer>);

} // namespace opigno::graphql
