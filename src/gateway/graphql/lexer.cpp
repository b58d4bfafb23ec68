#include "gateway/graphql/lexer.hpp"

#include "gateway/graphql/piece.hpp"
#include "gateway/graphql/string_value.hpp"

namespace opigno::graphql {

namespace {

bool is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

bool is_name_start(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* End for what is no punctuator of one byte. */
TokenKind punctuator(unsigned char c)
{
    switch (c) {
    case '!':
        return TokenKind::Bang;
    case '$':
        return TokenKind::Dollar;
    case '&':
        return TokenKind::Ampersand;
    case '(':
        return TokenKind::OpenParenthesis;
    case ')':
        return TokenKind::CloseParenthesis;
    case ':':
        return TokenKind::Colon;
    case '=':
        return TokenKind::Equals;
    case '@':
        return TokenKind::At;
    case '[':
        return TokenKind::OpenBracket;
    case ']':
        return TokenKind::CloseBracket;
    case '{':
        return TokenKind::OpenBrace;
    case '|':
        return TokenKind::Pipe;
    case '}':
        return TokenKind::CloseBrace;
    default:
        return TokenKind::End;
    }
}

Token make_token(TokenKind kind, std::size_t at, std::size_t end, std::string_view text = {})
{
    return {kind, static_cast<Offset>(at), static_cast<Offset>(end), text};
}

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::string_view block_quotes = "\"\"\"";

} // namespace

std::string_view description_of(TokenKind kind)
{
    constexpr std::string_view descriptions[] = {
        "\"!\"", "\"$\"", "\"&\"", "\"(\"", "\")\"", "\"...\"", "\":\"", "\"=\"",  "\"@\"",       "\"[\"",
        "\"]\"", "\"{\"", "\"|\"", "\"}\"", "Name",  "Int",     "Float", "String", "BlockString", "<EOF>"};
    static_assert(std::size(descriptions) == static_cast<std::size_t>(TokenKind::End) + 1);
    return descriptions[static_cast<std::size_t>(kind)];
}

bool fail(Error &error, Arena &arena, Offset at, std::initializer_list<std::string_view> parts)
{
    auto *place = arena.array<Offset>(1);
    *place = at;
    error = {arena.join({"Syntax Error: ", arena.join(parts)}), {place, 1}};
    return false;
}

bool Lexer::fail_at(std::size_t at, std::initializer_list<std::string_view> parts)
{
    return fail(*error_, *arena_, static_cast<Offset>(at), parts);
}

/* A character as messages show it; what is not ASCII could be a user's data. */
std::string_view Lexer::quoted(std::size_t at)
{
    if (at >= text_.size())
        return description_of(TokenKind::End);
    const unsigned char c = byte(at);
    if (c == '"')
        return "'\"'";
    if (c >= ' ' && c < 0x7F)
        return arena_->join({"\"", piece(text_, at, 1), "\""});
    return c < 0x80 ? "a control character" : "a character that is not ASCII";
}

std::size_t Lexer::skip_comment(std::size_t at) const
{
    while (at < text_.size() && text_[at] != '\n' && text_[at] != '\r') {
        const std::size_t size = character_size(piece(text_, at, 4));
        if (size == 0)
            break;
        at += size;
    }
    return at;
}

std::size_t Lexer::skip_ignored(std::size_t at) const
{
    for (; at < text_.size(); ++at) {
        switch (text_[at]) {
        case ' ':
        case '\t':
        case ',':
        case '\n':
        case '\r':
            break;
        case '#':
            at = skip_comment(at) - 1;
            break;
        default:
            if (piece(text_, at, byte_order_mark.size()) != byte_order_mark)
                return at;
            at += byte_order_mark.size() - 1;
        }
    }
    return at;
}

bool Lexer::read(Offset from, Token &token)
{
    const std::size_t at = skip_ignored(from);
    const unsigned char c = byte(at);
    const TokenKind kind = punctuator(c);
    if (kind != TokenKind::End || at >= text_.size()) {
        token = make_token(kind, at, std::min(at + 1, text_.size()));
        return true;
    }
    if (is_name_start(c))
        return read_name(at, token);
    if (is_digit(c) || c == '-')
        return read_number(at, token);
    if (piece(text_, at, 3) == "...") {
        token = make_token(TokenKind::Spread, at, at + 3);
        return true;
    }
    if (piece(text_, at, block_quotes.size()) == block_quotes)
        return read_block_string(at, token);
    if (c == '"')
        return read_string(at, token);
    if (c == '\'')
        return fail_at(at,
                       {"Unexpected single quote character ('), did you mean to use a double quote (\")?"});
    const bool is_valid = character_size(piece(text_, at, 4)) > 0;
    return fail_at(at, {is_valid ? "Unexpected" : "Invalid", " character: ", quoted(at), "."});
}

bool Lexer::read_name(std::size_t at, Token &token) const
{
    std::size_t end = at + 1;
    while (is_name_start(byte(end)) || is_digit(byte(end)))
        ++end;
    token = make_token(TokenKind::Name, at, end, piece(text_, at, end - at));
    return true;
}

bool Lexer::skip_digits(std::size_t &at)
{
    if (!is_digit(byte(at)))
        return fail_at(at, {"Invalid number, expected digit but got: ", quoted(at), "."});
    while (is_digit(byte(at)))
        ++at;
    return true;
}

bool Lexer::read_number(std::size_t at, Token &token)
{
    std::size_t end = at;
    bool is_float = false;
    if (byte(end) == '-')
        ++end;
    if (byte(end) == '0') {
        ++end;
        if (is_digit(byte(end)))
            return fail_at(end, {"Invalid number, unexpected digit after 0: ", quoted(end), "."});
    } else if (!skip_digits(end)) {
        return false;
    }
    if (byte(end) == '.') {
        is_float = true;
        ++end;
        if (!skip_digits(end))
            return false;
    }
    if (byte(end) == 'e' || byte(end) == 'E') {
        is_float = true;
        ++end;
        if (byte(end) == '+' || byte(end) == '-')
            ++end;
        if (!skip_digits(end))
            return false;
    }
    if (byte(end) == '.' || is_name_start(byte(end)))
        return fail_at(end, {"Invalid number, expected digit but got: ", quoted(end), "."});
    token = make_token(is_float ? TokenKind::Float : TokenKind::Int, at, end, piece(text_, at, end - at));
    return true;
}

bool Lexer::skip_character(std::size_t &at)
{
    const std::size_t size = character_size(piece(text_, at, 4));
    if (size == 0)
        return fail_at(at, {"Invalid character within String: ", quoted(at), "."});
    at += size;
    return true;
}

bool Lexer::read_string(std::size_t at, Token &token)
{
    std::size_t end = at + 1;
    while (end < text_.size() && text_[end] != '\n' && text_[end] != '\r') {
        if (text_[end] == '"') {
            token = make_token(TokenKind::String, at, end + 1,
                               string_value(piece(text_, at + 1, end - at - 1), *arena_));
            return true;
        }
        if (text_[end] == '\\') {
            const Escape escape = read_escape(piece(text_, end, 12));
            if (escape.size == 0)
                return fail_at(end, {byte(end + 1) == 'u' ? "Invalid Unicode escape sequence."
                                                          : "Invalid character escape sequence."});
            end += escape.size;
        } else if (!skip_character(end)) {
            return false;
        }
    }
    return fail_at(end, {"Unterminated string."});
}

bool Lexer::read_block_string(std::size_t at, Token &token)
{
    const std::size_t start = at + block_quotes.size();
    std::size_t end = start;
    while (end < text_.size()) {
        if (piece(text_, end, block_quotes.size()) == block_quotes) {
            token = make_token(TokenKind::BlockString, at, end + block_quotes.size(),
                               block_string_value(piece(text_, start, end - start), *arena_));
            return true;
        }
        if (text_[end] == '\\' && piece(text_, end + 1, block_quotes.size()) == block_quotes)
            end += 1 + block_quotes.size();
        else if (!skip_character(end))
            return false;
    }
    return fail_at(end, {"Unterminated string."});
}

} // namespace opigno::graphql
