/* The tokens of a document with the look-ahead of one that the parser needs, and its limits. Does
 * not depend on PostgreSQL. */
#pragma once

#include "gateway/graphql/ast.hpp"
#include "gateway/graphql/lexer.hpp"

namespace opigno::graphql {

/* The functions that return bool return false, and have set the error, for a document that ends. */
class TokenReader {
  public:
    TokenReader(std::string_view text, const Limits &limits, Arena &arena, Error &error)
        : lexer_(text, arena, error), limits_(&limits), arena_(&arena), error_(&error)
    {
    }

    [[nodiscard]] const Token &token() const { return token_; }
    [[nodiscard]] bool is(TokenKind kind) const { return token_.kind == kind; }
    [[nodiscard]] bool is_keyword(std::string_view word) const
    {
        return token_.kind == TokenKind::Name && token_.text == word;
    }
    [[nodiscard]] bool is_string() const
    {
        return token_.kind == TokenKind::String || token_.kind == TokenKind::BlockString;
    }
    [[nodiscard]] std::uint32_t count() const { return count_; }

    bool advance();
    bool look_ahead(Token &next) { return lexer_.read(token_.end, next); }

    bool expect(TokenKind kind);
    bool expect_keyword(std::string_view word);
    bool expect_name(Name &name);

    /* Skips the token if it is of the kind; skipped: whether it was. */
    bool accept(TokenKind kind, bool &skipped);

    bool fail_at(Offset at, std::initializer_list<std::string_view> parts)
    {
        return fail(*error_, *arena_, at, parts);
    }
    bool unexpected(const Token &token);
    bool unexpected() { return unexpected(token_); }

    /* Of selection sets, lists and objects. */
    bool enter();
    void leave() { --depth_; }

  private:
    /* Shows names, but no values. */
    std::string_view described(const Token &token);
    bool fail_at_limit(Offset at, const char *what, std::uint32_t limit);

    Lexer lexer_;
    const Limits *limits_;
    Arena *arena_;
    Error *error_;
    Token token_;
    std::uint32_t count_ = 0;
    std::uint32_t depth_ = 0;
};

static_assert(std::is_trivially_destructible_v<TokenReader>);

} // namespace opigno::graphql
