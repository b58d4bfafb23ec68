/*
 * libFuzzer over parser and validation of GraphQL: each input is a document. The first byte chooses
 * the limits, so that they are reached, too.
 *   fuzz_graphql --write_seeds=FOLDER      makes a corpus to start from
 *   fuzz_graphql FOLDER                    runs until it finds something
 */
#include "fuzz/host.hpp"
#include "gateway/graphql/parser.hpp"
#include "gateway/graphql/validation.hpp"
#include "graphql/test_schema.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

namespace {

using namespace opigno;

void check(bool holds, const char *law)
{
    if (holds)
        return;
    std::fprintf(stderr, "broken: %s\n", law);
    std::abort();
}

void check_place(std::string_view text, graphql::Offset at)
{
    check(at <= text.size(), "a place is in the text");
    const graphql::Position position = graphql::position_of(text, at);
    check(position.line > 0 && position.column > 0, "lines and columns count from 1");
    graphql::Arena arena;
    const graphql::Position same = graphql::Positions(text, arena).of(at);
    check(same.line == position.line && same.column == position.column, "positions agree");
}

void check_name(std::string_view text, const graphql::Name &name)
{
    check(name.empty() || text.substr(name.at, name.text.size()) == name.text, "a name is where it says");
}

void check_error(std::string_view text, const graphql::Error &error)
{
    check(!error.message.empty(), "an error has a message");
    for (const graphql::Offset at : error.at)
        check_place(text, at);
}

/* Walks over all selections and their values. */
void check_tree(const graphql::Document &document)
{
    std::size_t nodes = 0;
    for (const graphql::Definition &definition : document.definitions) {
        check_name(document.text, definition.name);
        for (auto *at = definition.set->selections.first(); at != nullptr;
             at = graphql::next_selection(*at, *definition.set)) {
            check_name(document.text, at->alias);
            check_name(document.text, at->name);
            check_name(document.text, at->condition);
            check(at->set == nullptr || at->set->owner == at, "a set has its owner");
            ++nodes;
            for (graphql::Value &root : at->arguments)
                for (auto *value = &root; value != nullptr; value = graphql::next_value(*value, root)) {
                    check_name(document.text, value->name);
                    check_place(document.text, value->at);
                    ++nodes;
                }
        }
    }
    check(nodes <= document.tokens, "each node has a token of its own");
}

graphql::Limits limits_of(unsigned char choice)
{
    graphql::Limits limits;
    if ((choice & 1U) != 0)
        limits = {.max_bytes = 400,
                  .max_tokens = 40,
                  .max_depth = 3,
                  .max_aliases = 1,
                  .max_fields = 5,
                  .max_errors = 2};
    return limits;
}

void write_seeds(const std::string &folder)
{
    const std::string documents[] = {
        R"(mutation setUserContext {
             setUserContext(uuid: "3b", displayName: "A", isActive: true, scope: AUTHENTICATED) {
               errors response { id uuid } } })",
        R"({ getUserContext(uuid: "17") { displayName id isActive scope uuid } })",
        R"(query Q($a: [[Int!]!]! = [[1]], $f: UserContextFilter = {names: ["x"], either: [{names: []}]})
             @skip(if: false) {
             x: userContexts(filter: $f, filters: [[$f]], first: 5) {
               edges { node { ...F ...G profiles(ids: $a) { id } } } totalItems }
             x: userContexts(filter: {names: "y"}) { totalItems }
             ... on Query { me { ...F } }
             __schema { types { ...T } } }
           fragment F on UserContext { uuid @include(if: true) ...G }
           fragment G on UserContext { id: uuid ...F }
           fragment T on __Type { name fields { type { ...T } } })",
        R"("""
             block \"""
               string
           """
           query D("v" $v: JSON) { a(b: "\u{1F600}\uD83D\uDE00\n", c: -1.5e3, d: $v) })",
        "{ a { a { a { a { a { a(a: [[[[{a: [$a]}]]]]) } } } } } } # comment",
        "type Query { a: Int } { a(a: 'x') { } }",
    };
    int number = 0;
    for (const std::string &document : documents) {
        std::ofstream(folder + "/wide" + std::to_string(number), std::ios::binary) << '0' << document;
        std::ofstream(folder + "/narrow" + std::to_string(number++), std::ios::binary) << '1' << document;
    }
}

} // namespace

extern "C" int LLVMFuzzerInitialize(int *count, char ***arguments)
{
    constexpr std::string_view option = "--write_seeds=";
    for (int at = 1; at < *count; ++at) {
        const std::string_view argument((*arguments)[at]);
        if (argument.substr(0, option.size()) == option) {
            write_seeds(std::string(argument.substr(option.size())));
            std::exit(0);
        }
    }
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    if (size == 0)
        return 0;
    const test::Arena memory;
    const graphql::Limits limits = limits_of(data[0]);
    const std::string_view text(reinterpret_cast<const char *>(data) + 1, size - 1);
    graphql::Arena arena;
    graphql::Error error;
    graphql::Document *document = graphql::parse(text, limits, arena, error);
    if (document == nullptr) {
        check(error.at.size() == 1, "an error of the parser has one place");
        check_error(text, error);
        return 0;
    }
    check(text.size() <= limits.max_bytes && document->tokens <= limits.max_tokens, "limits are kept");
    check_tree(*document);
    const graphql::Errors errors = graphql::validate(*document, test::graphql_tables::schema, limits, arena);
    check(errors.size() <= limits.max_errors + 1, "errors are limited");
    for (const graphql::Error &one : errors)
        check_error(text, one);
    const graphql::Errors again = graphql::validate(*document, test::graphql_tables::schema, limits, arena);
    check(again.size() == errors.size(), "validation repeats itself");
    graphql::find_operation(*document, "Q", arena, error);
    return 0;
}
