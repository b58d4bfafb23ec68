#include "gateway/graphql/value_parser.hpp"

namespace opigno::graphql {

namespace {

/* The value of a name: a literal or an enum value. */
void take_name(const Token &token, Value &value)
{
    value.text = token.text;
    value.kind = ValueKind::Enum;
    if (token.text == "true" || token.text == "false") {
        value.kind = ValueKind::Boolean;
    } else if (token.text == "null") {
        value.kind = ValueKind::Null;
        value.text = {};
    }
}

bool parse_variable(TokenReader &reader, bool is_constant, Value &value)
{
    const Token dollar = reader.token();
    value.kind = ValueKind::Variable;
    if (!reader.advance())
        return false;
    if (is_constant && reader.is(TokenKind::Name))
        return reader.fail_at(dollar.at,
                              {"Unexpected variable \"$", reader.token().text, "\" in constant value."});
    if (is_constant)
        return reader.unexpected(dollar);
    Name name;
    if (!reader.expect_name(name))
        return false;
    value.text = name.text;
    return true;
}

/* Reads a value, but of a list or an object only the opening bracket. */
bool parse_start(TokenReader &reader, bool is_constant, Value &value)
{
    const Token &token = reader.token();
    value.at = token.at;
    switch (token.kind) {
    case TokenKind::OpenBracket:
        value.kind = ValueKind::List;
        return reader.enter() && reader.advance();
    case TokenKind::OpenBrace:
        value.kind = ValueKind::Object;
        return reader.enter() && reader.advance();
    case TokenKind::Int:
    case TokenKind::Float:
        value.kind = token.kind == TokenKind::Int ? ValueKind::Int : ValueKind::Float;
        value.text = token.text;
        return reader.advance();
    case TokenKind::String:
    case TokenKind::BlockString:
        value.kind = ValueKind::String;
        value.is_block = token.kind == TokenKind::BlockString;
        value.text = token.text;
        return reader.advance();
    case TokenKind::Name:
        take_name(token, value);
        return reader.advance();
    case TokenKind::Dollar:
        return parse_variable(reader, is_constant, value);
    default:
        return reader.unexpected();
    }
}

/* Leaves the lists and objects that end here. Sets `open` to the one that goes on, or nullptr. */
bool close(TokenReader &reader, Value *&open)
{
    while (open != nullptr) {
        bool closed = false;
        const bool is_list = open->kind == ValueKind::List;
        if (!reader.accept(is_list ? TokenKind::CloseBracket : TokenKind::CloseBrace, closed))
            return false;
        if (!closed)
            return true;
        reader.leave();
        open = open->parent;
    }
    return true;
}

bool parse_argument(TokenReader &reader, Arena &arena, bool is_constant, Value &argument)
{
    return reader.expect_name(argument.name) && reader.expect(TokenKind::Colon) &&
           parse_value(reader, arena, is_constant, argument);
}

} // namespace

bool parse_value(TokenReader &reader, Arena &arena, bool is_constant, Value &value)
{
    const auto opens = [](const Value &started) {
        return started.kind == ValueKind::List || started.kind == ValueKind::Object;
    };
    if (!parse_start(reader, is_constant, value))
        return false;
    Value *open = opens(value) ? &value : nullptr;
    while (close(reader, open) && open != nullptr) {
        auto *item = arena.make<Value>();
        item->parent = open;
        if (open->kind == ValueKind::Object &&
            !(reader.expect_name(item->name) && reader.expect(TokenKind::Colon)))
            return false;
        if (!parse_start(reader, is_constant, *item))
            return false;
        open->items.add(item);
        if (opens(*item))
            open = item;
    }
    return open == nullptr;
}

bool parse_arguments(TokenReader &reader, Arena &arena, bool is_constant, Chain<Value> &arguments)
{
    bool open = false;
    if (!reader.accept(TokenKind::OpenParenthesis, open))
        return false;
    while (open) {
        auto *argument = arena.make<Value>();
        arguments.add(argument);
        bool closed = false;
        if (!parse_argument(reader, arena, is_constant, *argument) ||
            !reader.accept(TokenKind::CloseParenthesis, closed))
            return false;
        open = !closed;
    }
    return true;
}

bool parse_directives(TokenReader &reader, Arena &arena, bool is_constant, Chain<Directive> &directives)
{
    while (reader.is(TokenKind::At)) {
        auto *directive = arena.make<Directive>();
        directive->at = reader.token().at;
        directives.add(directive);
        if (!reader.advance() || !reader.expect_name(directive->name) ||
            !parse_arguments(reader, arena, is_constant, directive->arguments))
            return false;
    }
    return true;
}

bool parse_type(TokenReader &reader, TypeName &type)
{
    type.at = reader.token().at;
    unsigned open = 0;
    for (; reader.is(TokenKind::OpenBracket); ++open)
        if (open == Layers::max_lists)
            return reader.fail_at(reader.token().at, {"Type contains more than 15 lists."});
        else if (!reader.advance())
            return false;
    if (!reader.expect_name(type.name))
        return false;
    for (;;) {
        bool is_non_null = false;
        if (!reader.accept(TokenKind::Bang, is_non_null))
            return false;
        if (is_non_null)
            type.layers = type.layers.within(Layer::NonNull);
        if (open-- == 0)
            return true;
        if (!reader.expect(TokenKind::CloseBracket))
            return false;
        type.layers = type.layers.within(Layer::List);
    }
}

} // namespace opigno::graphql
