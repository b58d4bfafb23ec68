#include "gateway/graphql/parser.hpp"

#include "gateway/graphql/decimal.hpp"
#include "gateway/graphql/token_reader.hpp"
#include "gateway/graphql/value_parser.hpp"

#include <algorithm>

namespace opigno::graphql {

namespace {

/* The words that start a definition of a type or an extension of one. */
constexpr std::string_view schema_words[] = {"schema", "scalar", "type",  "interface",
                                             "union",  "enum",   "input", "directive"};

class Parser {
  public:
    Parser(std::string_view text, const Limits &limits, Arena &arena, Error &error)
        : reader_(text, limits, arena, error), arena_(&arena)
    {
    }

    bool parse_document(Document &document);

  private:
    bool parse_definition(Definition &definition);
    bool parse_described(bool has_description, const Token &word, Definition &definition);
    bool parse_operation(Definition &definition);
    bool parse_fragment(Definition &definition);
    bool parse_fragment_name(Name &name);
    bool parse_variables(Chain<Variable> &variables);
    bool parse_variable(Variable &variable);
    bool skip_description() { return !reader_.is_string() || reader_.advance(); }

    bool parse_selection_set(SelectionSet *&set);
    bool open_set(Selection *owner, SelectionSet *&set);
    bool close_sets(SelectionSet *&set);
    bool parse_selection(Selection &selection, bool &has_set);
    bool parse_field(Selection &field);
    bool parse_spread(Selection &selection);

    TokenReader reader_;
    Arena *arena_;
    std::size_t sets_ = 0;
};

bool Parser::parse_document(Document &document)
{
    if (!reader_.advance())
        return false;
    do {
        auto *definition = arena_->make<Definition>();
        definition->at = reader_.token().at;
        definition->number = document.definitions.size();
        document.definitions.add(definition);
        if (!parse_definition(*definition))
            return false;
    } while (!reader_.is(TokenKind::End));
    document.sets = sets_;
    document.tokens = reader_.count();
    return true;
}

bool Parser::parse_definition(Definition &definition)
{
    if (reader_.is(TokenKind::OpenBrace))
        return parse_selection_set(definition.set);
    Token word = reader_.token();
    const bool has_description = reader_.is_string();
    if (has_description && !reader_.look_ahead(word))
        return false;
    return parse_described(has_description, word, definition);
}

/* word: the first token behind the description. */
bool Parser::parse_described(bool has_description, const Token &word, Definition &definition)
{
    if (has_description && word.kind == TokenKind::OpenBrace)
        return reader_.fail_at(
            definition.at, {"Unexpected description, descriptions are not supported on shorthand queries."});
    if (word.kind != TokenKind::Name)
        return reader_.unexpected(word);
    constexpr std::string_view operations[] = {"query", "mutation", "subscription"};
    const auto *operation = std::find(std::begin(operations), std::end(operations), word.text);
    if (operation != std::end(operations)) {
        definition.kind = static_cast<DefinitionKind>(operation - operations);
        return parse_operation(definition);
    }
    if (word.text == "fragment")
        return parse_fragment(definition);
    const bool is_schema =
        std::find(std::begin(schema_words), std::end(schema_words), word.text) != std::end(schema_words);
    if (is_schema || (word.text == "extend" && !has_description))
        return reader_.fail_at(definition.at, {"Definitions of a schema are not executable."});
    if (has_description)
        return reader_.fail_at(definition.at,
                               {"Unexpected description, only GraphQL definitions support descriptions."});
    return reader_.unexpected(word);
}

bool Parser::parse_operation(Definition &definition)
{
    if (!skip_description() || !reader_.advance())
        return false;
    if (reader_.is(TokenKind::Name) && !reader_.expect_name(definition.name))
        return false;
    return parse_variables(definition.variables) &&
           parse_directives(reader_, *arena_, false, definition.directives) &&
           parse_selection_set(definition.set);
}

bool Parser::parse_fragment(Definition &definition)
{
    definition.kind = DefinitionKind::Fragment;
    return skip_description() && reader_.advance() && parse_fragment_name(definition.name) &&
           reader_.expect_keyword("on") && reader_.expect_name(definition.condition) &&
           parse_directives(reader_, *arena_, false, definition.directives) &&
           parse_selection_set(definition.set);
}

bool Parser::parse_fragment_name(Name &name)
{
    return reader_.is_keyword("on") ? reader_.unexpected() : reader_.expect_name(name);
}

bool Parser::parse_variables(Chain<Variable> &variables)
{
    bool open = false;
    if (!reader_.accept(TokenKind::OpenParenthesis, open))
        return false;
    while (open) {
        auto *variable = arena_->make<Variable>();
        variables.add(variable);
        bool closed = false;
        if (!parse_variable(*variable) || !reader_.accept(TokenKind::CloseParenthesis, closed))
            return false;
        open = !closed;
    }
    return true;
}

bool Parser::parse_variable(Variable &variable)
{
    variable.at = reader_.token().at;
    bool has_default = false;
    if (!skip_description() || !reader_.expect(TokenKind::Dollar) || !reader_.expect_name(variable.name) ||
        !reader_.expect(TokenKind::Colon) || !parse_type(reader_, variable.type_name) ||
        !reader_.accept(TokenKind::Equals, has_default))
        return false;
    if (has_default) {
        variable.default_value = arena_->make<Value>();
        if (!parse_value(reader_, *arena_, true, *variable.default_value))
            return false;
    }
    return parse_directives(reader_, *arena_, true, variable.directives);
}

bool Parser::open_set(Selection *owner, SelectionSet *&set)
{
    set = arena_->make<SelectionSet>();
    set->at = reader_.token().at;
    set->number = sets_++;
    set->owner = owner;
    return (!reader_.is(TokenKind::OpenBrace) || reader_.enter()) && reader_.expect(TokenKind::OpenBrace);
}

/* Leaves the sets that end here. Sets `set` to the one that goes on, or nullptr. */
bool Parser::close_sets(SelectionSet *&set)
{
    for (;;) {
        bool closed = false;
        if (!reader_.accept(TokenKind::CloseBrace, closed))
            return false;
        if (!closed)
            return true;
        reader_.leave();
        set = set->owner != nullptr ? set->owner->home : nullptr;
        if (set == nullptr)
            return true;
    }
}

bool Parser::parse_selection_set(SelectionSet *&set)
{
    if (!open_set(nullptr, set))
        return false;
    for (SelectionSet *open = set; open != nullptr;) {
        auto *selection = arena_->make<Selection>();
        selection->home = open;
        open->selections.add(selection);
        bool has_set = false;
        if (!parse_selection(*selection, has_set))
            return false;
        if (!has_set) {
            if (!close_sets(open))
                return false;
            continue;
        }
        if (!open_set(selection, selection->set))
            return false;
        open = selection->set;
    }
    return true;
}

/* Reads what stands before the set of the selection. */
bool Parser::parse_selection(Selection &selection, bool &has_set)
{
    selection.at = reader_.token().at;
    if (!(reader_.is(TokenKind::Spread) ? parse_spread(selection) : parse_field(selection)))
        return false;
    has_set = selection.kind == SelectionKind::InlineFragment ||
              (selection.kind == SelectionKind::Field && reader_.is(TokenKind::OpenBrace));
    return true;
}

bool Parser::parse_field(Selection &field)
{
    bool has_alias = false;
    if (!reader_.expect_name(field.name) || !reader_.accept(TokenKind::Colon, has_alias))
        return false;
    if (has_alias) {
        field.alias = field.name;
        if (!reader_.expect_name(field.name))
            return false;
    }
    return parse_arguments(reader_, *arena_, false, field.arguments) &&
           parse_directives(reader_, *arena_, false, field.directives);
}

bool Parser::parse_spread(Selection &selection)
{
    if (!reader_.advance())
        return false;
    if (reader_.is(TokenKind::Name) && reader_.token().text != "on") {
        selection.kind = SelectionKind::FragmentSpread;
        if (!reader_.expect_name(selection.name))
            return false;
    } else {
        selection.kind = SelectionKind::InlineFragment;
        const bool has_condition = reader_.is(TokenKind::Name);
        if (has_condition && !(reader_.advance() && reader_.expect_name(selection.condition)))
            return false;
    }
    return parse_directives(reader_, *arena_, false, selection.directives);
}

} // namespace

Document *parse(std::string_view text, const Limits &limits, Arena &arena, Error &error)
{
    if (text.size() > limits.max_bytes) {
        fail(error, arena, limits.max_bytes,
             {"Document has more than ", decimal(limits.max_bytes, arena), " bytes."});
        return nullptr;
    }
    auto *document = arena.make<Document>();
    document->text = text;
    return Parser(text, limits, arena, error).parse_document(*document) ? document : nullptr;
}

const Definition *find_operation(const Document &document, std::string_view name, Arena &arena, Error &error)
{
    const Definition *found = nullptr;
    for (const Definition &definition : document.definitions) {
        if (!definition.is_operation() || (!name.empty() && definition.name.text != name))
            continue;
        if (found != nullptr) {
            error = {"Must provide operation name if query contains multiple operations.", {}};
            return nullptr;
        }
        found = &definition;
    }
    if (found == nullptr)
        error = {name.empty() ? "Must provide an operation."
                              : arena.join({"Unknown operation named \"", name, "\"."}),
                 {}};
    return found;
}

} // namespace opigno::graphql
