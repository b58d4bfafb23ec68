/*
 * Reads documents from stdin, each a line with its number of bytes and then its text, and prints a
 * line of JSON for each: the error of the parser, or the tree and the errors of validation. With the
 * argument "schema", prints the schema that it validates with.
 */
#include "fuzz/host.hpp"
#include "gateway/graphql/parser.hpp"
#include "graphql/print_schema.hpp"
#include "graphql/print_tree.hpp"
#include "graphql/test_schema.hpp"

#include <iostream>

namespace {

using namespace opigno;

std::string print(const graphql::Error &error, const test::TreePrinter &printer)
{
    std::string places;
    for (const graphql::Offset at : error.at)
        places += (places.empty() ? "" : ",") + printer.place(at);
    return "[" + test::quoted(error.message) + ",[" + places + "]]";
}

std::string print(const graphql::Errors &errors, const test::TreePrinter &printer)
{
    std::string made = "[";
    for (const graphql::Error &error : errors)
        made += (made.size() == 1 ? "" : ",") + print(error, printer);
    return made + "]";
}

std::string read(const std::string &text)
{
    const test::Arena memory;
    const test::TreePrinter printer(text);
    graphql::Limits limits;
    limits.max_aliases = limits.max_fields;
    graphql::Arena arena;
    graphql::Error error;
    graphql::Document *document = graphql::parse(text, limits, arena, error);
    if (document == nullptr)
        return "{\"syntax\":" + print(error, printer) + "}";
    graphql::Arena scratch;
    const auto errors = graphql::validate(*document, test::graphql_tables::schema, limits, scratch);
    return "{\"tree\":" + printer.print(*document) + ",\"errors\":" + print(errors, printer) + "}";
}

} // namespace

int main(int count, char **arguments)
{
    if (count > 1 && std::string_view(arguments[1]) == "schema") {
        const test::Arena memory;
        graphql::Arena arena;
        std::cout << test::SchemaPrinter(arena).print(test::graphql_tables::schema);
        return 0;
    }
    std::string size;
    while (std::getline(std::cin, size)) {
        std::string text(std::stoul(size), '\0');
        std::cin.read(text.data(), static_cast<std::streamsize>(text.size()));
        std::cout << read(text) << "\n";
    }
}
