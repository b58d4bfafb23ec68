#include "gateway/graphql/token_reader.hpp"

#include "gateway/graphql/decimal.hpp"

namespace opigno::graphql {

bool TokenReader::fail_at_limit(Offset at, const char *what, std::uint32_t limit)
{
    return fail_at(at, {"Document contains more than ", decimal(limit, *arena_), " ", what, "."});
}

bool TokenReader::advance()
{
    if (count_ % 1024 == 0)
        json::poll();
    if (!lexer_.read(token_.end, token_))
        return false;
    if (token_.kind == TokenKind::End || ++count_ <= limits_->max_tokens)
        return true;
    return fail_at_limit(token_.at, "tokens", limits_->max_tokens);
}

bool TokenReader::enter()
{
    if (++depth_ <= limits_->max_depth)
        return true;
    return fail_at_limit(token_.at, "levels", limits_->max_depth);
}

std::string_view TokenReader::described(const Token &token)
{
    const std::string_view kind = description_of(token.kind);
    return token.kind == TokenKind::Name ? arena_->join({kind, " \"", token.text, "\""}) : kind;
}

bool TokenReader::unexpected(const Token &token)
{
    return fail_at(token.at, {"Unexpected ", described(token), "."});
}

bool TokenReader::expect(TokenKind kind)
{
    if (is(kind))
        return advance();
    return fail_at(token_.at, {"Expected ", description_of(kind), ", found ", described(token_), "."});
}

bool TokenReader::expect_keyword(std::string_view word)
{
    if (is_keyword(word))
        return advance();
    return fail_at(token_.at, {"Expected \"", word, "\", found ", described(token_), "."});
}

bool TokenReader::expect_name(Name &name)
{
    name = {token_.text, token_.at};
    return expect(TokenKind::Name);
}

bool TokenReader::accept(TokenKind kind, bool &skipped)
{
    skipped = is(kind);
    return !skipped || advance();
}

} // namespace opigno::graphql
